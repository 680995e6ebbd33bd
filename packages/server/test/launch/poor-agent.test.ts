import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { echo, useAgent } from './agent.ts';

const agent = useAgent();

const isRoot = process.getuid?.() === 0;
describe('a task on an agent that gives it little', () => {
  it.runIf(isRoot)('runs for a user without a home, with a umask of 077', async () => {
    const directory = agent.directory('own');
    execFileSync('chown', ['12345:12345', directory]);
    const task = await agent.startTask({
      directory,
      user: 12_345,
      within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
    });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  it('runs from files that only root can read, with a umask of 077', async () => {
    const task = await agent.startTask({ within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  /** In a mount namespace of its own; `$1` stays writable. */
  const readOnly = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind "$1" "$1" && mount -o remount,bind,ro / && cd "$0" && shift && exec "$@"',
  ];

  it.runIf(isRoot)('runs where all but its own directory is read-only', async () => {
    const directory = agent.directory('only');
    const task = await agent.startTask({ directory, within: [...readOnly, directory, directory] });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
  });

  it.runIf(isRoot)("says so where its own directory can't be written", async () => {
    const directory = agent.directory('none');
    const task = await agent.startTask({
      directory,
      within: [...readOnly, directory, agent.directory('other')],
    });
    expect((await task.ended).code).toBe(78);
    expect(task.output.stderr).toMatch(/^The container can't be started on this agent: .*EROFS.*\n$/);
  });

  it('runs in a directory whose path is too long for a socket', async () => {
    const directory = join(agent.scratch, 'slaves-'.repeat(12), 'executors-'.repeat(10));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'stdout'), '');
    const task = await agent.startTask({ directory });
    await task.init(echo);
    expect(await task.run({})).toMatchObject({ task: task.id });
    expect(existsSync(join(directory, 'stdout'))).toBe(true);
  });
});
