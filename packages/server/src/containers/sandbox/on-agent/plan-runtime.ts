/** From settings and ground to the command line that starts a runtime on an agent. */
import { join } from 'node:path';
import { plainLaunch, sandboxLaunch, sandboxPrefix } from '../launch-plan.ts';
import { findProgram } from '../probe-machine.ts';
import type { Ground } from './ground.ts';
import type { LaunchSettings } from './launch-settings.ts';
import { inItsPlace, type RuntimePlan } from './runtime-process.ts';

/** Where code in a sandbox finds the API on its own loopback. */
const API_PORT = 3233;
const SECCOMP_FD = 6;

export interface Circumstances {
  readonly settings: LaunchSettings;
  readonly ground: Ground;
  readonly uid: number | undefined;
}

/** @param apiSocket on the agent, to the platform's API */
export function planSandbox(
  { settings, ground, uid }: Circumstances,
  bwrap: string,
  apiSocket: string | undefined,
): RuntimePlan {
  const { actionDirMb, sharedMemoryMb, tmpMb } = settings.sandbox;
  const bounds = { ownUser: uid !== undefined, sizesMb: [actionDirMb, sharedMemoryMb, tmpMb] };
  const command = { ...ground.command, argv: inItsPlace(ground.command.argv, bounds) };
  const view = {
    bwrap,
    root: join(ground.path, ground.root),
    binds: ground.binds,
    ...settings.sandbox,
    sizes: ground.sizes,
    ...(apiSocket === undefined ? {} : { apiSocket }),
    ...(ground.filters ? { seccompFd: SECCOMP_FD } : {}),
  };
  const launch = { view, command, apiPort: API_PORT };
  return {
    ...sandboxLaunch(sandboxPrefix(launch), launch, settings),
    sandboxed: true,
    ...(uid === undefined ? {} : { uid }),
    ...(ground.filters ? { seccompFile: join(ground.path, 'seccomp.bpf') } : {}),
  };
}

/** A process like any other of the agent, which reaches the API as the agent does. */
export function planUnconfined({ settings, ground, uid }: Circumstances): RuntimePlan {
  const root = join(ground.path, ground.root);
  const setpriv = findProgram('setpriv');
  const template = {
    path: root,
    hostPathOf: ({ host, inside }: { host: string; inside: string }) =>
      ground.binds.some((bind) => bind.inside === inside) ? host : join(root, inside),
  };
  const { command } = ground;
  const { argv, env } = plainLaunch({ command, template, apiPort: API_PORT }, settings);
  // It would outlive a launcher that is killed.
  const bound = setpriv === undefined ? [] : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL'];
  const api = settings.api === undefined ? {} : { __OW_API_HOST: settings.api.origin };
  return {
    argv: [...bound, ...inItsPlace(argv, { ownUser: uid !== undefined })],
    env: { ...env, ...mesosTask(settings), ...api },
    sandboxed: false,
    ...(uid === undefined ? {} : { uid }),
  };
}

const mesosTask = ({ env: { MESOS_TASK_ID } }: LaunchSettings) =>
  MESOS_TASK_ID === undefined ? {} : { MESOS_TASK_ID };
