import { describeEnd, type TaskEnd, type WireTaskStatus } from '@vibrissa/mesos';

import type { ContainerExit } from '../container.ts';

/** What a container's program ends with when the kernel kills it: the launcher and Docker tell signals as 128 + n. */
const KILLED = 137;
const signalled = /terminated with signal (.+?)\.?$/i;

/** A container that could not be reached any more, in the past tense for whoever waited for it. */
export function unreachableText(agent: string): string {
  return `The Mesos agent ${agent} can't be reached.`;
}

function lostText(end: TaskEnd, agent: string): string {
  switch (end.kind) {
    case 'killed':
      return `The container's Mesos task on ${agent} was killed, not by this platform.`;
    case 'drained':
      return `The Mesos agent ${agent} is being drained, which ended the container.`;
    case 'preempted':
      return `Mesos took the container's resources on ${agent} for more important work.`;
    case 'unhealthy':
      return `Mesos killed the container on ${agent}, because its health check failed.`;
    case 'unwitnessed':
      return `The container ended on ${agent} while the Mesos agent was down.`;
    case 'lost':
      return `The container was lost with the Mesos agent ${agent} (${end.state}).`;
    default:
      return `The container's Mesos task on ${agent} ended (${end.kind}).`;
  }
}

/** How a container has ended, from the last status of its task. `isWanted`: by `destroy`. */
export function exitOf(
  status: WireTaskStatus,
  { agent, isWanted }: { readonly agent: string; readonly isWanted: boolean },
): ContainerExit {
  const end = describeEnd(status);
  const signal = signalled.exec(status.message ?? '')?.[1];
  if (isWanted) return { outOfMemory: false };
  if (end.kind === 'finished') return { outOfMemory: false, exitCode: 0 };
  if (end.kind === 'failed') {
    return {
      outOfMemory: end.exitStatus === KILLED,
      ...(end.exitStatus !== undefined && { exitCode: end.exitStatus }),
      ...(signal !== undefined && { signal }),
    };
  }
  if (end.kind === 'limit-exceeded') {
    const isMemory = end.resource === 'memory';
    return isMemory ? { outOfMemory: true } : { outOfMemory: false, lost: lostText(end, agent) };
  }
  return { outOfMemory: false, lost: lostText(end, agent) };
}
