import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  test('is known to a later life, and leaves nothing half written', async () => {
    const memos = await ContainerMemos.open(join(directory, 'mesos', 'containers'));
    await memos.write('whisk-1', memo);
    await memos.write('whisk-1', { ...memo, capacity: 2 });
    const later = await ContainerMemos.open(join(directory, 'mesos', 'containers'));
    expect(await later.read('whisk-1')).toEqual({ ...memo, capacity: 2 });
    expect(readdirSync(join(directory, 'mesos', 'containers'))).toEqual(['whisk-1.json']);
    expect(statSync(join(directory, 'mesos', 'containers', 'whisk-1.json')).mode & 0o777).toBe(0o600);
  });

  test('is nothing where the file is damaged, or another thing', async () => {
    const memos = await ContainerMemos.open(directory);
    writeFileSync(join(directory, 'half.json'), '{"key":"gue');
    writeFileSync(join(directory, 'other.json'), '{"key":1}');
    expect(await memos.read('half')).toBeUndefined();
    expect(await memos.read('other')).toBeUndefined();
    expect(await memos.read('none')).toBeUndefined();
  });

  test('is forgotten with the container, and so are drafts', async () => {
    const memos = await ContainerMemos.open(directory);
    for (const id of ['a', 'b', 'c']) await memos.write(id, memo);
    writeFileSync(join(directory, 'd.json.new'), '{');
    await memos.forget('a');
    await memos.forget('a');
    await memos.keepOnly(new Set(['c']));
    expect(readdirSync(directory)).toEqual(['c.json']);
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
