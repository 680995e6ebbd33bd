import type { Route } from '../../http/route.ts';
import { actionListRoutes } from './actions-list.ts';
import { actionRoutes } from './actions.ts';
import { activationRoutes } from './activations.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { documentRoutes } from './documents/document-routes.ts';
import { gatewayRoutes } from './gateway.ts';
import { infoRoutes } from './info.ts';
import { invokeRoutes } from './invoke.ts';
import { monitoringRoutes } from './monitoring.ts';
import { namespaceRoutes } from './namespaces.ts';
import { packageListRoutes } from './packages-list.ts';
import { packageRoutes } from './packages.ts';
import type { RouteDeps } from './route-deps.ts';
import { ruleRoutes } from './rules.ts';
import { triggerRoutes } from './triggers.ts';
import { webActionRoutes } from './web-actions.ts';
import { webhookRoutes } from './webhooks.ts';

/** Parts of the API that a listener may carry: OpenWhisk's API with its documents, and the operators' pages. */
export type RouteGroup = 'api' | 'monitoring';

/**
 * All routes of the groups, for `createServer({ routes, … })`.
 *
 *     const routes = registerRoutes(deps, ['api', 'monitoring']);
 */
export function registerRoutes(deps: RouteDeps, groups: readonly RouteGroup[]): Route[] {
  const routes: Route[] = [];
  if (groups.includes('api')) {
    const webActions = webActionRoutes(deps);
    const api: Route[] = [
      ...infoRoutes(deps),
      ...namespaceRoutes(deps),
      ...actionListRoutes(deps),
      ...actionRoutes(deps),
      ...invokeRoutes(deps),
      ...activationRoutes(deps),
      ...packageListRoutes(deps),
      ...packageRoutes(deps),
      ...triggerRoutes(deps),
      ...ruleRoutes(deps),
      ...webActions,
      ...webhookRoutes(deps),
      ...gatewayRoutes(deps, webActions),
      ...apiKeyRoutes(deps),
    ];
    routes.push(...api, ...documentRoutes(api, deps));
  }
  if (groups.includes('monitoring')) routes.push(...monitoringRoutes(deps));
  return routes;
}
