import { GATEWAY_PREFIX } from '../../gateway/find-operation.ts';
import { Gateway } from '../../gateway/gateway.ts';
import type { RawRoute } from '../../http/route.ts';
import { payloadBody } from './entity-routes.ts';
import type { RouteDeps } from './route-deps.ts';

/** The platform's own API lies there. */
const PLATFORM_API = /^\/api\/v\d+(?:[/?]|$)/;

/** `/api/{namespace}/{basepath}/{path}`: the APIs that users have made of their web actions, for everybody. */
export function gatewayRoutes(
  { gateway, limits }: Pick<RouteDeps, 'gateway' | 'limits'>,
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
