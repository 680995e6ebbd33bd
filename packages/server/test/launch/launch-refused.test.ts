import { describe, expect, it } from 'vitest';
import { echo, useAgent, type Task } from './agent.ts';
import { processesOf } from './task-traces.ts';

const agent = useAgent();

describe("a task that can't run here", () => {
  /** bubblewrap is there, and no user namespace to be had. */
  const withoutNamespaces = [
    'unshare',
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"',
    'sh',
  ];
  /** The agent's own root, with one program that is none. */
  const withoutBubblewrap = [
    'bwrap',
    '--die-with-parent',
    '--dev-bind',
    '/',
    '/',
    '--ro-bind',
    '/dev/null',
    '/usr/bin/bwrap',
    '--',
  ];
  const refusal = async (task: Task) => ({ ...(await task.ended), lines: task.output.stderr.split('\n') });

  it.each([
    [{ VIBRISSA_KIND: 'cobol:85' }, /^The kind 'cobol:85' has no runtime on this agent \(there are: .*\)\.$/],
    [{ VIBRISSA_KIND: undefined }, /^VIBRISSA_KIND is not set/],
    [{ VIBRISSA_SANDBOX: '[]x' }, /^VIBRISSA_SANDBOX has other sizes/],
  ])('says why in one line and ends with 78: %j', async (env, line) => {
    const { code, lines } = await refusal(await agent.startTask({ env }));
    expect(code).toBe(78);
    expect(lines).toEqual([expect.stringMatching(line), '']);
  });

  it('says that its port is taken, and leaves nothing', async () => {
    const service = await agent.openService();
    const task = await agent.startTask({ port: service.port });
    const { code, lines } = await refusal(task);
    expect(code).toBe(78);
    expect(lines).toEqual([expect.stringMatching(/^The task's port can't be listened on: .*EADDRINUSE/), '']);
    expect(processesOf(task)).toEqual([]);
  });

  it('says that bubblewrap is missing, and how to get it', async () => {
    const { code, lines } = await refusal(await agent.startTask({ within: withoutBubblewrap }));
    expect(code).toBe(78);
    expect(lines).toEqual([
      'bubblewrap is not installed on this agent: sudo apt-get install bubblewrap (Fedora: sudo dnf install bubblewrap); or let actions run without any isolation: mesos.command.allowUnconfined',
      '',
    ]);
  });

  it('says that there are no user namespaces, and how to get them', async () => {
    const { code, lines } = await refusal(await agent.startTask({ within: withoutNamespaces }));
    expect(code).toBe(78);
    expect(lines).toEqual([
      expect.stringMatching(
        /^bubblewrap can't make a sandbox on this agent \(bwrap: .*\): sudo sysctl -w user\.max_user_namespaces=15000; .*; or let actions run without any isolation: mesos\.command\.allowUnconfined$/,
      ),
      '',
    ]);
  });

  it.each([
    ['bubblewrap', withoutBubblewrap],
    ['user namespaces', withoutNamespaces],
  ])('runs without isolation where that is allowed and this is missing: %s', async (_what, within) => {
    const env = { VIBRISSA_ALLOW_UNCONFINED: '1', VIBRISSA_API: 'http://127.0.0.1:9' };
    const task = await agent.startTask({ within, env });
    await task.init(
      'function main() { return { api: process.env.__OW_API_HOST, task: process.env.MESOS_TASK_ID }; }',
    );
    expect(await task.run()).toEqual({ api: 'http://127.0.0.1:9', task: task.id });
    expect((await task.post('/run', {}, 'another')).status).toBe(403);
    task.launcher.kill('SIGTERM');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });

  it('keeps its sandbox where it may do without one and need not', async () => {
    const task = await agent.startTask({ env: { VIBRISSA_ALLOW_UNCONFINED: '1' } });
    await task.init('function main() { return { home: require("fs").existsSync("/root") }; }');
    expect(await task.run()).toEqual({ home: false });
  });

  it('takes no plain process of a launcher that was killed along into the next life', async () => {
    const task = await agent.startTask({
      within: withoutNamespaces,
      env: { VIBRISSA_ALLOW_UNCONFINED: '1' },
    });
    await task.init(echo);
    task.launcher.kill('SIGKILL');
    await task.ended;
    await expect.poll(() => processesOf(task)).toEqual([]);
  });
});
