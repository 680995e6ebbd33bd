import type { WireHealthCheck, WireNetworkInfo, WireResource, WireTaskInfo } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from './link.ts';

/**
 * An agent does no I/O: it takes one of these at a time and returns effects. Its driver connects it with the master
 * (a *link*), and runs its *containers*: the processes of its tasks, real or imagined. The agent itself plays the
 * built-in executors: the driver tells bare facts (launched, exited, what a probe found), and the agent makes task
 * states, messages and reasons of them, decides on signals and on the times of probes.
 *
 *     const agent = new AgentCore(options, random);
 *     for (const effect of agent.step(time, { type: 'start', containers: [] })) execute(effect);
 *     // agent.nextDeadlineMs: when it wants a 'tick'
 */
export type AgentInput =
  /** First of all. `containers`: those of a former life (see {@link AgentCheckpoint}) that still run. */
  | { readonly type: 'start'; readonly containers: readonly string[] }
  /** A link to the leading master stands (the agent registers), or there is no leader. */
  | { readonly type: 'master-connected' }
  | { readonly type: 'master-disconnected' }
  | { readonly type: 'master-message'; readonly message: MasterToAgent }
  /**
   * The executor of a container runs, its task not yet (TASK_STARTING). May be left out: `container-launched` says it
   * too. A Docker driver tells it when the image is there.
   */
  | { readonly type: 'executor-started'; readonly containerId: string; readonly executorPid?: number }
  /** The task's process runs (TASK_RUNNING). */
  | {
      readonly type: 'container-launched';
      readonly containerId: string;
      readonly executorPid?: number;
      /** Default: the agent's own address. */
      readonly networkInfos?: readonly WireNetworkInfo[];
      /** Base64; of Docker: what `docker inspect` says. */
      readonly data?: string;
    }
  /**
   * It could not be started: TASK_FAILED, REASON_CONTAINER_LAUNCH_FAILED unless told otherwise. `dropped`: the agent
   * gave up before there was an executor (an unknown user): TASK_DROPPED, REASON_EXECUTOR_TERMINATED.
   */
  | {
      readonly type: 'container-failed';
      readonly containerId: string;
      readonly message: string;
      readonly reason?: string;
      readonly dropped?: boolean;
    }
  /** The task's process has ended: one of both is there. `signal`: its name, as `SIGTERM`. */
  | {
      readonly type: 'container-exited';
      readonly containerId: string;
      readonly exitCode?: number;
      readonly signal?: string;
    }
  /** A limit was exceeded and the container is destroyed: REASON_CONTAINER_LIMITATION_MEMORY, …_DISK. */
  | {
      readonly type: 'container-limited';
      readonly containerId: string;
      readonly reason: string;
      readonly message: string;
      readonly resources?: readonly WireResource[];
    }
  /** The executor's process was killed from outside, with its task: TASK_FAILED, "Executor terminated". */
  | { readonly type: 'executor-terminated'; readonly containerId: string }
  | {
      readonly type: 'probe-result';
      readonly containerId: string;
      readonly probe: number;
      readonly result: ProbeResult;
    }
  /** An executor speaks to its scheduler; no built-in executor does. */
  | {
      readonly type: 'executor-says';
      readonly frameworkId: string;
      readonly executorId: string;
      readonly data: string;
    }
  /** SIGUSR1: kill everything, unregister, exit. */
  | { readonly type: 'leave' }
  | { readonly type: 'tick' };

/** What the driver is to do, in this order. */
export type AgentEffect =
  | { readonly type: 'to-master'; readonly message: AgentToMaster }
  /** Answered by `container-launched` or `container-failed`, and at the end by `container-exited`. */
  | { readonly type: 'launch-container'; readonly container: ContainerLaunch }
  /** To the whole process group. A container that is not launched yet is not to be launched any more, and tells nothing. */
  | {
      readonly type: 'signal-container';
      readonly containerId: string;
      readonly signal: 'SIGTERM' | 'SIGKILL';
    }
  /** One run of a check; answered by `probe-result` after `timeoutMs` at the latest. */
  | {
      readonly type: 'probe-container';
      readonly containerId: string;
      readonly probe: number;
      readonly check: ProbeSpec;
      readonly timeoutMs: number;
    }
  /** A framework's MESSAGE; no built-in executor understands any. */
  | { readonly type: 'executor-message'; readonly executorId: string; readonly data: string }
  /** The agent's process ends (it left, or was told to): what it still runs dies with it. */
  | { readonly type: 'exit'; readonly reason: string };

/** A task's process to start. */
export interface ContainerLaunch {
  readonly containerId: string;
  /** The container of the group's executor: the sandbox is below that one's. */
  readonly parentId?: string;
  /**
   * `command`: a process in the executor's sandbox (or below an image root, when the task's container names one);
   * `docker`: through a Docker Engine; `group`: a process in a sandbox of its own, below the executor's.
   */
  readonly kind: 'command' | 'docker' | 'group';
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly task: WireTaskInfo;
  /** The task's own, or the framework's. */
  readonly user: string;
  /** False: the process dies with the agent's process. */
  readonly checkpoint: boolean;
}

/** `http` and `tcp` ports are the container's; `health` is a health check, `check` a plain one. */
export interface ProbeSpec extends Pick<WireHealthCheck, 'type' | 'command' | 'http' | 'tcp'> {
  readonly purpose: 'health' | 'check';
}

/** What a probe found: nothing of these when it took too long or could not be run (`error` says why). */
export interface ProbeResult {
  readonly exitCode?: number;
  readonly statusCode?: number;
  readonly connected?: boolean;
  readonly error?: string;
}
