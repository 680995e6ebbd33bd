import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inItsPlace, RuntimeProcess } from './runtime-process.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vibrissa-runtime-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let counter = 0;

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(join(scratch, `${counter++}.sock`), () => resolve(server)));
}

/**
 * A runtime that leaves a file, within a shell's `words`, as it is within bubblewrap. Words that go on after it hold what
 * it was given until it is over, and so all that has its output has ended no sooner.
 */
async function start(words: string): Promise<{ readonly process: RuntimeProcess; readonly file: string }> {
  const file = join(scratch, `ran-${counter++}`);
  const inner = inItsPlace(['/bin/sh', '-c', 'echo > "$0"', file], { ownUser: false });
  const argv = ['/bin/sh', '-c', words, 'sh', ...inner];
  const plan = { argv, env: { PATH: '/usr/bin:/bin' }, sandboxed: true };
  return { process: new RuntimeProcess(plan, await listening()), file };
}

describe('a runtime on an agent', () => {
  it('runs once the launcher has heard that it stands', async () => {
    const { file, process } = await start('"$@"; exit 3');
    expect(await process.started).toBeUndefined();
    expect(await process.ended).toBe(3);
    expect(existsSync(file)).toBe(true);
  });

  it('never runs when bubblewrap is killed before the kernel ends both together', async () => {
    const { file, process } = await start('{ sleep 0.2; "$@"; :; } & kill -KILL $$');
    expect(await process.started).toBe('it ended with code 137');
    expect(await process.ended).toBe(137);
    expect(existsSync(file)).toBe(false);
  });

  it('never runs when a busy launcher hears of both only afterwards', async () => {
    const { file, process } = await start('{ sleep 0.1; "$@"; :; } & kill -KILL $$');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    expect(await process.started).toBe('it ended with code 137');
    expect(existsSync(file)).toBe(false);
  });

  it('never runs without a launcher', async () => {
    const file = join(scratch, 'ran-alone');
    const [program = '', ...args] = inItsPlace(['/bin/sh', '-c', 'echo > "$0"', file], { ownUser: false });
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'pipe', 'ignore'] });
    child.stdio[4]?.destroy();
    await once(child, 'exit');
    expect(existsSync(file)).toBe(false);
  });
});
