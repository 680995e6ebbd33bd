import type { SessionAction } from '../../session/session.ts';
import type { MasterUrl } from '../../transport/transport.ts';
import type { SubscribeCall } from '../../wire/index.ts';
import type { Notice } from '../core-messages.ts';
import { buryTasks } from './bury-tasks.ts';
import type { CoreParts, Standing } from './core-parts.ts';
import { closeSubscription } from './hang-up.ts';
import { kill } from './kill.ts';
import { beginReconciliation } from './reconciliation.ts';
import { settleAll } from './settle-all.ts';
import { onTornDown, sendTeardown } from './teardown.ts';

/** Does what the session says, in its order. */
export function applyActions(core: CoreParts, actions: readonly SessionAction[]): void {
  for (const action of actions) applyAction(core, action);
}

function applyAction(core: CoreParts, action: SessionAction): void {
  switch (action.type) {
    case 'detect':
      return core.outbox.push({ type: 'detect-masters' });
    case 'connect':
      return connect(core, action.master);
    case 'disconnect':
      core.outbox.push({ type: 'disconnect', connection: core.outbox.connection });
      return closeSubscription(core);
    case 'subscribed':
      return onSubscribed(core, action);
    case 'lost':
      return onLost(core, action);
    case 'stepped-down':
      return onEnd(core, 'not-leader', { kind: 'stepped-down', reason: action.reason });
    case 'removed':
      return onRemoved(core, action.reason);
    case 'refused':
      // What waits goes on waiting: whoever opened this client may mend it and start again.
      closeSubscription(core);
      return core.outbox.notice({ kind: 'refused', status: action.status, reason: action.reason });
  }
}

function onLost(core: CoreParts, action: SessionAction & { type: 'lost' }): void {
  const { reason, retryInMs, status } = action;
  closeSubscription(core);
  core.outbox.notice({ kind: 'lost', reason, retryInMs, ...(status === undefined ? {} : { status }) });
}

function connect(core: CoreParts, master: MasterUrl): void {
  const { nowMs } = core.moment;
  if (!core.options.mayAct(nowMs)) return applyActions(core, core.session.leadership(nowMs, false));
  // A SUBSCRIBE replaces everything that the master was told before.
  core.wishes.forget();
  const connection = core.outbox.nextConnection();
  core.outbox.push({ type: 'connect', connection, master, call: subscribeCall(core) });
}

/** The framework's id stands in both places or in none. */
function subscribeCall(core: CoreParts): SubscribeCall {
  const suppressed = core.demand.suppressedRoles();
  const id = core.frameworkId === undefined ? undefined : { value: core.frameworkId };
  return {
    type: 'SUBSCRIBE',
    ...(id ? { framework_id: id } : {}),
    subscribe: {
      framework_info: { ...core.options.framework, ...(id ? { id } : {}) },
      ...(suppressed.length > 0 ? { suppressed_roles: suppressed } : {}),
    },
  };
}

function onSubscribed(core: CoreParts, action: SessionAction & { type: 'subscribed' }): void {
  const { frameworkId, masterInfo, newMaster } = action;
  const { nowMs } = core.moment;
  core.wishes.meet(masterInfo?.version);
  if (frameworkId !== core.frameworkId) core.outbox.storeFrameworkId(frameworkId);
  core.frameworkId = frameworkId;
  core.outbox.open(frameworkId);
  if (newMaster) meetMaster(core, masterInfo?.id);
  core.outbox.notice({
    kind: 'subscribed',
    frameworkId,
    ...(masterInfo?.version === undefined ? {} : { masterVersion: masterInfo.version }),
    ...(masterInfo === undefined ? {} : { masterId: masterInfo.id }),
  });
  // No RESCIND tells that the offers of before are void.
  core.offers.clear();
  core.demand.onSubscribed(nowMs);
  if (core.teardownRequests.length > 0) return sendTeardown(core);
  beginReconciliation(core);
  for (const task of core.book.unwanted) kill(core, task);
}

/** How far the clocks of this machine, of a former instance's and of the master's may be apart. */
const SKEW_MS = 1000;

/**
 * Of a master that has just been met nothing is known: agents may be on their way back to it. But where it is known since
 * when it leads, that counts; and what was launched since then was launched under this very master.
 */
function meetMaster(core: CoreParts, id: string | undefined): void {
  const { nowMs, epochMs } = core.moment;
  const { knownMaster } = core.options;
  core.masterEpoch += 1;
  core.masterSinceMs = nowMs;
  if (knownMaster === undefined || knownMaster.id !== id) return;
  core.masterSinceMs = nowMs - Math.max(0, epochMs - knownMaster.sinceEpochMs - SKEW_MS);
  for (const task of core.book.launched()) {
    const { launchedAtMs = 0 } = task.record;
    if (launchedAtMs > knownMaster.sinceEpochMs + SKEW_MS) task.masterEpoch = core.masterEpoch;
  }
}

/** The framework is dead, and so are its tasks: its master kills them, on agents that come back later, too. */
function onRemoved(core: CoreParts, reason: string): void {
  closeSubscription(core);
  // That is what was asked for, though its answer was lost.
  if (core.teardownRequests.length > 0) return onTornDown(core);
  const recordedTasks = core.book.size;
  if (core.options.removedFramework === 'fail') {
    return onEnd(core, 'framework-removed', { kind: 'removed', reason, recordedTasks });
  }
  core.outbox.warn('the master has removed the framework: its tasks have ended, a new id is asked for', {
    frameworkId: core.frameworkId,
    reason,
    recordedTasks,
  });
  buryTasks(core, reason);
  core.frameworkId = undefined;
  core.outbox.storeFrameworkId(null);
  applyActions(core, core.session.start(core.moment.nowMs));
}

function onEnd(
  core: CoreParts,
  standing: Exclude<Standing, 'open'>,
  notice: Notice & { readonly kind: 'stepped-down' | 'removed' },
): void {
  closeSubscription(core);
  core.outbox.notice(notice);
  settleAll(core, standing);
}
