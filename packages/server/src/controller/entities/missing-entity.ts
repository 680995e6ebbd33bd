import { errorTexts } from '@vibrissa/protocol';
import { notFound, RequestError } from '../../http/request-error.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';

/** What to throw where an entity was looked for in vain: 404, or 409 when the name is that of something else. */
export async function missingEntity(
  artifacts: Pick<ArtifactStore, 'typeOf'>,
  place: { readonly namespace: string; readonly name: string },
): Promise<RequestError> {
  const type = await artifacts.typeOf(place.namespace, place.name);
  return type === undefined ? notFound() : new RequestError(409, errorTexts.notInCollection);
}
