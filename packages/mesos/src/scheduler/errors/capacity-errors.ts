import type { Shortage } from '../../tasks/task-outcome.ts';
import { MesosError } from './mesos-error.ts';
import { capital, theTask } from './wording.ts';

/**
 * No offer has fitted the task for as long as it may wait (`NO_CAPACITY`), or no agent of the cluster will ever have as
 * much as it asks for (`IMPOSSIBLE`). `shortage` says what the offers lacked.
 */
export class CapacityError extends MesosError {
  override readonly name = 'CapacityError';
  readonly code: 'NO_CAPACITY' | 'IMPOSSIBLE';
  readonly taskId: string;
  readonly shortage: Shortage;
  /** Milliseconds that it had waited; absent for an impossible one. */
  readonly waitedMs: number | undefined;

  constructor(taskId: string, shortage: Shortage, waitedMs?: number) {
    super(waitedMs === undefined ? impossible(taskId, shortage) : noCapacity(taskId, shortage, waitedMs));
    this.code = waitedMs === undefined ? 'IMPOSSIBLE' : 'NO_CAPACITY';
    this.taskId = taskId;
    this.shortage = shortage;
    this.waitedMs = waitedMs;
  }
}

/**
 * The task was sent to an agent and did not come to run in time. Its container may be slow to start (a large image), or
 * the agent is out of order.
 */
export class LaunchTimeoutError extends MesosError {
  override readonly name = 'LaunchTimeoutError';
  readonly code = 'LAUNCH_TIMEOUT';
  readonly taskId: string;
  readonly waitedMs: number;
  readonly attempts: number;

  constructor(taskId: string, waitedMs: number, attempts: number) {
    super(
      `${capital(theTask(taskId))} did not run within ${seconds(waitedMs)} (launches: ${attempts}); it is killed. Look at its sandbox and at the agent's log; if its image is large, pull it beforehand or raise tasks.startTimeoutMs.`,
    );
    this.taskId = taskId;
    this.waitedMs = waitedMs;
    this.attempts = attempts;
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function noCapacity(taskId: string, shortage: Shortage, waitedMs: number): string {
  const within = `${capital(theTask(taskId))} found no room within ${seconds(waitedMs)}.`;
  if (shortage.unsubscribed) {
    return `${within} There is no subscription, so no offers come: await subscribe(), or raise tasks.capacityTimeoutMs.`;
  }
  const why =
    shortage.offersSeen === 0
      ? 'No offer has come: the agents may be full or absent, or offers for its role go to other frameworks (look at weights and quota)'
      : `${counted(shortage.offersSeen, 'offer')} came and lacked ${lacks(shortage)}; the most that one agent has offered is ${best(shortage)}`;
  return `${within} ${why}. Ask for less, free or add agents, or raise tasks.capacityTimeoutMs.`;
}

function impossible(taskId: string, shortage: Shortage): string {
  return `${capital(theTask(taskId))} fits no agent of this cluster, not even an empty one: each of ${counted(shortage.offersSeen, 'agent')} lacks something, ${lacks(shortage)}; the largest agent has ${best(shortage)}. Ask for less, or add a larger agent.`;
}

function lacks({ reasons }: Shortage): string {
  const all = Object.entries(reasons).map(([reason, times]) => `${reason} (${times} of them)`);
  return all.length === 0 ? 'nothing that was counted' : all.join(', ');
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function best({ best }: Shortage): string {
  const amounts = Object.entries(best).map(([name, amount]) => `${amount} ${name}`);
  return amounts.length === 0 ? 'nothing' : amounts.join(', ');
}
