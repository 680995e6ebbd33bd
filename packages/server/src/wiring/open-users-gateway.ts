import { openGateway, type PlatformGateway } from '../gateway/platform-gateway.ts';
import { publicUrlOf } from '../gateway/public-url.ts';
import { apiUrlOf } from './api-url.ts';
import type { Foundation } from './foundation.ts';
import type { OpenStores } from './open-stores.ts';

interface UsersGatewayDeps extends Foundation {
  readonly stores: Pick<OpenStores, 'artifacts'>;
}

/** The gateway, which tells users the host of the settings, or else the one that they have used themselves. */
export function openUsersGateway({ clock, config, ids, logger, stores }: UsersGatewayDeps): PlatformGateway {
  const url = apiUrlOf(config, { here: '127.0.0.1', port: config.http.port });
  const publicUrl = publicUrlOf({
    fixed: config.http.apiHost === undefined ? undefined : url,
    scheme: url.slice(0, url.indexOf(':')),
    fallback: url,
  });
  const { artifacts } = stores;
  return openGateway({ artifacts, clock, ids, publicUrl, logger: logger.child({ component: 'gateway' }) });
}
