/** What the machine's parts mean for the operator: each missing protection, and how to get it. Pure. */
import type { CgroupProtection } from './cgroup-plan.ts';
import type { MachineProbes, NamespaceSwitches } from './probe-machine.ts';
import type { NetworkTools } from './spawner-protocol.ts';

export interface Finding {
  readonly subject: string;
  readonly status: 'ok' | 'warn' | 'failure';
  /** What is, or which protection is missing. */
  readonly message: string;
  /** How to mend it: a command where one does. */
  readonly mend?: string;
}

export interface PreflightReport {
  /** `full`: all of it. `partial`: sandboxes without some limit. `none`: plain child processes. */
  readonly isolation: 'full' | 'partial' | 'none';
  readonly findings: readonly Finding[];
}

export interface PreflightInput {
  readonly machine: MachineProbes;
  /** The settings ask for plain processes. */
  readonly plain: boolean;
  readonly missingProtections: readonly CgroupProtection[];
  readonly cgroupProblems: readonly string[];
  readonly kinds: readonly string[];
}

const ok = (subject: string, message: string): Finding => ({ subject, status: 'ok', message });

const newerThan = (version: readonly number[], wanted: readonly number[]) =>
  version.join('.').localeCompare(wanted.join('.'), 'en', { numeric: true }) >= 0;

/** Sizes of private file systems came with bubblewrap 0.7. */
export const knowsSizes = (machine: Pick<MachineProbes, 'bwrap'>) =>
  newerThan(machine.bwrap?.version ?? [0], [0, 7, 0]);

const unprotected = 'actions run as plain processes, with nothing between them and this machine';

/** How bubblewrap is given what it needs. */
export function mendOfNamespaces(machine: NamespaceSwitches): string {
  if (machine.appArmorRestrictsUserNamespaces)
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or give /usr/bin/bwrap an AppArmor profile with `userns,`)';
  if (machine.userNamespacesOff)
    return 'sudo sysctl -w user.max_user_namespaces=15000; on older Debian also kernel.unprivileged_userns_clone=1';
  return 'run it where user namespaces are allowed; in Docker: --security-opt seccomp=unconfined --security-opt systempaths=unconfined';
}

function sandboxFinding({ machine, plain }: PreflightInput): Finding {
  const subject = 'sandbox';
  if (plain)
    return {
      subject,
      status: 'failure',
      message: `the settings ask for it: ${unprotected}`,
      mend: 'leave containers.factory out',
    };
  if (machine.platform !== 'linux')
    return {
      subject,
      status: 'failure',
      message: `sandboxes need Linux: ${unprotected}`,
      mend: 'run the platform in a Linux machine or container',
    };
  if (machine.bwrap === undefined)
    return {
      subject,
      status: 'failure',
      message: `bubblewrap is not installed: ${unprotected}`,
      mend: 'sudo apt-get install bubblewrap (Fedora: sudo dnf install bubblewrap)',
    };
  if (machine.trialError !== undefined)
    return {
      subject,
      status: 'failure',
      message: `bubblewrap can't make a sandbox here (${machine.trialError}): ${unprotected}`,
      mend: mendOfNamespaces(machine),
    };
  if (!knowsSizes(machine))
    return {
      subject,
      status: 'warn',
      message: `bubblewrap ${machine.bwrap.version.join('.')} can't bound /tmp: an action's files may take as much memory as its limit`,
      mend: 'install bubblewrap 0.7 or newer',
    };
  return ok(subject, `bubblewrap ${machine.bwrap.version.join('.')}`);
}

function filterFinding(machine: MachineProbes): Finding {
  const subject = 'system call filter';
  if (machine.architecture === 'x64' || machine.architecture === 'arm64')
    return ok(subject, `seccomp for ${machine.architecture}`);
  return {
    subject,
    status: 'warn',
    message: `there is no seccomp filter for ${machine.architecture}: actions may make every system call`,
    mend: 'run the platform on x86-64 or arm64',
  };
}

const unlimited: { readonly [P in CgroupProtection]: string } = {
  memory: 'an action can take all memory',
  cpu: 'an action can starve others of processor time',
  pids: 'an action can fork without end',
  freezer: 'idle containers are not paused',
};

function cgroupFinding(input: PreflightInput): Finding {
  const subject = 'limits';
  if (input.missingProtections.length === 0)
    return ok(subject, 'memory, cpu, processes and freezer by cgroups');
  const consequences = input.missingProtections.map((protection) => unlimited[protection]).join('; ');
  const why = input.cgroupProblems.length === 0 ? '' : ` (${input.cgroupProblems.slice(0, 3).join('; ')})`;
  return {
    subject,
    status: 'warn',
    message: `no cgroup limits for ${input.missingProtections.join(', ')}: ${consequences}${why}`,
    mend: input.machine.root
      ? 'mount cgroups writable (in Docker: --privileged or --cgroupns=private with a writable /sys/fs/cgroup)'
      : 'start it as `systemd-run --user --scope -p Delegate=yes npm start`; for the controller cpu: sudo systemctl edit user@.service, with [Service] Delegate=cpu memory pids',
  };
}

function networkFinding(machine: MachineProbes): Finding {
  const subject = 'internet for actions';
  const missing = missingNetworkParts(machine);
  if (missing.length === 0) return ok(subject, 'on request, through slirp4netns and an nftables filter');
  return {
    subject,
    status: 'warn',
    message: `actions get no internet access (not found: ${missing.join(', ')}); without a network they stay safe`,
    mend: 'sudo apt-get install slirp4netns nftables util-linux perl; sudo modprobe tun',
  };
}

/** Parts of the network path that this machine lacks. */
export function missingNetworkParts(machine: MachineProbes): string[] {
  const missing: string[] = [];
  if (machine.slirp4netns === undefined) missing.push('slirp4netns');
  if (machine.nft === undefined) missing.push('nft');
  if (machine.nsenter === undefined) missing.push('nsenter');
  if (machine.interpreter === undefined) missing.push('perl or python3');
  if (machine.tun === 'missing' || (machine.tun === 'root' && !machine.root)) missing.push('/dev/net/tun');
  return missing;
}

/** The network path's tools, when all are there. */
export function networkTools(machine: MachineProbes): NetworkTools | undefined {
  const { slirp4netns, nft, nsenter, interpreter } = machine;
  if (missingNetworkParts(machine).length > 0) return undefined;
  if (!slirp4netns || !nft || !nsenter || !interpreter) return undefined;
  return { slirp4netns, nft, nsenter, interpreter, tunForAll: machine.tun === 'all' };
}

function runtimesFinding(kinds: readonly string[]): Finding {
  if (kinds.length > 0) return ok('runtimes', kinds.join(', '));
  return {
    subject: 'runtimes',
    status: 'failure',
    message: 'no language runtime was found: no action can run',
    mend: 'reinstall the platform with its directory `runtimes`, and Node 20 or Python 3',
  };
}

export function preflight(input: PreflightInput): PreflightReport {
  const sandbox = sandboxFinding(input);
  const guards = [filterFinding(input.machine), cgroupFinding(input)];
  const findings = [sandbox, ...guards, networkFinding(input.machine), runtimesFinding(input.kinds)];
  if (sandbox.status === 'failure') return { isolation: 'none', findings };
  const weakened = [sandbox, ...guards].some(({ status }) => status !== 'ok');
  return { isolation: weakened ? 'partial' : 'full', findings };
}
