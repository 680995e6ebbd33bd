import type { KnownRuntimes, SystemLimits } from '@vibrissa/protocol';

import { CodeReads } from '../controller/actions/code-reads.ts';
import { Authenticator } from '../controller/auth/authenticate.ts';
import { Entitlements } from '../controller/entitlement/check-entitlement.ts';
import type { Dispatch } from '../controller/invocation/dispatch.ts';
import { Invocations } from '../controller/invocation/invoke-action.ts';
import type { RouteDeps } from '../controller/routes/register-routes.ts';
import type { MessageBus } from '../messaging/message-bus.ts';
import { VERSION } from '../version.ts';
import { BUILD_NUMBER, type Foundation } from './foundation.ts';
import { openEntities } from './open-entities.ts';
import type { OpenFeeds } from './open-feeds.ts';
import { openInvoking } from './open-invoking.ts';
import type { OpenStores } from './open-stores.ts';
import { openUsersGateway } from './open-users-gateway.ts';

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
  const { bus, clock, ids, limits, logger, metrics, random, runtimes, stores } = deps;
  const { activations, artifacts, attachments, auth, journal } = stores;
  const authenticator = Authenticator.open({ auth, clock, metrics });
  const entities = openEntities(deps);
  const { actions, packages } = entities;
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
  const gateway = openUsersGateway(deps);
  const { dispatch, feeds, fires } = openInvoking({
    ...deps,
    entities,
    entitlements,
    gateway,
    containers: invocations,
  });
  const monitoring = {
    metricsText: deps.metricsText,
    invokers: () => invocations.invokers().map(([id, state]) => ({ id: `invoker${id}`, state })),
    disabler: deps.config.controller.disabler,
    disable: () => dispatch.disable(),
  };
  const build = { build: VERSION, buildno: BUILD_NUMBER };
  const routes: RouteDeps = {
    ...entities,
    gateway,
    deliveries: feeds.deliveries,
    identities: authenticator,
    artifacts,
    attachments,
    codeReads: CodeReads.open(attachments),
    activations,
    entitlements,
    invocations: dispatch,
    fires,
    parameterLocks: deps.parameterLocks,
    limits,
    runtimes,
    clock,
    build,
    monitoring,
  };
  return { authenticator, invocations, dispatch, feeds, routes };
}
