import { SandboxError, type LogPage, type LogRequest } from '@vibrissa/mesos';
import { ManualClock } from '@vibrissa/testkit';
import { beforeEach, describe, expect, test } from 'vitest';

import { MesosLogs } from './mesos-logs.ts';

let files: { [file: string]: string };
let clock: ManualClock;
let reads: string[];
let failure: Error | undefined;
let pageBytes: number;
/** Pages of stdout wait for it. */
let gate: Promise<void>;

/** As an agent answers: what there is from an offset, nothing beyond the end. */
async function* pages({ file = 'stdout', from }: LogRequest): AsyncGenerator<LogPage, void, undefined> {
  if (from && 'offset' in from) reads.push(file);
  await (file === 'stdout' ? gate : Promise.resolve());
  if (failure) throw failure;
  const content = files[file];
  if (content === undefined) throw new SandboxError('SANDBOX_NOT_FOUND', `no file ${file}`);
  const all = Buffer.from(content);
  const begin = from && 'offset' in from ? from.offset : Math.max(0, all.length - 64);
  for (let offset = begin; offset < all.length; offset += pageBytes) {
    const bytes = all.subarray(offset, offset + pageBytes);
    yield { text: bytes.toString(), bytes, offset, nextOffset: offset + bytes.length, restarted: false };
  }
}

function open() {
  const logs = new MesosLogs({ pages, clock, stamped: true, unreadable: 'They are elsewhere.' });
  const texts = { stdout: '', stderr: '' };
  const listen = () => logs.listen((stream, bytes) => (texts[stream] += bytes.toString()));
  return { logs, texts, listen };
}

beforeEach(() => {
  files = { stdout: '', stderr: '' };
  clock = new ManualClock();
  reads = [];
  failure = undefined;
  pageBytes = 80;
  gate = Promise.resolve();
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

  test('are fetched by nobody else while one who waits is next', async () => {
    const { logs, texts, listen } = open();
    listen();
    files['stdout'] = 'line\n';
    const first = logs.catchUp();
    const third = first.then(() => logs.catchUp());
    const second = logs.catchUp();
    await first;
    files['stdout'] += 'late\n';
    let release: () => void = () => {};
    gate = new Promise((resolve) => (release = resolve));
    await clock.advance(50);
    release();
    await clock.advance(50);
    await Promise.all([second, third]);
    expect(texts.stdout).toBe('line\nlate\n');
  });

  test('are fetched by nobody else while one of the streams is still being read', async () => {
    const { logs, texts, listen } = open();
    listen();
    const { stderr: _gone, ...only } = files;
    files = { ...only, stdout: 'line\n' };
    let release: () => void = () => {};
    gate = new Promise((resolve) => (release = resolve));
    const errors: Promise<unknown>[] = [];
    for (let calls = 0; calls < 3; calls += 1) {
      errors.push(logs.catchUp().catch((error: unknown) => error));
      await clock.advance(50);
    }
    release();
    await clock.advance(100);
    for (const error of errors) expect(await error).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
    expect(texts.stdout).toBe(files['stdout']);
  });

  test('are fetched in pieces of 16 MiB, so that a flood keeps nobody waiting', async () => {
    const mebibyte = 1024 * 1024;
    pageBytes = mebibyte;
    const { logs, texts, listen } = open();
    listen();
    files['stdout'] = 'x'.repeat(20 * mebibyte);
    await logs.catchUp();
    expect(texts.stdout.length).toBe(16 * mebibyte);
    await clock.advance(50);
    await logs.catchUp();
    expect(texts.stdout.length).toBe(20 * mebibyte);
  });
});

describe('a fetch that was aborted', () => {
  test('ends after the page it is at, and the next one goes on there', async () => {
    pageBytes = 8;
    const { logs, texts } = open();
    const abort = new AbortController();
    logs.listen((stream, bytes) => {
      texts[stream] += bytes.toString();
      if (stream === 'stdout') abort.abort();
    });
    files['stdout'] = 'a long line of an action\n';
    await logs.catchUp(abort.signal);
    expect(texts.stdout).toBe('a long l');
    await clock.advance(50);
    await logs.catchUp();
    expect(texts.stdout).toBe('a long line of an action\n');
  });

  test('before its first page is no rotation', async () => {
    const { logs, texts, listen } = open();
    listen();
    files['stdout'] = 'one\n';
    await logs.catchUp();
    await clock.advance(50);
    const abort = new AbortController();
    let release: () => void = () => {};
    gate = new Promise((resolve) => (release = resolve));
    files['stdout'] = 'one\ntwo\n';
    const aborted = logs.catchUp(abort.signal);
    await clock.advance(0);
    abort.abort();
    release();
    await aborted;
    expect(texts.stdout).toBe('one\n');
    await clock.advance(50);
    await logs.catchUp();
    expect(texts.stdout).toBe('one\ntwo\n');
  });
});

describe('files that Mesos rotates', () => {
  async function readOnce(given: string) {
    const opened = open();
    opened.listen();
    files['stdout'] = given;
    await opened.logs.catchUp();
    await clock.advance(50);
    return opened;
  }
  const lost = 'Lines are missing here: Mesos has rotated them away before they were read.\n';

  test('are read on in the new one when the full one is at its end', async () => {
    const { logs, texts } = await readOnce('a line that was read\n');
    files['stdout.1'] = 'a line that was read\nits last one\n';
    files['stdout'] = 'new\n';
    await logs.catchUp();
    expect(texts.stdout).toBe('a line that was read\nits last one\nnew\n');
  });

  test('are told apart, also where the new one is longer than what was read of the full one', async () => {
    const { logs, texts } = await readOnce('a line that was read\n');
    files['stdout.1'] = 'a line that was read\nits last one\n';
    files['stdout'] = 'new, and already longer than that\n';
    await logs.catchUp();
    expect(texts.stdout).toBe('a line that was read\nits last one\nnew, and already longer than that\n');
  });

  test('are told apart, also where what was there at first was nobody’s', async () => {
    files['stdout'] = 'Starting task x\n';
    const { logs, texts, listen } = open();
    await logs.skipToEnd();
    listen();
    files['stdout.1'] = 'Starting task x\nmine\n';
    files['stdout'] = 'mine, too, and longer than that\n';
    await logs.catchUp();
    expect(texts.stdout).toBe('mine\nmine, too, and longer than that\n');
  });

  test.each([
    ['rotated once more', { 'stdout.1': 'between, and nobody has read it\n' }],
    ['removed', {}],
  ])('have a gap when the full one was %s, which is told at its place and once', async (_what, others) => {
    const { logs, texts } = await readOnce('a line that was read\n');
    Object.assign(files, others, { stdout: 'the newest line of all\n' });
    await expect(logs.catchUp()).rejects.toThrow('stdout: Lines are missing here');
    expect(texts.stdout).toBe(`a line that was read\n${lost}the newest line of all\n`);
    files['stdout'] += 'more\n';
    await clock.advance(50);
    await logs.catchUp();
    expect(texts.stdout).toBe(`a line that was read\n${lost}the newest line of all\nmore\n`);
  });

  test('have their gap on a line of its own', async () => {
    const { logs, texts } = await readOnce('half a line');
    files['stdout'] = 'new\n';
    await expect(logs.catchUp()).rejects.toThrow('Lines are missing');
    expect(texts.stdout).toBe(`half a line\n${lost}new\n`);
  });

  test('have no gap while the agent does not answer', async () => {
    const { logs, texts } = await readOnce('a line that was read\n');
    files['stdout.1'] = 'a line that was read\nits last one\n';
    files['stdout'] = 'new\n';
    failure = new Error('the agent is away');
    await expect(logs.catchUp()).rejects.toThrow('the agent is away');
    failure = undefined;
    await clock.advance(50);
    await logs.catchUp();
    expect(texts.stdout).toBe('a line that was read\nits last one\nnew\n');
  });
});
