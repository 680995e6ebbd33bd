/** Attacks on the host's files and processes, and on other sandboxes. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, processesOf, statusOf } from './host-evidence.ts';
import {
  type Sandboxes,
  openSandboxes,
  openTarget,
  post,
  runtimeDir,
  type Target,
} from './sandbox-fixture.ts';

let sandboxes: Sandboxes;
let target: Target;
let neighbour: Target;
let hostDir: string;
const secret = 'the-secret-of-the-host-4711';

beforeAll(async () => {
  hostDir = mkdtempSync(join(tmpdir(), 'vibrissa-host-'));
  writeFileSync(join(hostDir, 'secret'), secret);
  process.env['VIBRISSA_TEST_SECRET'] = secret;
  sandboxes = await openSandboxes();
  [target, neighbour] = await Promise.all([openTarget(sandboxes.factory), openTarget(sandboxes.factory)]);
});

afterAll(async () => {
  delete process.env['VIBRISSA_TEST_SECRET'];
  await sandboxes.close();
  rmSync(hostDir, { recursive: true, force: true });
});

const socketPath = () =>
  'socketPath' in target.container.address ? target.container.address.socketPath : '';

describe('hostile code that looks for files of the host', () => {
  it("can't read the host's accounts, homes, temporary files, data directory or sockets", async () => {
    const paths = [
      '/etc/shadow',
      '/etc/gshadow',
      '/etc/ssl/private',
      '/root',
      '/home',
      '/work',
      '/etc/machine-id',
      '/var/lib',
      '/sys',
      '/boot',
      '/mnt',
      hostDir,
      sandboxes.dataDir,
      runtimeDir,
      socketPath(),
      dirname(socketPath()),
    ];
    const outcome = await target.attack(
      `def attack(args):\n    return {p: os.path.exists(p) for p in args['paths']}\n`,
      { paths },
    );
    expect(outcome).toEqual(Object.fromEntries(paths.map((path) => [path, false])));
  });

  it('sees a passwd file that names nobody of this machine', async () => {
    const passwd = await target.attack("def attack(args):\n    return open('/etc/passwd').read()\n");
    expect(
      String(passwd)
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['root', 'nobody']);
  });

  it('gets out by no link, no process directory and no descriptor that it inherited', async () => {
    const outcome = (await target.attack(
      `def attack(args):
    os.symlink(args['host'] + '/secret', '/tmp/link')
    ways = ['/tmp/link', '/proc/1/root' + args['host'] + '/secret', '/proc/self/root' + args['host'] + '/secret',
            '/proc/self/cwd/../../../..' + args['host'] + '/secret', '/../../..' + args['host'] + '/secret']
    ways += ['/proc/%s/fd/%s/../../../../%s/secret' % (p, f, args['host']) for p in os.listdir('/proc') if p.isdigit() for f in range(0, 12)]
    return [w for w in ways if os.path.exists(w)]
`,
      { host: hostDir },
    )) as string[];
    expect(outcome).toEqual([]);
  });

  it('inherits nothing but its output, its socket and /dev/null', async () => {
    const kinds = (await target.attack(
      `def attack(args):
    out = subprocess.run([sys.executable, '-c', 'import os; print([os.readlink("/proc/%d/fd/%s" % (1, f)) for f in os.listdir("/proc/1/fd")])'], capture_output=True, text=True).stdout
    return eval(out)
`,
    )) as string[];
    for (const kind of kinds)
      expect(kind).toMatch(
        /^(?:\/dev\/null|socket:.*|anon_inode:.*|pipe:.*|\/dev\/urandom|\S*\/s\/fifo\S* \(deleted\))$/,
      );
    // A pipe of its own is fine; one that the host holds the other end of is not: the host's would be older than it.
    expect(kinds.filter((kind) => kind.includes('/s/fifo'))).toHaveLength(2);
  });

  it('writes nowhere but into its own temporary directories', async () => {
    const outcome = (await target.attack(
      `def attack(args):
    written = []
    for d in ['/', '/usr', '/usr/bin', '/usr/lib', '/etc', '/etc/ssl/certs', '/runtime', '/runtime/python', '/run', '/opt', '/var', '/dev', '/dev/pts', '/proc', '/proc/self', '/proc/sys/kernel', '/bin', '/lib']:
        try:
            open(d + '/planted', 'w').close()
            written.append(d)
        except OSError:
            pass
    for f in ['/etc/passwd', '/etc/hosts', '/usr/bin/python3', '/runtime/python/runtime.py', '/run/api.sock']:
        for how in ('r+b', 'ab'):
            try:
                open(f, how).close()
                written.append(f)
            except OSError:
                pass
        for change in (os.unlink, lambda p: os.rename(p, '/tmp/x'), lambda p: os.chmod(p, 0o777), lambda p: os.truncate(p, 0)):
            try:
                change(f)
                written.append(f)
            except OSError:
                pass
    return written
`,
    )) as string[];
    expect(outcome).toEqual([]);
  });

  it("can't overwrite the interpreter through /proc/self/exe (CVE-2019-5736)", async () => {
    const digest = () => createHash('sha256').update(readFileSync('/usr/bin/python3')).digest('hex');
    const before = digest();
    const outcome = await target.attack(`def attack(args):
    return [tried(os.open, p, os.O_WRONLY) for p in ('/proc/self/exe', '/proc/1/exe')] + [tried(os.open, '/proc/self/exe', os.O_RDWR | os.O_TRUNC)]
`);
    for (const result of outcome as string[]) expect(result).toMatch(/^(?:EROFS|EACCES|ETXTBSY|EPERM)$/);
    expect(digest()).toBe(before);
  });

  it("changes no setting of the host's kernel", async () => {
    const settings = [
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/kernel/modprobe',
      '/proc/sys/kernel/hostname',
      '/proc/sys/vm/overcommit_memory',
      '/proc/sys/net/ipv4/ip_forward',
      '/proc/sys/fs/binfmt_misc/register',
      '/proc/sysrq-trigger',
      '/proc/1/oom_score_adj',
      '/proc/self/oom_score_adj',
      '/proc/irq/default_smp_affinity',
      '/proc/timer_list',
      '/proc/kcore',
      '/proc/kmsg',
    ];
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    const outcome = (await target.attack(
      `def attack(args):
    written = []
    for f in args['settings']:
        try:
            with open(f, 'w') as file:
                file.write('-1000' if f.endswith('oom_score_adj') else '|/tmp/evil')
            written.append(f)
        except OSError:
            pass
    return written
`,
      { settings },
    )) as string[];
    expect(outcome).toEqual([]);
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(pattern);
  });

  it("can't use the cgroup release agent: no cgroup file system is to be seen", async () => {
    const outcome = await target.attack(`def attack(args):
    found = []
    for line in open('/proc/mounts'):
        if line.split()[2] in ('cgroup', 'cgroup2', 'sysfs', 'debugfs', 'tracefs', 'securityfs', 'bpf'):
            found.append(line)
    return [found, [l.strip().split(':')[2] for l in open('/proc/self/cgroup')]]
`);
    const [mounts, groups] = outcome as [string[], string[]];
    expect(mounts).toEqual([]);
    // Its own cgroup namespace: it doesn't learn where it is, and sees itself at the root.
    expect([...new Set(groups)]).toEqual(['/']);
  });

  it('opens no device but the harmless ones', async () => {
    const outcome = await target.attack(`def attack(args):
    devices = []
    for d, _, files in os.walk('/dev'):
        devices += [os.path.join(d, f) for f in files]
    return sorted(d for d in devices if not os.path.islink(d))
`);
    expect(outcome).toEqual([
      '/dev/full',
      '/dev/null',
      '/dev/pts/ptmx',
      '/dev/random',
      '/dev/tty',
      '/dev/urandom',
      '/dev/zero',
    ]);
  });

  it('gains nothing from setuid programs', async () => {
    const setuid = execFileSync(
      'find',
      ['/usr/bin', '/usr/sbin', '/usr/lib', '-xdev', '-perm', '-4000', '-type', 'f'],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\n')
      .filter(Boolean);
    expect(setuid.length).toBeGreaterThan(0);
    const outcome = await target.attack(
      `import shutil
def attack(args):
    results = []
    for program in args['setuid']:
        child = subprocess.Popen([program, '--help'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        results.append([line.split()[1:5] for line in open('/proc/%d/status' % child.pid) if line.startswith('Uid') or line.startswith('CapEff')])
        child.kill(); child.wait()
    shutil.copy('/usr/bin/id', '/tmp/id'); os.chmod('/tmp/id', 0o6755)
    results.append(subprocess.run(['/tmp/id', '-u'], capture_output=True, text=True).stdout.strip())
    return results
`,
      { setuid: setuid.slice(0, 6) },
    );
    const results = outcome as unknown[];
    expect(results.pop()).toBe('65534');
    for (const result of results)
      expect(result).toEqual([['65534', '65534', '65534', '65534'], ['0000000000000000']]);
  });

  it("can't steer the host's connection by swapping the socket for a link", async () => {
    const before = readdirSync(dirname(socketPath()));
    const outcome = await target.attack(`def attack(args):
    name = os.fsdecode(socket.socket(fileno=os.dup(3)).getsockname())
    tries = [name, '/proc/self/cwd/' + name, '/proc/1/cwd/' + name]
    results = []
    for path in tries:
        results += [tried(os.unlink, path), tried(os.rename, path, '/tmp/s')]
    return [name.startswith('/'), results, os.path.exists(name)]
`);
    const [absolute, results, exists] = outcome as [boolean, string[], boolean];
    // The name that the socket was bound by says nothing of the host's directories.
    expect([absolute, exists]).toEqual([false, false]);
    for (const result of results) expect(result).toMatch(/^(?:ENOENT|ENOTDIR|EROFS|EACCES|EXDEV)$/);
    expect(readdirSync(dirname(socketPath())).sort()).toEqual(before.sort());
  });

  it.skipIf(process.getuid?.() !== 0)("can't read back its own output, nor anyone else's", async () => {
    const outcome = await target.attack(
      "def attack(args):\n    return [tried(os.open, '/proc/1/fd/%d' % n, os.O_RDONLY) for n in (1, 2)]\n",
    );
    expect(outcome).toEqual(['EACCES', 'EACCES']);
  });

  it('opens its output anew by name, as shell scripts do', async () => {
    await target.attack(
      "def attack(args):\n    return subprocess.run(['/bin/sh', '-c', 'echo by-name > /dev/stderr; echo by-name-too > /dev/stdout']).returncode\n",
    );
    await expect.poll(() => target.output()).toMatch(/by-name\n[^]*by-name-too|by-name-too\n[^]*by-name\n/);
  });
});

describe('hostile code that looks for processes', () => {
  it('sees no process but its own, and not the environment of the platform', async () => {
    const outcome = await target.attack(
      `def attack(args):
    pids = [p for p in os.listdir('/proc') if p.isdigit()]
    text = ''.join(open('/proc/%s/environ' % p).read() + open('/proc/%s/cmdline' % p).read() for p in pids)
    return [len(pids) < 5, 'VIBRISSA' in text, args['secret'] in text, os.getppid()]
`,
      { secret },
    );
    expect(outcome).toEqual([true, false, false, 0]);
  });

  it('signals no process of the host, of the platform or of another sandbox', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pids = [bystander.pid ?? 0, process.pid, process.ppid, ...processesOf(neighbour.container.id)];
    expect(pids.length).toBeGreaterThan(4);
    const fresh = await openTarget(sandboxes.factory);
    const outcome = (await fresh.attack(
      `def attack(args):
    own = {int(p) for p in os.listdir('/proc') if p.isdigit()}
    return [tried(os.kill, p, 9) for p in args['pids'] if p not in own] + [tried(os.killpg, p, 9) for p in args['pids'] if p not in own]
`,
      { pids },
    )) as string[];
    expect(new Set(outcome)).toEqual(new Set(['ESRCH']));
    // Everyone that it may signal: that is only itself, and it is its own process 1.
    await fresh.attack('def attack(args):\n    return tried(os.kill, -1, 9)\n');
    for (const pid of pids) expect(isAlive(pid)).toBe(true);
    expect(await neighbour.attack('def attack(args):\n    return 1\n')).toBe(1);
    bystander.kill('SIGKILL');
    await fresh.container.destroy();
  });

  it('has a user of its own outside, no capability and no way to gain one', () => {
    const ours = processesOf(target.container.id);
    const theirs = processesOf(neighbour.container.id);
    expect(ours.length).toBeGreaterThan(0);
    for (const pid of ours) {
      expect(statusOf(pid, 'NoNewPrivs')).toBe('1');
      expect(statusOf(pid, 'CapEff')).toBe('0000000000000000');
    }
    if (process.getuid?.() !== 0) return;
    const uids = (pids: number[]) => new Set(pids.map((pid) => statusOf(pid, 'Uid')?.split('\t')[0]));
    expect(uids(ours).has('0')).toBe(false);
    for (const uid of uids(theirs)) expect(uids(ours).has(uid)).toBe(false);
  });

  it('runs in namespaces of its own, every one of them', async () => {
    const outcome = (await target.attack(
      "def attack(args):\n    return {n: os.readlink('/proc/self/ns/' + n) for n in os.listdir('/proc/self/ns')}\n",
    )) as { [name: string]: string };
    const other = (await neighbour.attack(
      "def attack(args):\n    return {n: os.readlink('/proc/self/ns/' + n) for n in os.listdir('/proc/self/ns')}\n",
    )) as { [name: string]: string };
    const names = ['user', 'pid', 'mnt', 'ipc', 'uts', 'cgroup', 'net'];
    const host = Object.fromEntries(names.map((name) => [name, readlinkSync(`/proc/self/ns/${name}`)]));
    expect(names.filter((name) => outcome[name] === undefined)).toEqual([]);
    expect(names.filter((name) => outcome[name] === host[name])).toEqual([]);
    expect(names.filter((name) => outcome[name] === other[name])).toEqual([]);
  });

  it('shares no memory, semaphores or queues with the host', async () => {
    const made = execFileSync('ipcmk', ['-M', '4096'], { encoding: 'utf8' });
    const id = /\d+/.exec(made)?.[0] ?? '';
    try {
      const outcome = await target.attack(`def attack(args):
    return [len(open('/proc/sysvipc/' + n).readlines()) for n in ('shm', 'sem', 'msg')]
`);
      expect(outcome).toEqual([1, 1, 1]);
    } finally {
      execFileSync('ipcrm', ['-m', id]);
    }
  });

  it('reaches no abstract Unix socket of the host', async () => {
    const connections: unknown[] = [];
    const server = createServer((socket) => connections.push(socket.destroy()));
    const name = `vibrissa-test-${process.pid}`;
    await new Promise<void>((resolve) => server.listen(`\0${name}`, resolve));
    const outcome = await target.attack(
      `def attack(args):\n    return connects(socket.AF_UNIX, '\\0' + args['name'])\n`,
      { name },
    );
    server.close();
    expect(outcome).toBe('ECONNREFUSED');
    expect(connections).toEqual([]);
  });

  it('runs as Node as little as as Python: no parent, no host file, no host port', async () => {
    const node = await openTarget(sandboxes.factory, 'nodejs');
    const outcome = await node.attack(
      `const fs = require('fs'), net = require('net');
const connect = (port) => new Promise((resolve) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); resolve('OK') }); s.on('error', (e) => resolve(e.code)); });
const read = (p) => { try { fs.readFileSync(p); return 'OK' } catch (e) { return e.code } };
const kill = (p) => { try { process.kill(p, 9); return 'OK' } catch (e) { return e.code } };
return [process.ppid, read('/etc/shadow'), read(args.host + '/secret'), await connect(22), kill(args.pid), Object.keys(process.env).filter((k) => k.startsWith('VIBRISSA')),
  require('child_process').spawnSync('/bin/sh', ['-c', 'id -u; ls /root /home 2>&1 | grep -c "No such"']).stdout.toString()];`,
      { host: hostDir, pid: process.pid },
    );
    expect(outcome).toEqual([0, 'ENOENT', 'ENOENT', 'ECONNREFUSED', 'ESRCH', [], '65534\n2\n']);
    await node.container.destroy();
  });
});

describe("hostile code that meddles with the platform's own files", () => {
  it('finds copies of the runtimes, and no link that leads out', async () => {
    const outcome = await target.attack(
      "def attack(args):\n    return [os.path.join(d, f) for d, _, files in os.walk('/runtime') for f in files if os.path.islink(os.path.join(d, f))]\n",
    );
    expect(outcome).toEqual([]);
  });

  it("can't have its runtime initialised a second time", async () => {
    const again = { value: { name: 'again', main: 'main', binary: false, code: 'def main(a): return {}' } };
    expect((await post(target.container, '/init', again)).status).not.toBe(200);
    expect(await target.attack('def attack(args):\n    return 1\n')).toBe(1);
  });
});
