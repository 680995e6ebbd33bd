import type { KnownRuntimes, SystemLimits } from '@vibrissa/protocol';

import type { Entitlements } from '../controller/entitlement/check-entitlement.ts';
import type { ActionCache } from '../controller/invocation/action-cache.ts';
import { Dispatch } from '../controller/invocation/dispatch.ts';
import { TriggerFires } from '../controller/invocation/fire-trigger.ts';
import type { Invocations } from '../controller/invocation/invoke-action.ts';
import { BuiltInInvocations } from '../controller/invocation/invoke-built-in.ts';
import { CompositeInvocations } from '../controller/invocation/invoke-composite.ts';
import type { RuleWrites } from '../controller/rules/rule-writes.ts';
import type { TriggerWrites } from '../controller/triggers/trigger-writes.ts';
import { apiManagement } from '../gateway/manage-apis.ts';
import { KeptRecords } from '../store/kept-records.ts';
import type { Foundation } from './foundation.ts';
import { openFeeds, type OpenFeeds } from './open-feeds.ts';
import type { OpenStores } from './open-stores.ts';

interface InvokingDeps extends Foundation {
  readonly stores: OpenStores;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
  readonly actions: ActionCache;
  readonly entitlements: Entitlements;
  readonly gateway: Parameters<typeof apiManagement>[0];
  /** Runs actions in containers. */
  readonly containers: Invocations;
  readonly triggers: TriggerWrites;
  readonly rules: RuleWrites;
}

/** Whoever runs something for somebody, put together. */
interface OpenInvoking {
  readonly dispatch: Dispatch;
  readonly fires: TriggerFires;
  readonly feeds: OpenFeeds;
}

/** All sorts of actions behind one dispatcher; triggers, that fire them; feeds, that fire triggers. */
export function openInvoking(deps: InvokingDeps): OpenInvoking {
  const { actions, clock, config, containers, entitlements, gateway, ids, limits, logger } = deps;
  const { rules, runtimes, stores, triggers } = deps;
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
