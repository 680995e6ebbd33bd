import { isActive, isReady, type Instance } from './instance.ts';
import { deploymentsOf, instancesOf, type AppRecord, type MarathonState } from './marathon-state.ts';
import { planRollout, type Member } from './plan-rollout.ts';
import { killTask } from './task-updates.ts';

/** A task that isn't running by then is given up, as its launch may never have been heard. */
const LAUNCH_TIMEOUT_MS = 300_000;
const KILL_RETRY_MS = 10_000;

/** Compares each app with its goal: kills what is too much, counts what is missing, ends deployments that are done. */
export function reviewApps(state: MarathonState): void {
  for (const instance of state.instances.values()) reviewInstance(state, instance);
  const unfinished = new Set<string>();
  for (const record of state.apps.values()) {
    record.isSettled = reviewApp(state, record);
    if (!record.isSettled) unfinished.add(record.id);
  }
  for (const [id, { actions }] of state.deployments)
    if (![...actions.keys()].some((appId) => unfinished.has(appId))) state.deployments.delete(id);
  for (const [id, { isRemoved }] of state.apps) if (isRemoved && !unfinished.has(id)) state.apps.delete(id);
}

/** When an app or a task wants to be looked at again though nothing was heard. */
export function reviewDeadlineMs(state: MarathonState): number {
  const { nowMs } = state.time;
  const times = [...state.instances.values()].flatMap((instance) => deadlinesOf(instance));
  for (const { backOff } of state.apps.values()) times.push(backOff.untilMs);
  return Math.min(Infinity, ...times.filter((timeMs) => timeMs > nowMs));
}

function deadlinesOf({ app, health, state, stagedMs, killedMs, unreachableSinceMs }: Instance): number[] {
  const times = killedMs === undefined ? [] : [killedMs + KILL_RETRY_MS];
  if (isStarting(state)) times.push(stagedMs + LAUNCH_TIMEOUT_MS);
  if (unreachableSinceMs !== undefined && app.unreachable !== undefined)
    times.push(
      unreachableSinceMs + app.unreachable.inactiveMs,
      unreachableSinceMs + app.unreachable.expungeMs,
    );
  for (const { nextMs } of health) if (nextMs !== undefined) times.push(nextMs);
  return times;
}

function isStarting(state: Instance['state']): boolean {
  return state === 'TASK_STAGING' || state === 'TASK_STARTING';
}

function reviewInstance(state: MarathonState, instance: Instance): void {
  const { nowMs } = state.time;
  const { app, killedMs, unreachableSinceMs, stagedMs, taskId } = instance;
  const isExpunged =
    unreachableSinceMs !== undefined &&
    app.unreachable !== undefined &&
    nowMs >= unreachableSinceMs + app.unreachable.expungeMs;
  // Nobody can kill what nobody reaches; should it come back, it is killed as unknown.
  if (isExpunged || (unreachableSinceMs !== undefined && killedMs !== undefined)) {
    state.instances.delete(taskId);
    return;
  }
  const isOverdue = isStarting(instance.state) && nowMs >= stagedMs + LAUNCH_TIMEOUT_MS;
  if (killedMs === undefined ? isOverdue : nowMs >= killedMs + KILL_RETRY_MS) killTask(state, instance);
}

/** True: it is as it should be. */
function reviewApp(state: MarathonState, record: AppRecord): boolean {
  const { nowMs } = state.time;
  const { app, id, isRemoved, lastConfigChangeAt, backOff } = record;
  const members = instancesOf(state, id).map((instance): Member => ({
    taskId: instance.taskId,
    isOld: instance.version < lastConfigChangeAt,
    isReady: isReady(instance),
    isActive: isActive(instance, nowMs),
    stagedMs: instance.stagedMs,
  }));
  const { minimumHealthCapacity, maximumOverCapacity, killsOldestFirst } = app;
  const { kill, launch, isDone } = planRollout(members, {
    target: isRemoved ? 0 : app.instances,
    replacesOld: deploymentsOf(state, id).length > 0,
    minimumHealthCapacity,
    maximumOverCapacity,
    killsOldestFirst,
  });
  for (const taskId of kill) {
    const instance = state.instances.get(taskId);
    if (instance) killTask(state, instance);
  }
  record.wanted = nowMs >= backOff.untilMs ? launch : 0;
  return isDone && kill.length === 0;
}
