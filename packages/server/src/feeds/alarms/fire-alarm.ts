import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Trails } from '../../base/trail.ts';
import type { FireOutcome, Firing } from '../../controller/invocation/firing.ts';
import type { AuthStore } from '../../store/auth-store.ts';
import { ownerOf } from '../owner-of.ts';
import type { Alarm, TickEnd } from './alarm.ts';

export interface FireAlarmDeps {
  readonly auth: Pick<AuthStore, 'identityOf' | 'subjectsOf' | 'findIdentity'>;
  readonly fires: Firing;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'transactionId'>;
  readonly logger: Logger;
  /** Follows a tick from its trigger to what it begins. */
  readonly trails?: Pick<Trails, 'receive'>;
}

/** What may be otherwise the next time: timeouts, throttles and our own failures. */
function passes(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function endOf(outcome: FireOutcome): TickEnd {
  switch (outcome.outcome) {
    case 'fired':
    case 'idle':
      return { end: 'fired' };
    case 'missing':
      return { end: 'dead', statusCode: 404, why: 'The trigger does not exist any more.' };
    case 'refused': {
      const { message: why, status: statusCode } = outcome;
      if (!passes(statusCode)) return { end: 'dead', statusCode, why };
      return { end: 'refused', why, isLimited: statusCode === 429 };
    }
  }
}

/** Fires the trigger of an alarm as its owner, whose key is looked up anew: it may be gone. Never rejects. */
export async function fireAlarm(deps: FireAlarmDeps, alarm: Alarm): Promise<TickEnd> {
  const { auth, clock, fires, ids, logger } = deps;
  const { namespace, payload, trigger } = alarm;
  const transactionId = ids.transactionId();
  const fields = { component: 'alarms', namespace, trigger };
  const trail = deps.trails?.receive({ transactionId, fields });
  try {
    const identity = await ownerOf(auth, alarm);
    if (!identity) {
      const why = 'The key that the alarm was made with is gone, or its owner is blocked.';
      return { end: 'dead', statusCode: 401, why };
    }
    const child = logger.child({ transactionId });
    const ctx = { transactionId, startedAt: clock.now(), logger: child, clock, trail };
    const outcome = await fires.fire(ctx, {
      identity,
      trigger: { namespace, name: trigger },
      payload: { json: JSON.stringify(payload), value: payload },
      headers: {},
    });
    trail?.end({ outcome: outcome.outcome });
    return endOf(outcome);
  } catch (error) {
    logger.error({ err: error, transactionId, namespace, trigger }, 'An alarm could not fire');
    return { end: 'refused', why: 'The platform could not read its store.' };
  }
}
