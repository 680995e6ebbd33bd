/** A task as a rollout sees it. */
export interface Member {
  readonly taskId: string;
  /** Launched before the app's definition was last changed. */
  readonly isOld: boolean;
  /** Running, and healthy if anybody asks. */
  readonly isReady: boolean;
  /** Neither being killed nor given up; the others still take their place. */
  readonly isActive: boolean;
  /** Orders members by age. */
  readonly stagedMs: number;
}

export interface RolloutGoal {
  /** How many there are to be. */
  readonly target: number;
  /** A deployment is under way: old ones are replaced. Otherwise they count as the others do. */
  readonly replacesOld: boolean;
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  readonly killsOldestFirst: boolean;
}

export interface RolloutPlan {
  readonly kill: readonly string[];
  /** How many more to launch now. */
  readonly launch: number;
  readonly isDone: boolean;
}

/**
 * What is to be done now to get from these tasks to the goal, as Marathon does it: as many new ones as fit above the old
 * ones are started, and for each new one that is ready an old one is killed; so many of both as the minimum demands stay.
 *
 *     3 old, capacities 1 and 1: launch 3 (3 → 6); each one that gets ready ends an old one (6 → 3).
 */
export function planRollout(members: readonly Member[], goal: RolloutGoal): RolloutPlan {
  const active = members.filter(({ isActive }) => isActive);
  const old = goal.replacesOld ? active.filter(({ isOld }) => isOld) : [];
  const current = active.filter((member) => !old.includes(member));
  const ready = current.filter(({ isReady }) => isReady).length;
  const least = Math.ceil(goal.target * goal.minimumHealthCapacity);
  const keep = ready >= goal.target ? 0 : Math.max(0, least - ready);
  const kill = [
    ...victims(old, old.length - keep, goal),
    ...victims(current, current.length - goal.target, goal),
  ];
  const wanted = Math.max(0, goal.target - current.length);
  const isReplacing = goal.replacesOld && members.some(({ isOld }) => isOld);
  const room = isReplacing ? Math.max(0, mostOf(goal, least) - members.length) : wanted;
  return {
    kill,
    launch: Math.min(wanted, room),
    isDone: members.length === goal.target && current.length === goal.target && ready === goal.target,
  };
}

/** Where nothing may be missing and nothing be over, nothing could ever begin: one more is allowed then. */
function mostOf({ target, maximumOverCapacity }: RolloutGoal, least: number): number {
  const most = Math.floor(target * (1 + maximumOverCapacity));
  return most === least ? most + 1 : most;
}

/** Those that don't serve first. */
function victims(members: readonly Member[], count: number, { killsOldestFirst }: RolloutGoal): string[] {
  if (count <= 0) return [];
  const byAge = killsOldestFirst ? 1 : -1;
  return members
    .toSorted((a, b) => Number(a.isReady) - Number(b.isReady) || byAge * (a.stagedMs - b.stagedMs))
    .slice(0, count)
    .map(({ taskId }) => taskId);
}
