import type { CoreParts } from './core-parts.ts';
import { settleReconciliations } from './reconciliation.ts';

/** The subscription is no more: its offers are void, its calls are not answered, its questions neither. */
export function closeSubscription(core: CoreParts): void {
  core.outbox.shut();
  core.offers.clear();
  core.hasNewOffers = false;
  core.probes.clear();
  core.demand.onLost();
  core.plan.cancel();
  settleReconciliations(core, { kind: 'not-subscribed' });
  forgetCalls(core);
}

/** Ends the session from this side. */
export function stopSession(core: CoreParts): void {
  for (const action of core.session.stop()) {
    if (action.type === 'disconnect') {
      core.outbox.push({ type: 'disconnect', connection: core.outbox.connection });
    }
  }
  closeSubscription(core);
}

/** The subscription is lost: its calls will not be answered. What they were about is asked after the next SUBSCRIBED. */
function forgetCalls(core: CoreParts): void {
  for (const [callId, errand] of core.errands) {
    if (errand.kind !== 'user') continue;
    const text = 'the subscription ended before an answer came: the call may have been heard, or not';
    core.outbox.push({ type: 'called', request: errand.request, outcome: { callId, status: 0, text } });
  }
  core.errands.clear();
}
