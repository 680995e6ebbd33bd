import type { KnownRuntimes, SystemLimits } from '@vibrissa/protocol';

import { Authenticator } from '../controller/auth/authenticate.ts';
import { Entitlements } from '../controller/entitlement/check-entitlement.ts';
import { ActionCache } from '../controller/invocation/action-cache.ts';
import type { Dispatch } from '../controller/invocation/dispatch.ts';
import { Invocations } from '../controller/invocation/invoke-action.ts';
import { PackageCache } from '../controller/packages/package-cache.ts';
import { PackageWrites } from '../controller/packages/package-writes.ts';
import type { RouteDeps } from '../controller/routes/route-deps.ts';
import { RuleWrites } from '../controller/rules/rule-writes.ts';
import { TriggerWrites } from '../controller/triggers/trigger-writes.ts';
import { openGateway } from '../gateway/platform-gateway.ts';
import { publicUrlOf } from '../gateway/public-url.ts';
import type { MessageBus } from '../messaging/message-bus.ts';
import { VERSION } from '../version.ts';
import { apiUrlOf } from './api-url.ts';
import { BUILD_NUMBER, type Foundation } from './foundation.ts';
import type { OpenFeeds } from './open-feeds.ts';
import { openInvoking } from './open-invoking.ts';
import type { OpenStores } from './open-stores.ts';

/** What the controller stands on beside the foundation. */
export interface ControllerDeps extends Foundation {
  readonly stores: OpenStores;
  readonly bus: MessageBus;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
}

/** The controller's parts, put together; the listeners serve `routes`. */
export interface Controller {
  readonly authenticator: Authenticator;
  readonly invocations: Invocations;
  readonly dispatch: Dispatch;
  readonly feeds: OpenFeeds;
  readonly routes: RouteDeps;
}

/** Puts the controller together: who calls, whether they may, what runs, and the routes' view of all that. */
export function openController(deps: ControllerDeps): Controller {
  const { bus, clock, config, ids, limits, logger, metrics, random, runtimes, stores } = deps;
  const { activations, artifacts, attachments, auth, journal } = stores;
  const authenticator = Authenticator.open({ auth, clock, metrics });
  const packages = PackageCache.open({ artifacts });
  const actions = ActionCache.open({ artifacts, packages, metrics });
  const invocations = Invocations.open({
    bus,
    journal,
    actions,
    clock,
    ids,
    metrics,
    limits,
    random,
    logger: logger.child({ component: 'controller' }),
  });
  const inFlightOf = (namespaceUuid: string): number => invocations.inFlightOf(namespaceUuid);
  const entitlements = Entitlements.open({
    limits,
    clock,
    metrics,
    events: deps.events,
    packages,
    inFlightOf,
  });
  const url = apiUrlOf(config, { here: '127.0.0.1', port: config.http.port });
  const publicUrl = publicUrlOf({
    fixed: config.http.apiHost === undefined ? undefined : url,
    scheme: url.slice(0, url.indexOf(':')),
    fallback: url,
  });
  const gateway = openGateway({
    artifacts,
    clock,
    ids,
    publicUrl,
    logger: logger.child({ component: 'gateway' }),
  });
  const triggers = TriggerWrites.open({ artifacts, clock });
  const rules = RuleWrites.open({ artifacts, actions, triggers, clock });
  const { dispatch, feeds, fires } = openInvoking({
    ...deps,
    actions,
    entitlements,
    gateway,
    containers: invocations,
    rules,
    triggers,
  });
  const monitoring = {
    metricsText: deps.metricsText,
    invokers: () => invocations.invokers().map(([id, state]) => ({ id: `invoker${id}`, state })),
  };
  const build = { build: VERSION, buildno: BUILD_NUMBER };
  const routes: RouteDeps = {
    gateway,
    deliveries: feeds.deliveries,
    identities: authenticator,
    artifacts,
    attachments,
    activations,
    actions,
    packages,
    packageWrites: PackageWrites.open(),
    entitlements,
    invocations: dispatch,
    fires,
    triggers,
    rules,
    limits,
    runtimes,
    clock,
    build,
    monitoring,
  };
  return { authenticator, invocations, dispatch, feeds, routes };
}
