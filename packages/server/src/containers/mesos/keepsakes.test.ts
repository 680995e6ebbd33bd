import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ContainerMemos } from './container-memos.ts';
import { openTokens } from './token.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vbm-keep-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('what containers have become', () => {
  const memo = { key: 'guest/hello@1', action: 'guest/hello', capacity: 1 };

  const file = () => join(directory, 'memos.jsonl');

  test('is known to a later life, and only to the owner', async () => {
    const path = join(directory, 'mesos', 'containers');
    const memos = await ContainerMemos.open(path);
    await memos.write('whisk-1', memo);
    await memos.write('whisk-1', { ...memo, capacity: 2 });
    await memos.close();
    const later = await ContainerMemos.open(path);
    expect(later.read('whisk-1')).toEqual({ ...memo, capacity: 2 });
    expect(later.read('whisk-2')).toBeUndefined();
    expect(readdirSync(path)).toEqual(['memos.jsonl']);
    expect(statSync(join(path, 'memos.jsonl')).mode & 0o777).toBe(0o600);
  });

  test('is on the disk when it is said to be, however many come at a time', async () => {
    const memos = await ContainerMemos.open(directory);
    const ids = Array.from({ length: 200 }, (_, index) => `whisk-${index}`);
    const written = ids.map((id) => memos.write(id, { ...memo, action: id }));
    await written[0];
    expect((await ContainerMemos.open(directory)).read('whisk-0')).toEqual({ ...memo, action: 'whisk-0' });
    await Promise.all(written);
    const later = await ContainerMemos.open(directory);
    for (const id of ids) expect(later.read(id)).toEqual({ ...memo, action: id });
    await memos.close();
  });

  test('is nothing where a line was cut short or is another thing, and harms no other line', async () => {
    const good = JSON.stringify({ taskId: 'good', memo });
    writeFileSync(
      file(),
      `\n{"taskId":"other","memo":{"key":1}}\n${good}\n{"taskId":"half","memo":{"key":"gue`,
    );
    const memos = await ContainerMemos.open(directory);
    await memos.write('next', memo);
    await memos.close();
    const later = await ContainerMemos.open(directory);
    expect(['good', 'next', 'other', 'half'].map((id) => later.read(id))).toEqual([
      memo,
      memo,
      undefined,
      undefined,
    ]);
  });

  test('is in doubt for all others where the file is missing, emptied, or has a line that nobody can read', async () => {
    const memos = await ContainerMemos.open(directory);
    expect(memos.doubt).toBe('there is no memos.jsonl');
    await memos.keepOnly(new Set());
    await memos.write('a', memo);
    await memos.close();
    const whole = readFileSync(file(), 'utf8');
    expect((await ContainerMemos.open(directory)).doubt).toBeUndefined();
    const doubts: (string | undefined)[] = [];
    for (const text of ['', whole.slice(whole.indexOf('\n')), whole.slice(0, -1), `${whole}\n{"taskId":1}`]) {
      writeFileSync(file(), text);
      doubts.push((await ContainerMemos.open(directory)).doubt);
    }
    const headless = 'memos.jsonl does not begin as it should';
    const unread = "1 lines of memos.jsonl can't be read";
    expect(doubts).toEqual([headless, headless, unread, unread]);
  });

  test('stays in doubt until somebody has asked what there still is, and then for those, for ever', async () => {
    writeFileSync(file(), '');
    const memos = await ContainerMemos.open(directory);
    await memos.write('a', memo);
    await memos.close();
    const later = await ContainerMemos.open(directory);
    expect(later.doubt).toBeDefined();
    await later.keepOnly(new Set(['a', 'b']));
    await later.close();
    const last = await ContainerMemos.open(directory);
    expect([last.doubt, last.read('a'), last.read('b'), last.read('c')]).toEqual([
      undefined,
      memo,
      'unknown',
      undefined,
    ]);
  });

  test('is forgotten with the container, and so are drafts', async () => {
    const memos = await ContainerMemos.open(directory);
    for (const id of ['a', 'b', 'c']) await memos.write(id, memo);
    writeFileSync(join(directory, 'memos.jsonl.new'), '{');
    memos.forget('a');
    expect(memos.read('a')).toBeUndefined();
    await memos.keepOnly(new Set(['c']));
    await memos.write('d', memo);
    await memos.close();
    const later = await ContainerMemos.open(directory);
    expect(['a', 'b', 'c', 'd'].map((id) => later.read(id))).toEqual([undefined, undefined, memo, memo]);
    expect(readdirSync(directory)).toEqual(['memos.jsonl']);
  });

  test('takes no more room than many that are forgotten', async () => {
    const memos = await ContainerMemos.open(directory);
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: 5000 }, (_, index) => `whisk-${round}-${index}`);
      await Promise.all(ids.map((id) => memos.write(id, memo)));
      ids.forEach((id) => memos.forget(id));
    }
    await memos.write('last', memo);
    await memos.close();
    expect(readFileSync(file(), 'utf8').split('\n').length).toBeLessThan(10_000);
    expect((await ContainerMemos.open(directory)).read('last')).toEqual(memo);
  });

  test('is not said to be kept when it could not be, and can be kept again later', async () => {
    const memos = await ContainerMemos.open(directory);
    rmSync(directory, { recursive: true });
    await expect(memos.write('a', memo)).rejects.toMatchObject({ code: 'ENOENT' });
    mkdirSync(directory);
    await memos.write('b', memo);
    await memos.close();
    expect((await ContainerMemos.open(directory)).read('b')).toEqual(memo);
  });
});

describe('the tokens of tasks', () => {
  test('are the same in a later life, differ from task to task, and from platform to platform', async () => {
    const path = join(directory, 'mesos', 'token.key');
    const tokenOf = await openTokens(path);
    const again = await openTokens(path);
    expect(again('whisk-1')).toBe(tokenOf('whisk-1'));
    expect(tokenOf('whisk-1')).toMatch(/^[\w-]{43}$/);
    expect(tokenOf('whisk-2')).not.toBe(tokenOf('whisk-1'));
    const other = await openTokens(join(directory, 'other.key'));
    expect(other('whisk-1')).not.toBe(tokenOf('whisk-1'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('are drawn anew where the key was cut short', async () => {
    const path = join(directory, 'token.key');
    writeFileSync(path, 'short');
    const tokenOf = await openTokens(path);
    expect((await openTokens(path))('a')).toBe(tokenOf('a'));
  });
});
