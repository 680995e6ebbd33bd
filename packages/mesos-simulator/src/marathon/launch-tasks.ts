import type { WireTaskInfo } from '@vibrissa/mesos/wire';

import { newUuid } from '../base/uuid.ts';
import { callMaster } from './call-master.ts';
import { isActive, type Instance } from './instance.ts';
import { instancesOf, type AppRecord, type MarathonState } from './marathon-state.ts';
import { matchOffer, placeOf, restOf, type OfferRest } from './match-offer.ts';
import { taskInfo } from './task-info.ts';

/** How long an offer that fits nothing is not made again. */
const REFUSE_SECONDS = 1;

/** Puts waiting tasks on the offers that have come, and declines what is left. */
export function useOffers(state: MarathonState): void {
  const { offers } = state;
  state.offers = [];
  const share = new Map(
    [...state.apps.values()].map(({ id, wanted }) => [id, Math.ceil(wanted / offers.length)] as const),
  );
  for (const offer of offers) {
    const rest = restOf(offer);
    const tasks = fill(state, rest, share);
    if (tasks.length === 0) {
      const filters = { refuse_seconds: REFUSE_SECONDS };
      callMaster(state, { type: 'DECLINE', decline: { offer_ids: [offer.id], filters } });
      continue;
    }
    const operations = [{ type: 'LAUNCH' as const, launch: { task_infos: tasks } }];
    const filters = { refuse_seconds: 0 };
    callMaster(state, { type: 'ACCEPT', accept: { offer_ids: [offer.id], operations, filters } });
  }
}

/** Asks for offers while something waits, and for none otherwise. */
export function tuneOffers(state: MarathonState): void {
  const { session, apps } = state;
  const isWaiting = [...apps.values()].some(({ wanted }) => wanted > 0);
  if (session.phase !== 'subscribed' || isWaiting !== session.isSuppressed) return;
  session.isSuppressed = !isWaiting;
  callMaster(state, { type: isWaiting ? 'REVIVE' : 'SUPPRESS' });
}

/**
 * An app's share of an offer, so that its tasks spread over agents as far as they can; what has found no place comes
 * back with the next offers.
 */
function fill(state: MarathonState, rest: OfferRest, share: ReadonlyMap<string, number>): WireTaskInfo[] {
  const tasks: WireTaskInfo[] = [];
  for (const record of state.apps.values()) {
    const most = Math.min(record.wanted, share.get(record.id) ?? 0);
    for (let count = 0; count < most; count++) {
      const instance = place(state, record, rest);
      if (instance === undefined) break;
      record.wanted--;
      tasks.push(taskInfo(instance));
    }
  }
  return tasks;
}

function place(state: MarathonState, record: AppRecord, rest: OfferRest): Instance | undefined {
  const { app, version, id } = record;
  const { nowMs, epochMs } = state.time;
  const others = instancesOf(state, id).filter(
    (each) => isActive(each, nowMs) && each.version >= record.lastConfigChangeAt,
  );
  const ports = matchOffer(rest, { app, others }, state.random);
  if (ports === undefined) return undefined;
  const { offer } = rest;
  const name = id.split('/').filter(Boolean).join('_');
  const instanceId = `${name}.instance-${newUuid(state.random)}`;
  const instance: Instance = {
    ...placeOf(rest),
    taskId: `${instanceId}._app.1`,
    instanceId,
    app,
    version,
    agentId: offer.agent_id.value,
    ports,
    health: app.healthChecks.map((check) => ({
      check,
      alive: false,
      consecutiveFailures: 0,
      firstSuccess: null,
      lastSuccess: null,
      lastFailure: null,
      lastFailureCause: null,
      nextMs: undefined,
    })),
    stagedAt: new Date(epochMs).toISOString(),
    stagedMs: nowMs,
    state: 'TASK_STAGING',
    ipAddresses:
      offer.url?.address.ip === undefined ? [] : [{ ipAddress: offer.url.address.ip, protocol: 'IPv4' }],
  };
  state.instances.set(instance.taskId, instance);
  return instance;
}
