import type { RequestFailure } from '../core-messages.ts';
import type { CallAnswer } from '../../transport/transport.ts';
import { isAccepted } from '../is-accepted.ts';
import type { CoreParts } from './core-parts.ts';
import { stopSession } from './hang-up.ts';
import { settleAll } from './settle-all.ts';

/** The framework and all of its tasks are to end. No task is launched from now on. */
export function onTeardown(core: CoreParts, request: number): void {
  if (core.standing !== 'open' || !core.outbox.isOpen) {
    const kind = core.standing === 'open' ? 'not-subscribed' : core.standing;
    core.outbox.push({ type: 'torn-down', request, failure: { kind } });
    return;
  }
  core.teardownRequests.push(request);
  if (core.teardownRequests.length === 1) sendTeardown(core);
}

/** Once more after a new subscription, if the first one may not have been heard. */
export function sendTeardown(core: CoreParts): void {
  core.errands.set(core.outbox.send({ type: 'TEARDOWN' }), { kind: 'teardown' });
}

/** Refused while the subscription stands: the framework goes on. Else it is sent again after the next SUBSCRIBED. */
export function onTeardownAnswered(core: CoreParts, answer: CallAnswer): void {
  if (isAccepted(answer)) return onTornDown(core);
  const { status, text } = answer;
  if (core.outbox.isOpen) failTeardowns(core, { kind: 'refused', status, text });
}

/** The master has removed the framework: nothing of it is left to remember. */
export function onTornDown(core: CoreParts): void {
  for (const task of core.book.all()) {
    if (core.book.owns(task)) core.outbox.remove(task.record.id);
  }
  core.frameworkId = undefined;
  core.outbox.storeFrameworkId(null);
  for (const request of core.teardownRequests.splice(0)) core.outbox.push({ type: 'torn-down', request });
  settleAll(core, 'torn-down');
  stopSession(core);
  core.book.clear();
  core.ended.clear();
}

export function failTeardowns(core: CoreParts, failure: RequestFailure): void {
  for (const request of core.teardownRequests.splice(0))
    core.outbox.push({ type: 'torn-down', request, failure });
}
