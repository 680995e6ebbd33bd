import type { SystemLimits } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { pageOf } from '../../http/query.ts';
import type { AuthenticatedCall } from '../../http/route.ts';
import type { ArtifactStore, EntityOf, EntityQuery, EntityType } from '../../store/artifact-store.ts';

/** Where entities are kept, and how many a page holds. */
interface PageDeps {
  readonly artifacts: Pick<ArtifactStore, 'count' | 'list'>;
  readonly limits: Pick<SystemLimits, 'listLimit'>;
}

/** One collection of a namespace, or a part of it. */
interface Listing<T extends EntityType> {
  readonly collection: 'actions' | 'packages' | 'triggers' | 'rules';
  readonly of: Pick<EntityQuery<T>, 'entityType' | 'namespace' | 'package' | 'publicOnly'>;
  /** An item of the list. */
  readonly summary: (entity: EntityOf<T>) => object;
}

/** The page that the query asks for, newest first, or how many there are. Throws 400. */
export async function answerPage<T extends EntityType>(
  { artifacts, limits }: PageDeps,
  call: AuthenticatedCall,
  { collection, of, summary }: Listing<T>,
): Promise<Answer> {
  const { count, ...page } = pageOf(call.query, collection, limits.listLimit);
  const query: EntityQuery<T> = { ...of, ...page };
  if (count) return json(200, { [collection]: await artifacts.count(query) });
  return json(200, (await artifacts.list(query)).map(summary));
}
