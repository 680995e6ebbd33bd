/** Looks at what this machine offers for sandboxes. What it means is decided in `preflight.ts`. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface ProgramProbe {
  readonly path: string;
  /** `0.8.0` as `[0, 8, 0]`. */
  readonly version: readonly number[];
}

/** What a kernel may have against user namespaces. */
export interface NamespaceSwitches {
  /** Ubuntu 24.04 and newer: AppArmor lets only confined programs make user namespaces. */
  readonly appArmorRestrictsUserNamespaces: boolean;
  /** `user.max_user_namespaces`, or Debian's older switch, is zero. */
  readonly userNamespacesOff: boolean;
}

export interface MachineProbes extends NamespaceSwitches {
  readonly platform: string;
  readonly architecture: string;
  readonly root: boolean;
  readonly bwrap?: ProgramProbe;
  /** What bubblewrap said when it was asked for an empty sandbox; absent: it worked. */
  readonly trialError?: string;
  readonly slirp4netns?: string;
  readonly nft?: string;
  readonly nsenter?: string;
  /** perl or python3. */
  readonly interpreter?: string;
  /** Who may open /dev/net/tun. */
  readonly tun: 'all' | 'root' | 'missing';
  readonly setpriv?: string;
}

const programDirectories = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

export function findProgram(name: string): string | undefined {
  for (const directory of programDirectories) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly error?: string; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env: {}, timeout: 10_000 }, (error, stdout, stderr) =>
      resolve(
        error === null ? { output: stdout } : { output: stdout, error: stderr.trim() || error.message },
      ),
    );
  });
}

/** The namespaces that every sandbox has, around a program that does nothing. */
const trial = [
  '--unshare-user',
  '--unshare-all',
  '--uid',
  '65534',
  '--gid',
  '65534',
  '--cap-drop',
  'ALL',
  '--die-with-parent',
  '--as-pid-1',
  '--ro-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp',
  '/bin/sh',
  '-c',
  ':',
];

function setting(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function tunDevice(): MachineProbes['tun'] {
  if (!existsSync('/dev/net/tun')) return 'missing';
  return (statSync('/dev/net/tun').mode & 0o006) === 0o006 ? 'all' : 'root';
}

async function askVersion(path: string): Promise<ProgramProbe> {
  const { output } = await run(path, ['--version']);
  return { path, version: /(\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number) ?? [0, 0, 0] };
}

/** Where bubblewrap is and which one; whether it can make a sandbox is another question. */
export async function findBwrap(): Promise<ProgramProbe | undefined> {
  const path = findProgram('bwrap');
  return path === undefined ? undefined : askVersion(path);
}

async function probeBwrap(): Promise<Pick<MachineProbes, 'bwrap' | 'trialError'>> {
  const path = findProgram('bwrap');
  if (path === undefined) return {};
  const [bwrap, tried] = await Promise.all([askVersion(path), run(path, trial)]);
  return {
    bwrap,
    ...(tried.error === undefined ? {} : { trialError: tried.error }),
  };
}

export function readNamespaceSwitches(): NamespaceSwitches {
  return {
    appArmorRestrictsUserNamespaces:
      setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1',
    userNamespacesOff:
      setting('/proc/sys/user/max_user_namespaces') === '0' ||
      setting('/proc/sys/kernel/unprivileged_userns_clone') === '0',
  };
}

export async function probeMachine(): Promise<MachineProbes> {
  const optional = (name: 'slirp4netns' | 'nft' | 'nsenter' | 'setpriv') => {
    const path = findProgram(name);
    return path === undefined ? {} : { [name]: path };
  };
  const interpreter = findProgram('perl') ?? findProgram('python3');
  return {
    platform: process.platform,
    architecture: process.arch,
    root: process.getuid?.() === 0,
    ...(await probeBwrap()),
    ...readNamespaceSwitches(),
    ...optional('slirp4netns'),
    ...optional('nft'),
    ...optional('nsenter'),
    ...optional('setpriv'),
    ...(interpreter === undefined ? {} : { interpreter }),
    tun: tunDevice(),
  };
}
