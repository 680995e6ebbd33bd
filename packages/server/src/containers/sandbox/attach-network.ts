/** Gives a running sandbox its filtered way out: nftables rules in its network namespace, then slirp4netns. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import type { CgroupPlan } from './cgroup-plan.ts';
import { isSettled } from './is-settled.ts';
import type { NetworkTools } from './spawner-protocol.ts';

/**
 * bubblewrap makes two user namespaces: the outer one owns the network namespace, the program lives in the inner one.
 * Only the ioctl NS_GET_USERNS (0xb701) leads from the network namespace to its owner; Node has no ioctl, so a line
 * of Perl or Python asks, and then becomes the tool, with the owner as an inherited descriptor named in `{}`.
 */
const perlScript = `open(my $n,"<","/proc/$ARGV[0]/ns/net") or die "network namespace: $!";
my $u=ioctl($n,0xb701,0) or die "NS_GET_USERNS: $!"; open(my $f,"<&=",$u) or die $!; fcntl($f,2,0) or die $!;
shift; exec map{s/\\{\\}/$u/r}@ARGV or die "$ARGV[0]: $!"`;

const pythonScript = `import fcntl,os,sys
u=fcntl.ioctl(os.open("/proc/%s/ns/net"%sys.argv[1],os.O_RDONLY),0xb701); os.set_inheritable(u,True)
a=[w.replace("{}",str(u)) for w in sys.argv[2:]]; os.execv(a[0],a)`;

const inOwner = (tools: NetworkTools, pid: number, command: readonly string[]): string[] =>
  tools.interpreter.includes('python')
    ? [tools.interpreter, '-I', '-c', pythonScript, String(pid), ...command]
    : [tools.interpreter, '-e', perlScript, String(pid), ...command];

/** The program inside, seen from outside: the only child of the bubblewrap process that watches it. */
export function innerProcess(monitorPid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${monitorPid}/task/${monitorPid}/children`, 'utf8');
    const pid = Number(children.trim().split(' ')[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The program inside once its namespaces are complete (its users are mapped, it has taken its final uid). */
async function settledInnerProcess(monitorPid: number): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const pid = innerProcess(monitorPid);
    if (pid !== undefined && hasSettled(pid)) return pid;
    await systemClock.sleep(2);
  }
  throw new Error('the sandbox did not come up');
}

function hasSettled(pid: number): boolean {
  try {
    return isSettled(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function finished(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnfile} failed: ${said.trim()}`)),
    );
  });
}

async function installRules(order: NetworkAttachment, pid: number): Promise<void> {
  const { tools, uid, rules } = order;
  const [program = '', ...args] = inOwner(tools, pid, [
    tools.nsenter,
    '--preserve-credentials',
    '--user=/proc/self/fd/{}',
    `--net=/proc/${pid}/ns/net`,
    tools.nft,
    '-f',
    '-',
  ]);
  const child = spawn(program, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  // A tool that ends early closes its input; its exit code tells the story.
  child.stdin.on('error', () => {});
  child.stdin.end(rules);
  await finished(child);
}

/** Resolves when slirp4netns reports its interface ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    child.stdio[3]?.once('data', () => resolve());
    child.once('error', reject);
    child.once('close', () => reject(new Error(`slirp4netns failed: ${said.trim()}`)));
  });
}

export interface NetworkAttachment {
  readonly monitorPid: number;
  readonly uid?: number;
  readonly rules: string;
  readonly tools: NetworkTools;
  /** slirp4netns enters the sandbox's own groups: frozen, limited and killed with it. */
  readonly cgroups?: CgroupPlan;
}

/**
 * slirp4netns opens /dev/net/tun, joins the namespaces, and then shuts itself in. Where anyone may open the device it
 * runs as the sandbox's own user, inside its user namespace from the start (by itself it would fail to become that
 * namespace's root); else it starts as the platform's root and joins later.
 */
function slirpCommand(tools: NetworkTools, pid: number): string[] {
  const inNamespace = [tools.nsenter, '--preserve-credentials', '--user=/proc/self/fd/{}'];
  return [
    ...(tools.tunForAll ? inNamespace : []),
    tools.slirp4netns,
    '--configure',
    '--mtu=65520',
    '--disable-host-loopback',
    '--enable-sandbox',
    '--enable-seccomp',
    '--ready-fd=3',
    '--exit-fd=4',
    ...(tools.tunForAll ? [] : ['--userns-path=/proc/self/fd/{}']),
    '--netns-type=path',
    `/proc/${pid}/ns/net`,
    'tap0',
  ];
}

async function startSlirp(attachment: NetworkAttachment, pid: number): Promise<ChildProcess> {
  const { tools, uid, cgroups } = attachment;
  const directories = cgroups?.directories ?? [];
  const enter = directories.map((group) => openSync(join(group.path, group.enter), 'w'));
  try {
    const command = inOwner(tools, pid, slirpCommand(tools, pid));
    const numbers = enter.map((_, index) => index + 5);
    const script = [...numbers.map((fd) => `echo 0 >&${fd}`), 'exec "$@"'].join(' && ');
    const closed = numbers.map((fd) => ` ${fd}>&-`).join('');
    const child = spawn('/bin/sh', ['-c', script + closed, 'sh', ...command], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', ...enter],
      ...(uid === undefined || !tools.tunForAll ? {} : { uid, gid: uid }),
    });
    await ready(child);
    return child;
  } finally {
    for (const fd of enter) closeSync(fd);
  }
}

/** Resolves with slirp4netns' process; it ends when the caller does, or when killed. */
export async function attachNetwork(attachment: NetworkAttachment): Promise<ChildProcess> {
  const pid = await settledInnerProcess(attachment.monitorPid);
  await installRules(attachment, pid);
  return startSlirp(attachment, pid);
}
