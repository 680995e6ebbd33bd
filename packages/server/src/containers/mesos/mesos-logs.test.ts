import type { LogPage, LogRequest } from '@vibrissa/mesos';
import { ManualClock } from '@vibrissa/testkit';
import { beforeEach, describe, expect, test } from 'vitest';

import { MesosLogs } from './mesos-logs.ts';

let files: { [file: string]: string };
let clock: ManualClock;
let reads: string[];
let failure: Error | undefined;

/** As an agent answers: what there is from an offset, nothing beyond the end. */
async function* logPages({ file = 'stdout', from }: LogRequest = {}): AsyncGenerator<
  LogPage,
  void,
  undefined
> {
  reads.push(file);
  await Promise.resolve();
  if (failure) throw failure;
  const content = files[file];
  if (content === undefined) throw new Error(`no file ${file}`);
  const offset = from && 'offset' in from ? from.offset : 0;
  // In two pages, where there is enough.
  const rest = Buffer.from(content).subarray(offset);
  for (let at = 0; at < rest.length; at += 8) {
    const bytes = rest.subarray(at, at + 8);
    const begin = offset + at;
    yield {
      text: bytes.toString(),
      bytes,
      offset: begin,
      nextOffset: begin + bytes.length,
      restarted: false,
    };
  }
}

function open() {
  const logs = new MesosLogs({
    task: { logPages },
    size: (file) => Promise.resolve(Buffer.byteLength(files[file] ?? '')),
    clock,
    stamped: true,
    unreadable: 'They are elsewhere.',
  });
  const texts = { stdout: '', stderr: '' };
  const listen = () => logs.listen((stream, bytes) => (texts[stream] += bytes.toString()));
  return { logs, texts, listen };
}

beforeEach(() => {
  files = { stdout: '', stderr: '' };
  clock = new ManualClock();
  reads = [];
  failure = undefined;
});

describe('logs that lie in files elsewhere', () => {
  test('are given once, from where they were left, and none is lost before somebody listens', async () => {
    const { logs, texts, listen } = open();
    files['stdout'] = 'first and a long line\n';
    await logs.catchUp();
    listen();
    await clock.advance(10);
    await logs.catchUp();
    expect(texts.stdout).toBe('first and a long line\n');
    files['stdout'] += 'second\n';
    files['stderr'] += 'oops\n';
    await clock.advance(10);
    await logs.catchUp();
    expect(texts).toEqual({ stdout: 'first and a long line\nsecond\n', stderr: 'oops\n' });
  });

  test('begin behind what is nobody’s', async () => {
    files['stdout'] = 'Starting task x\n';
    const { logs, texts, listen } = open();
    await logs.skipToEnd();
    listen();
    files['stdout'] += 'mine\n';
    await logs.catchUp();
    expect(texts.stdout).toBe('mine\n');
  });

  test('are fetched once for all who ask together, and again for those who ask while that is under way', async () => {
    const { logs, texts, listen } = open();
    listen();
    const first = logs.catchUp();
    const [second, third] = [logs.catchUp(), logs.catchUp()];
    expect(second).toBe(third);
    await first;
    files['stdout'] = 'late\n';
    expect(reads).toEqual(['stdout', 'stderr']);
    await clock.advance(10);
    await second;
    expect(texts.stdout).toBe('late\n');
    expect(reads).toHaveLength(4);
  });

  test('are fetched again after a failure, from where they were left', async () => {
    const { logs, texts, listen } = open();
    listen();
    files['stdout'] = 'line\n';
    failure = new Error('the agent is away');
    await expect(logs.catchUp()).rejects.toThrow('the agent is away');
    expect(logs.unreadable).toBe('They are elsewhere.');
    failure = undefined;
    await clock.advance(10);
    await logs.catchUp();
    expect(texts.stdout).toBe('line\n');
  });

  test('go on in a new file when Mesos has rotated the full one away', async () => {
    const { logs, texts, listen } = open();
    listen();
    files['stdout'] = 'a line that was read\n';
    await logs.catchUp();
    files['stdout.1'] = 'a line that was read\nits last one\n';
    files['stdout'] = 'new\n';
    await clock.advance(10);
    await logs.catchUp();
    expect(texts.stdout).toBe('a line that was read\nits last one\nnew\n');
  });
});
