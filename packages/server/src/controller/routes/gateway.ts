import type { SystemLimits } from '@vibrissa/protocol';
import { GATEWAY_PREFIX } from '../../gateway/find-operation.ts';
import { Gateway } from '../../gateway/gateway.ts';
import type { RawRoute } from '../../http/route.ts';
import { payloadBody } from './entity-routes.ts';
import type { PlatformGateway } from '../../gateway/platform-gateway.ts';

/** What serving users' APIs stands on, beside web actions. */
export interface GatewayRouteDeps {
  readonly gateway: PlatformGateway;
  readonly limits: SystemLimits;
}

/** The platform's own API lies there. */
const PLATFORM_API = /^\/api\/v\d+(?:[/?]|$)/;

/** `/api/{namespace}/{basepath}/{path}`: the APIs that users have made of their web actions, for everybody. */
export function gatewayRoutes(
  { gateway, limits }: GatewayRouteDeps,
  [webAction]: readonly RawRoute[],
): RawRoute[] {
  if (!webAction) return [];
  const served = new Gateway({ ...gateway, webAction: (call) => webAction.handle(call) });
  return [
    {
      method: 'ANY',
      path: GATEWAY_PREFIX,
      except: PLATFORM_API,
      access: 'public',
      bodyLimit: payloadBody(limits),
      handle: (call) => served.serve(call),
    },
  ];
}
