import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { ApiKeys } from './api-keys.ts';
import { ApiStore } from './api-store.ts';
import type { PublicUrl } from './public-url.ts';
import { RequestLimits } from './request-limits.ts';

/** What lives as long as the platform does: the APIs, the keys that open them, and how often they were asked. */
export interface PlatformGateway {
  readonly apis: ApiStore;
  readonly keys: ApiKeys;
  readonly limits: RequestLimits;
  readonly publicUrl: PublicUrl;
}

export function openGateway(deps: {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'key' | 'token'>;
  readonly logger: Logger;
  readonly publicUrl: PublicUrl;
}): PlatformGateway {
  return {
    apis: ApiStore.open(deps),
    keys: ApiKeys.open(deps),
    limits: new RequestLimits(deps.clock),
    publicUrl: deps.publicUrl,
  };
}
