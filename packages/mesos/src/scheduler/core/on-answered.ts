import type { CallAnswer } from '../../transport/transport.ts';
import type { SessionCall } from '../../wire/index.ts';
import { isAccepted } from '../is-accepted.ts';
import type { CoreParts, Errand } from './core-parts.ts';
import type { LiveTask } from './live-task.ts';
import { setDeadline } from './settle.ts';
import { onWishesAnswered } from './tell-wishes.ts';
import { onTeardownAnswered } from './teardown.ts';

/** The answer to a call. The session has seen it already, so the subscription may be lost by now. */
export function onAnswered(core: CoreParts, errand: Errand, answer: CallAnswer): void {
  switch (errand.kind) {
    case 'accept':
      if (!isAccepted(answer)) askWhatBecame(core, errand.tasks, answer);
      return;
    case 'user':
      return core.outbox.push({ type: 'called', request: errand.request, outcome: answer });
    case 'teardown':
      return onTeardownAnswered(core, answer);
    case 'wishes':
      return onWishesAnswered(core, answer);
  }
}

/** A call of the user's own. */
export function onCall(core: CoreParts, request: number, call: SessionCall): void {
  if (core.standing === 'open' && core.outbox.isOpen) {
    core.errands.set(core.outbox.send(call), { kind: 'user', request });
    return;
  }
  const kind = core.standing === 'open' ? 'not-subscribed' : core.standing;
  core.outbox.push({ type: 'called', request, outcome: { kind } });
}

/** An ACCEPT that was not accepted, or was perhaps not heard: what Mesos says of its tasks decides. */
function askWhatBecame(core: CoreParts, tasks: readonly LiveTask[], { status, text }: CallAnswer): void {
  if (core.standing !== 'open') return;
  core.outbox.warn('an ACCEPT was refused, or its channel broke: Mesos is asked about its tasks', {
    status,
    text,
  });
  for (const task of tasks) {
    if (task.phase === 'launched' && !task.isConfirmed) setDeadline(core, task, { kind: 'probe', inMs: 0 });
  }
}
