/** Builds the argument vector of bubblewrap. Pure; one prefix per runtime kind serves all its sandboxes. */
import type { RuntimeBind } from './runtime-command.ts';

export interface SandboxView {
  readonly bwrap: string;
  /** Host directory that becomes the read-only root; it holds every mount point below. */
  readonly root: string;
  /** Host paths shown read-only. */
  readonly binds: readonly RuntimeBind[];
  /** Host path of the Unix socket of the platform's API, when there is one. */
  readonly apiSocket?: string;
  readonly tmpMb: number;
  readonly actionDirMb: number;
  readonly sharedMemoryMb: number;
  /** Does this bubblewrap know `--size` (0.7 and newer)? Older ones give tmpfs its default size. */
  readonly sizes: boolean;
  /** Descriptor from which bubblewrap reads the seccomp filter; absent: this architecture has none. */
  readonly seccompFd?: number;
}

/** Where things are inside a sandbox. */
export const insidePaths = { actionDir: '/action', apiSocket: '/run/api.sock' } as const;

/** `nobody`: it owns nothing, and differs from the uid that the sandbox has outside. */
export const insideUid = 65_534;

const isolation: readonly string[] = [
  '--unshare-user',
  '--unshare-all',
  '--uid',
  String(insideUid),
  '--gid',
  String(insideUid),
  '--hostname',
  'action',
  '--cap-drop',
  'ALL',
  '--die-with-parent',
  '--new-session',
  // The runtime is process 1 itself: no reaper in between, which would cost memory, and as in a Docker container.
  '--as-pid-1',
];

function tmpfs(view: SandboxView, path: string, sizeMb: number): string[] {
  // Without these permissions libraries that check /tmp for its sticky bit refuse to work.
  const permissions = path === '/tmp' ? ['--perms', '1777'] : [];
  const size = view.sizes ? ['--size', String(sizeMb * 1024 * 1024)] : [];
  return [...(view.sizes ? permissions : []), ...size, '--tmpfs', path];
}

/** Everything before the runtime's own command line. */
export function bwrapArguments(view: SandboxView): string[] {
  return [
    view.bwrap,
    ...isolation,
    '--ro-bind',
    view.root,
    '/',
    '--ro-bind',
    '/usr',
    '/usr',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...tmpfs(view, '/dev/shm', view.sharedMemoryMb),
    '--remount-ro',
    '/dev',
    ...tmpfs(view, '/tmp', view.tmpMb),
    ...tmpfs(view, insidePaths.actionDir, view.actionDirMb),
    ...view.binds.flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    ...(view.apiSocket === undefined ? [] : ['--ro-bind', view.apiSocket, insidePaths.apiSocket]),
    '--chdir',
    '/tmp',
    ...(view.seccompFd === undefined ? [] : ['--seccomp', String(view.seccompFd)]),
  ];
}

/**
 * The environment travels as bubblewrap's own, where no other user of the host can read it; but what would make the
 * loader or libc act before the sandbox stands goes through `--setenv`, which only the program inside sees.
 */
export function splitEnvironment(env: { readonly [name: string]: string }): {
  readonly outer: { [name: string]: string };
  readonly setenv: string[];
} {
  const outer: { [name: string]: string } = {};
  const setenv: string[] = [];
  for (const [name, value] of Object.entries(env))
    if (/^(?:__OW_\w+|PATH|HOME|LANG)$/.test(name)) outer[name] = value;
    else setenv.push('--setenv', name, value);
  return { outer, setenv };
}
