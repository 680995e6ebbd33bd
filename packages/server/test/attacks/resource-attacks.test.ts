/** Bombs: each fills something up, and must meet its own limit and nobody else's. */
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cgroupsOf, isAlive, processesOf, read } from './host-evidence.ts';
import { type Sandboxes, openSandboxes, openTarget, type Target } from './sandbox-fixture.ts';

let sandboxes: Sandboxes;
let neighbour: Target;

beforeAll(async () => {
  sandboxes = await openSandboxes({ config: { pids: 128 } });
  neighbour = await openTarget(sandboxes.factory);
});

afterAll(() => sandboxes.close());

async function attacked(source: string, memoryMb = 256): Promise<{ target: Target; outcome: unknown }> {
  const target = await openTarget(sandboxes.factory, 'python', memoryMb);
  const outcome = await target.attack(source).catch((error: Error) => error.message);
  return { target, outcome };
}

/** Bytes of buffers that somebody holds: what is only yet to be collected does not count. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().arrayBuffers;
}

function neighbourWorks(): Promise<unknown> {
  return neighbour.attack('def attack(args):\n    return True\n');
}

describe('hostile code that takes all it can', () => {
  it('forks no further than its own limit, and is gone at once when destroyed', async () => {
    const { target, outcome } = await attacked(`def attack(args):
    made = 0
    while made < 5000:
        try:
            if os.fork() == 0:
                signal.pause()
        except OSError as e:
            return [made, errno.errorcode[e.errno]]
        made += 1
    return [made, 'OK']
`);
    const [made, error] = outcome as [number, string];
    expect(error).toBe('EAGAIN');
    expect(made).toBeLessThan(128);
    const pids = processesOf(target.container.id);
    expect(pids.length).toBeGreaterThan(made);
    expect(await neighbourWorks()).toBe(true);
    await target.container.destroy();
    // A process leaves its groups a moment before it is quite dead.
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    expect(cgroupsOf(target.container.id)).toEqual([]);
  });

  it('forks without end, and still ends with its container', async () => {
    const target = await openTarget(sandboxes.factory);
    // The answer may never come: the bomb starves its own runtime.
    const bomb = target
      .attack(
        `def attack(args):
    if os.fork() == 0:
        while True:
            try:
                os.fork()
            except OSError:
                pass
    return 1
`,
      )
      .catch(() => 0);
    await expect.poll(() => processesOf(target.container.id).length).toBeGreaterThan(100);
    expect(await neighbourWorks()).toBe(true);
    const pids = processesOf(target.container.id);
    await target.container.destroy();
    await bomb;
    // A process leaves its groups a moment before it is quite dead.
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it('is ended by the kernel when it takes more memory than it has, and its end says so', async () => {
    const { target } = await attacked(
      "def attack(args):\n    hoard = []\n    while True:\n        hoard.append(b'x' * (1 << 20))\n",
      128,
    );
    expect(await target.container.died).toMatchObject({ outOfMemory: true });
    expect(await neighbourWorks()).toBe(true);
    await target.container.destroy();
  });

  it('that ends by itself is not taken for one that wanted memory', async () => {
    const { target } = await attacked('def attack(args):\n    os._exit(7)\n');
    expect(await target.container.died).toMatchObject({ outOfMemory: false, exitCode: 7 });
  });

  for (const [directory, limitMb] of [
    ['/tmp', 128],
    ['/action', 256],
    ['/dev/shm', 16],
  ] as const)
    it(`fills ${directory} up to ${limitMb} MB and no further`, async () => {
      const { target, outcome } = await attacked(
        `def attack(args):
    written = 0
    with open('${directory}/bomb', 'wb', buffering=0) as f:
        try:
            while written < 1024:
                f.write(b'x' * (1 << 20))
                written += 1
        except OSError as e:
            return [written, errno.errorcode[e.errno]]
    return [written, 'OK']
`,
        512,
      );
      const [written, error] = outcome as [number, string];
      expect(error).toBe('ENOSPC');
      expect(written).toBeLessThanOrEqual(limitMb);
      expect(written).toBeGreaterThan(limitMb - 4);
      await target.container.destroy();
    });

  it('fills its directories with files until its memory is used up, not the host', async () => {
    const { target, outcome } = await attacked(
      `def attack(args):
    n = 0
    try:
        while n < 3000000:
            os.close(os.open('/tmp/%d' % n, os.O_CREAT))
            n += 1
    except OSError as e:
        return errno.errorcode[e.errno]
    return 'OK'
`,
      128,
    );
    expect(outcome).not.toBe('OK');
    expect(await target.container.died).toMatchObject({ outOfMemory: true });
    expect(await neighbourWorks()).toBe(true);
    await target.container.destroy();
  });

  it('opens no more than 1024 files', async () => {
    const { target, outcome } = await attacked(`def attack(args):
    fds = []
    try:
        while True:
            fds.append(os.open('/dev/null', os.O_RDONLY))
    except OSError as e:
        result = [len(fds) <= 1024, errno.errorcode[e.errno]]
    for fd in fds:
        os.close(fd)
    return result
`);
    expect(outcome).toEqual([true, 'EMFILE']);
    await target.container.destroy();
  });

  it("uses up its own user's inotify instances, pending signals and locked memory, and nobody else's", async () => {
    const { target, outcome } = await attacked(`def attack(args):
    made = 0
    while libc.inotify_init() >= 0 and made < 100000:
        made += 1
    return [made, tried(lambda: [signal.sigqueue for _ in ()]), call(149, 228, ctypes.create_string_buffer(64 << 20), 64 << 20)]
`);
    const [made, , locked] = outcome as [number, string, string];
    expect(made).toBeLessThan(1024);
    expect(locked).toMatch(/^(?:ENOMEM|EPERM|EAGAIN)$/);
    expect(await neighbour.attack('def attack(args):\n    return libc.inotify_init() >= 0\n')).toBe(true);
    await target.container.destroy();
  });

  it('keeps every processor busy while others are still served', async () => {
    const target = await openTarget(sandboxes.factory);
    await target.attack(`def attack(args):
    for _ in range(16):
        if os.fork() == 0:
            while True:
                pass
    return 1
`);
    for (let call = 0; call < 5; call++) expect(await neighbourWorks()).toBe(true);
    await target.container.destroy();
  });

  it('leaves no core file when it crashes', async () => {
    const { target } = await attacked("def attack(args):\n    os.chdir('/tmp')\n    ctypes.string_at(0)\n");
    const { outOfMemory } = await target.container.died;
    expect(outOfMemory).toBe(false);
    await target.container.destroy();
    expect(readdirSync('/').filter((name) => /^core(?:\.|$)/.test(name))).toEqual([]);
  });

  it('floods its output without filling the platform', async () => {
    const target = await openTarget(sandboxes.factory);
    const before = memoryInUse();
    expect(
      await target.attack(
        "def attack(args):\n    for _ in range(4000):\n        os.write(1, b'y' * 32768)\n    return 'done'\n",
      ),
    ).toBe('done');
    // 128 MB went through; what nobody keeps does not stay.
    expect(memoryInUse() - before).toBeLessThan(16 * 1024 * 1024);
    await target.container.destroy();
  });

  it('stops itself, and is destroyed all the same', async () => {
    const target = await openTarget(sandboxes.factory);
    await target.attack(`def attack(args):
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            os.kill(os.getpid(), signal.SIGSTOP)
            signal.pause()
    return 1
`);
    const pids = processesOf(target.container.id);
    await target.container.destroy();
    // A process leaves its groups a moment before it is quite dead.
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it('closes its socket, and the host is refused instead of left waiting', async () => {
    const target = await openTarget(sandboxes.factory);
    await target
      .attack(
        "def attack(args):\n    for fd in range(3, 20):\n        try:\n            if os.readlink('/proc/self/fd/%d' % fd).startswith('socket:') and socket.socket(fileno=os.dup(fd)).getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):\n                os.close(fd)\n        except OSError:\n            pass\n    return 1\n",
      )
      .catch(() => 0);
    const { address } = target.container;
    const path = 'socketPath' in address ? address.socketPath : '';
    const code = await new Promise<string | undefined>((resolve) => {
      const socket = connect(path, () => socket.end(() => resolve('OK')));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    // Or it has ended over it, and its socket went with it.
    expect(code).toMatch(/^(?:ECONNREFUSED|ENOENT)$/);
    await target.container.destroy();
    expect(existsSync(path)).toBe(false);
  });

  it('escapes from its cgroups by no path: it stays where it was put', async () => {
    const { target, outcome } = await attacked(`def attack(args):
    results = []
    for path in ('/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/memory', '/proc/1/root/sys/fs/cgroup'):
        results.append(tried(lambda: open(path + '/cgroup.procs', 'w').write('0')))
    return results
`);
    for (const result of outcome as string[]) expect(result).toBe('ENOENT');
    const groups = cgroupsOf(target.container.id);
    expect(groups.length).toBeGreaterThan(0);
    for (const group of groups)
      expect(read(join(group, 'cgroup.procs')).trim().split('\n').length).toBeGreaterThan(1);
    await target.container.destroy();
  });
});
