import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { echo, useAgent } from './agent.ts';
import { pythonKind } from './kinds-of-tasks.ts';
import { processesOf } from './task-traces.ts';

const agent = useAgent();

const isRoot = process.getuid?.() === 0;
describe('an action in a task', () => {
  it('has no network', async () => {
    const service = await agent.openService();
    const task = await agent.startTask();
    await task.init(`exports.main = ({ port }) => new Promise((resolve) => {
      const interfaces = Object.keys(require('os').networkInterfaces());
      require('net').connect(port, '127.0.0.1', () => resolve({ interfaces, outcome: 'connected' }))
        .on('error', ({ code }) => resolve({ interfaces, outcome: code }));
    });`);
    expect(await task.run({ port: service.port })).toEqual({ interfaces: ['lo'], outcome: 'ECONNREFUSED' });
    expect(service.visits()).toBe(0);
  });

  it('gets none from the sockets that its runtime holds, however it turns them', async () => {
    const service = await agent.openService();
    const task = await agent.startTask({ env: { VIBRISSA_KIND: pythonKind } });
    await task.init(`import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def main(args):
  port = struct.pack('!H', args['port'])
  v4 = struct.pack('=H', socket.AF_INET) + port + socket.inet_aton('127.0.0.1') + bytes(8)
  v6 = struct.pack('=H', socket.AF_INET6) + port + bytes(4) + socket.inet_pton(socket.AF_INET6, '::ffff:127.0.0.1') + bytes(4)
  reached = []
  for fd in range(3, 256):
    for turn in (lambda: libc.shutdown(fd, 2), lambda: libc.connect(fd, bytes(16), 16)):
      turn()
      for address in (v4, v6):
        if libc.connect(fd, address, len(address)) == 0:
          reached.append(fd)
  return {'reached': reached}
`);
    // The connection that the answer should take is broken, too.
    await expect(task.run({ port: service.port })).rejects.toThrow();
    task.launcher.kill();
    await task.ended;
    expect(service.visits()).toBe(0);
  });

  it("sees neither files of the agent, nor its other processes, nor the launcher's environment", async () => {
    const task = await agent.startTask({ env: { VIBRISSA_API: 'http://127.0.0.1:9' } });
    await task.init(`const fs = require('fs');
    exports.main = ({ paths }) => ({
      seen: paths.filter((path) => fs.existsSync(path)),
      processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)),
      names: Object.keys(process.env).filter((name) => /VIBRISSA|PORT0|TOKEN|HOST/.test(name)),
      user: process.getuid(),
    });`);
    const paths = [task.directory, agent.files, '/root', '/home', '/etc/shadow', '/var/lib'];
    const { processes, ...seen } = (await task.run({ paths })) as { processes: string[] };
    expect(seen).toEqual({ seen: [], names: ['__OW_API_HOST'], user: 65_534 });
    expect(processes).toEqual(['1']);
  });

  it.runIf(isRoot)('is a user of its own on the agent', async () => {
    const tasks = await Promise.all([agent.startTask(), agent.startTask()]);
    const users = new Set<string>();
    for (const task of tasks) {
      await task.init(echo);
      const [pid = 0] = processesOf(task).filter((one) => one !== task.launcher.pid);
      users.add(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
    }
    expect(users.size).toBe(2);
    expect(users.has('0')).toBe(false);
  });

  it('can neither fork nor fill the disk without end', async () => {
    const task = await agent.startTask({ env: { VIBRISSA_SANDBOX: '{"tmpMb":1}' } });
    await task.init(`const fs = require('fs');
    exports.main = () => {
      try { fs.writeFileSync('/tmp/large', Buffer.alloc(2 * 1024 * 1024)); return { outcome: 'written' }; }
      catch ({ code }) { return { outcome: code, limits: fs.readFileSync('/proc/self/limits', 'utf8') }; }
    };`);
    const { outcome, limits } = (await task.run()) as { outcome: string; limits: string };
    expect(outcome).toBe('ENOSPC');
    expect(limits).toMatch(/Max open files\s+1024\s+1024/);
    expect(limits).toMatch(/Max file size\s+1073741824\s+1073741824/);
    expect(limits).toMatch(/Max core file size\s+0\s+0/);
    if (isRoot) expect(limits).toMatch(/Max processes\s+1024\s+1024/);
  });
});

describe('the output of an action in a task', () => {
  it('is a file of the agent that cannot be made as large as one likes', async () => {
    const directory = agent.directory('output');
    const stdout = join(directory, 'stdout');
    const task = await agent.startTask({ directory, within: ['sh', '-c', 'exec "$@" >>stdout', 'sh'] });
    await task.init(`exports.main = () => {
      try { require('fs').ftruncateSync(1, 2 ** 40); return { outcome: 'made' }; }
      catch ({ code }) { return { outcome: code }; }
    };`);
    expect(await task.run()).toEqual({ outcome: 'EFBIG' });
    expect(statSync(stdout).size).toBeLessThan(1024 * 1024);
  });
});
