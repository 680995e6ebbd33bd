import type { Route } from '../../http/route.ts';
import { actionListRoutes, type ActionListRouteDeps } from './actions-list.ts';
import type { ActionRouteDeps } from './actions-write.ts';
import { actionRoutes } from './actions.ts';
import { activationRoutes, type ActivationRouteDeps } from './activations.ts';
import { apiKeyRoutes, type ApiKeyRouteDeps } from './api-keys.ts';
import { documentRoutes } from './documents/document-routes.ts';
import { gatewayRoutes, type GatewayRouteDeps } from './gateway.ts';
import { infoRoutes, type InfoRouteDeps } from './info.ts';
import { invokeRoutes, type InvokeRouteDeps } from './invoke.ts';
import { monitoringRoutes, type MonitoringRouteDeps } from './monitoring.ts';
import { namespaceRoutes, type NamespaceRouteDeps } from './namespaces.ts';
import { packageListRoutes, type PackageListRouteDeps } from './packages-list.ts';
import type { PackageRouteDeps } from './packages-write.ts';
import { packageRoutes } from './packages.ts';
import { ruleRoutes, type RuleRouteDeps } from './rules.ts';
import { triggerRoutes, type TriggerRouteDeps } from './triggers.ts';
import { webActionRoutes, type WebActionRouteDeps } from './web-actions.ts';
import { webhookRoutes, type WebhookRouteDeps } from './webhooks.ts';

/** Parts of the API that a listener may carry: OpenWhisk's API with its documents, and the operators' pages. */
export type RouteGroup = 'api' | 'monitoring';

/** What all routes together stand on. A file of routes asks for its own part only. */
export type RouteDeps = InfoRouteDeps &
  NamespaceRouteDeps &
  ActionListRouteDeps &
  ActionRouteDeps &
  InvokeRouteDeps &
  ActivationRouteDeps &
  PackageListRouteDeps &
  PackageRouteDeps &
  TriggerRouteDeps &
  RuleRouteDeps &
  WebActionRouteDeps &
  WebhookRouteDeps &
  GatewayRouteDeps &
  ApiKeyRouteDeps &
  MonitoringRouteDeps;

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
