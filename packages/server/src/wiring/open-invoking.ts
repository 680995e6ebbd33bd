import type { KnownRuntimes, SystemLimits } from '@vibrissa/protocol';

import type { Entitlements } from '../controller/entitlement/check-entitlement.ts';
import { Dispatch } from '../controller/invocation/dispatch.ts';
import { TriggerFires } from '../controller/invocation/fire-trigger.ts';
import type { Invocations } from '../controller/invocation/invoke-action.ts';
import { BuiltInInvocations } from '../controller/invocation/invoke-built-in.ts';
import { CompositeInvocations } from '../controller/invocation/invoke-composite.ts';
import { apiManagement } from '../gateway/manage-apis.ts';
import { KeptRecords } from '../store/kept-records.ts';
import type { Foundation } from './foundation.ts';
import type { OpenEntities } from './open-entities.ts';
import { openFeeds, type OpenFeeds } from './open-feeds.ts';
import type { OpenStores } from './open-stores.ts';

interface InvokingDeps extends Foundation {
  readonly stores: OpenStores;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
  readonly entities: OpenEntities;
  readonly entitlements: Entitlements;
  readonly gateway: Parameters<typeof apiManagement>[0];
  /** Runs actions in containers. */
  readonly containers: Invocations;
}

/** Whoever runs something for somebody, put together. */
interface OpenInvoking {
  readonly dispatch: Dispatch;
  readonly fires: TriggerFires;
  readonly feeds: OpenFeeds;
}

/** All sorts of actions behind one dispatcher; triggers, that fire them; feeds, that fire triggers. */
export function openInvoking(deps: InvokingDeps): OpenInvoking {
  const { clock, config, containers, entities, entitlements, gateway, ids, limits, logger } = deps;
  const { actions, rules, triggers } = entities;
  const { runtimes, stores } = deps;
  const { artifacts, journal } = stores;
  const feeds = openFeeds({
    ...deps,
    triggers,
    rules,
    // Who fires stands on who invokes, and feeds are invoked.
    fires: { fire: (ctx, request) => fires.fire(ctx, request) },
  });
  const records = KeptRecords.open({ journal, events: deps.events, levels: config.activation });
  const builtIns = BuiltInInvocations.open({
    actions: [...apiManagement(gateway), ...feeds.actions],
    records,
    parameterLocks: deps.parameterLocks,
    clock,
    ids,
    limits,
    logger: logger.child({ component: 'built-in' }),
  });
  const composites = CompositeInvocations.open({
    journal,
    actions,
    entitlements,
    containers,
    clock,
    ids,
    limits,
    logger: logger.child({ component: 'controller' }),
    records,
  });
  const dispatch = Dispatch.open({ containers, builtIns, composites });
  const fires = TriggerFires.open({
    artifacts,
    actions,
    entitlements,
    invocations: dispatch,
    records,
    clock,
    ids,
    limits,
    runtimes,
  });
  return { dispatch, feeds, fires };
}
