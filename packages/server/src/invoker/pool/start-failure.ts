import { DEVELOPER_ERROR, type ActivationResponse } from '@vibrissa/protocol';
import { ContainerStartError } from '../../containers/container-factory.ts';
import { errorResponse, resultTexts, whiskError } from '../run/interpret-result.ts';

/** What a user reads of a container that could not be started. */
export function startFailure(error: unknown): ActivationResponse {
  if (!(error instanceof ContainerStartError)) return whiskError(resultTexts.noResources);
  if (error.fault === 'developer') return errorResponse(DEVELOPER_ERROR, error.message);
  return whiskError(
    error.told === undefined ? resultTexts.noResources : resultTexts.noResourcesAs(error.told),
  );
}
