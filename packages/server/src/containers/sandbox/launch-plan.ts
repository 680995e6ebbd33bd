/** Turns a container's specification into what the spawner starts. Pure. */
import type { ContainerSpec } from '../container-factory.ts';
import { bwrapArguments, insidePaths, type SandboxView, splitEnvironment } from './bwrap-arguments.ts';
import { hostCommand, type RuntimeCommand } from './runtime-command.ts';

export interface Launch {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
}

/** The environment of a runtime is built from nothing: none of the platform's own variables reaches it. */
function baseEnvironment(apiPort: number): { [name: string]: string } {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/tmp',
    LANG: 'C.UTF-8',
    __OW_LISTEN_FD: '3',
    __OW_API_HOST: `http://127.0.0.1:${apiPort}`,
  };
}

export interface SandboxLaunch {
  readonly view: SandboxView;
  readonly command: RuntimeCommand;
  readonly apiPort: number;
}

/** `prefix` comes from {@link sandboxPrefix}, once per kind. */
export function sandboxLaunch(
  prefix: readonly string[],
  launch: SandboxLaunch,
  spec: Pick<ContainerSpec, 'env'>,
): Launch {
  const { outer, setenv } = splitEnvironment({
    ...spec.env,
    ...baseEnvironment(launch.apiPort),
    __OW_ACTION_DIR: insidePaths.actionDir,
    ...(launch.view.apiSocket === undefined ? {} : { __OW_API_SOCKET: insidePaths.apiSocket }),
  });
  return { argv: [...prefix, ...setenv, '--', ...launch.command.argv], env: outer };
}

export const sandboxPrefix = (launch: SandboxLaunch): string[] => bwrapArguments(launch.view);

/** A plain process, where the machine has no sandbox: it still loses the ways to gain rights, where setpriv is. */
export function plainLaunch(
  plain: {
    readonly command: RuntimeCommand;
    readonly template: Parameters<typeof hostCommand>[1];
    readonly setpriv?: string;
    readonly apiPort: number;
  },
  spec: Pick<ContainerSpec, 'env'>,
): Launch {
  const argv = hostCommand(plain.command, plain.template);
  return {
    argv: plain.setpriv === undefined ? argv : [plain.setpriv, '--no-new-privs', ...argv],
    env: { ...spec.env, ...baseEnvironment(plain.apiPort) },
  };
}
