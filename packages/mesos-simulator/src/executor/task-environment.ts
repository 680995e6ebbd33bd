import type { ContainerLaunch } from '../agent/messages.ts';

export interface AgentPlace {
  readonly ip: string;
  readonly port: number;
}

/** A sandbox as the machine sees it, and as the task does: an image has it elsewhere. */
export interface SandboxPlaces {
  readonly directory: string;
  readonly inside: string;
}

/** What a task of a real agent gets when it has no `PATH` of its own. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment of a task's process: what the built-in executors pass on, then the task's own. Nothing else of the
 * simulator's environment but `PATH`. Mesos sets neither `PORT0` nor `MESOS_TASK_ID`: frameworks do.
 */
export function taskEnvironment(
  launch: ContainerLaunch,
  agent: AgentPlace,
  sandbox: SandboxPlaces,
): Record<string, string> {
  const own = launch.task.command?.environment?.variables ?? [];
  return {
    PATH: process.env['PATH'] ?? DEFAULT_PATH,
    LIBPROCESS_IP: agent.ip,
    LIBPROCESS_PORT: '0',
    MESOS_AGENT_ENDPOINT: `${agent.ip}:${agent.port}`,
    MESOS_CHECKPOINT: launch.checkpoint ? '1' : '0',
    MESOS_DIRECTORY: sandbox.directory,
    MESOS_EXECUTOR_ID: launch.executorId,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
    MESOS_FRAMEWORK_ID: launch.frameworkId,
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    ...(launch.checkpoint
      ? { MESOS_RECOVERY_TIMEOUT: '15mins', MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs' }
      : {}),
    MESOS_SANDBOX: sandbox.inside,
    MESOS_SLAVE_ID: launch.agentId,
    MESOS_SLAVE_PID: `slave(1)@${agent.ip}:${agent.port}`,
    ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
  };
}
