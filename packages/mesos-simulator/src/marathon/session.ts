import { callMaster } from './call-master.ts';
import type { MarathonState } from './marathon-state.ts';

const RETRY_MS = 1000;
/** So many heartbeats may be missed. */
const MISSED_HEARTBEATS = 5;
const WEEK_SECONDS = 604_800;

export function subscribed(state: MarathonState, frameworkId: string, heartbeatSeconds?: number): void {
  const { session } = state;
  session.frameworkId = frameworkId;
  session.phase = 'subscribed';
  session.retryMs = undefined;
  session.heartbeatMs = heartbeatSeconds === undefined ? undefined : heartbeatSeconds * 1000;
  session.isSuppressed = false;
  const tasks = [...state.instances.values()].map(({ taskId, agentId }) => ({
    task_id: { value: taskId },
    agent_id: { value: agentId },
  }));
  if (tasks.length > 0) callMaster(state, { type: 'RECONCILE', reconcile: { tasks } });
}

/** The master has removed the framework: the next subscription is a new one. */
export function removed(state: MarathonState): void {
  state.session.frameworkId = undefined;
  disconnected(state);
}

export function disconnected({ session, time }: MarathonState): void {
  session.phase = 'idle';
  session.heartbeatMs = undefined;
  session.retryMs = time.nowMs + RETRY_MS;
}

/** Subscribes when it is time to, and gives up a stream on which nothing comes any more. */
export function keepSubscribed(state: MarathonState): void {
  const { session, time } = state;
  if (time.nowMs >= silenceEndsMs(state)) {
    session.phase = 'idle';
    session.retryMs = time.nowMs;
  }
  if (session.phase !== 'idle' || time.nowMs < (session.retryMs ?? Infinity)) return;
  session.phase = 'subscribing';
  session.retryMs = undefined;
  session.lastHeardMs = time.nowMs;
  session.heartbeatMs = undefined;
  state.effects.push({ type: 'subscribe', call: subscribeCall(state) });
}

/** When the session wants to be looked at again. */
export function sessionDeadlineMs(state: MarathonState): number {
  return Math.min(state.session.retryMs ?? Infinity, silenceEndsMs(state));
}

function silenceEndsMs({ session }: MarathonState): number {
  if (session.heartbeatMs === undefined) return Infinity;
  return session.lastHeardMs + MISSED_HEARTBEATS * session.heartbeatMs;
}

function subscribeCall({ session, settings }: MarathonState) {
  const id = session.frameworkId === undefined ? undefined : { value: session.frameworkId };
  return {
    type: 'SUBSCRIBE' as const,
    ...(id ? { framework_id: id } : {}),
    subscribe: {
      framework_info: {
        ...(id ? { id } : {}),
        user: settings.user,
        name: 'marathon',
        roles: ['*'],
        checkpoint: true,
        failover_timeout: WEEK_SECONDS,
        ...(settings.principal === undefined ? {} : { principal: settings.principal }),
        capabilities: (['PARTITION_AWARE', 'TASK_KILLING_STATE', 'MULTI_ROLE', 'REGION_AWARE'] as const).map(
          (type) => ({ type }),
        ),
      },
    },
  };
}
