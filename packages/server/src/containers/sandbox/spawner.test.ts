import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitingOn } from './go-on.ts';
import {
  LINE_FD,
  lineReader,
  type SpawnerOrder,
  type SpawnerReply,
  type StartOrder,
} from './spawner-protocol.ts';
import { strandedProcesses } from './stranded.ts';

const program = fileURLToPath(new URL('./spawner.ts', import.meta.url))
  .replace('/src/', '/dist/')
  .replace(/ts$/, 'js');

let directory: string;
let spawner: ChildProcess;
let ended: Promise<unknown>;
const replies: SpawnerReply[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vibrissa-spawner-'));
  replies.length = 0;
  spawner = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  // Not before its last replies were read.
  ended = new Promise((resolve) => spawner.once('close', resolve));
  spawner.stdout?.setEncoding('utf8').on(
    'data',
    lineReader((line) => replies.push(JSON.parse(line) as SpawnerReply)),
  );
});
afterEach(() => {
  spawner.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const order = (message: SpawnerOrder) => spawner.stdin?.write(`${JSON.stringify(message)}\n`);

const started: StartOrder = {
  do: 'start',
  id: 2,
  name: 'orphan',
  argv: ['/bin/sleep', '60'],
  sandboxed: false,
  env: {},
  socket: 'orphan.sock',
  stdout: 'out',
  stderr: 'err',
};

describe('the spawner of a platform that was killed while it started a container', () => {
  it('does not wait for a reader that never comes: it ends the container, and then itself', async () => {
    order({ do: 'fifos', id: 1, names: ['out', 'err'] });
    await expect.poll(() => replies).toEqual([{ id: 1, ok: true }]);
    order(started);
    await expect
      .poll(() => replies)
      .toContainEqual({
        id: 2,
        ok: true,
        pid: expect.any(Number),
      });
    spawner.stdin?.end();
    expect(await ended).toBe(0);
    expect(replies).toContainEqual(expect.objectContaining({ event: 'exit', signal: 'SIGKILL' }));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('makes no file where its pipes have been taken away', async () => {
    order(started);
    await expect.poll(() => replies).toHaveLength(1);
    expect(replies[0]).toMatchObject({ id: 2, ok: false, error: expect.stringContaining('ENOENT') });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a sandbox whose bubblewrap is killed while it starts', () => {
  /** A program that leaves a file, within a shell's `words`, as it is within bubblewrap. */
  async function startWithin(words: string): Promise<{ readonly argv: string[]; readonly file: string }> {
    const file = join(directory, 'ran');
    const script = `${waitingOn(LINE_FD)}; echo > "$0"`;
    const argv = ['/bin/sh', '-c', words, 'sh', '/bin/sh', '-c', script, file];
    order({ do: 'fifos', id: 1, names: ['out', 'err'] });
    await expect.poll(() => replies).toHaveLength(1);
    order({ ...started, name: 'short', argv, sandboxed: true });
    await expect.poll(() => replies).toContainEqual({ event: 'gone', name: 'short' });
    return { argv, file };
  }

  it('runs nothing, even where the program comes up afterwards', async () => {
    const inner = 'sleep 0.2; exec "$@"';
    const { argv, file } = await startWithin(`exec /bin/sh -c '${inner}' sh "$@" & kill -KILL $$`);
    const program = argv.slice(4);
    // One becomes the next: in this order none is overlooked.
    const stages = [argv, ['/bin/sh', '-c', inner, 'sh', ...program], program];
    const left = () => stages.flatMap((words) => strandedProcesses(words, new Set()));
    await expect.poll(left).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  it('leaves no process that waits for it', async () => {
    const { argv } = await startWithin('mkfifo "$4"; (: < "$4") & kill -KILL $$');
    await expect.poll(() => strandedProcesses(argv, new Set())).toEqual([]);
  });

  it('has its program begin where nobody is killed', async () => {
    const { file } = await startWithin('"$@"; exit 3');
    expect(replies).toContainEqual(expect.objectContaining({ event: 'exit', code: 3 }));
    expect(existsSync(file)).toBe(true);
  });
});
