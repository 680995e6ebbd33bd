import { anIdentity } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import type { RequestContext } from '../../base/request-context.ts';
import { CodeReads } from './code-reads.ts';

const exec = { kind: 'nodejs:20', binary: false, size: 1, codeDigest: 'd' } as const;

function open() {
  let reading = 0;
  let most = 0;
  let asked = 0;
  const reads = CodeReads.open({
    read: async () => {
      asked += 1;
      most = Math.max(most, ++reading);
      await Promise.resolve();
      reading -= 1;
      return 'code';
    },
  });
  const reader = (namespace: string, signal?: AbortSignal) => ({
    identity: anIdentity({ namespace: { name: namespace, uuid: namespace } }),
    context: (signal === undefined ? {} : { signal }) as RequestContext,
  });
  return { reads, reader, seen: () => ({ most, asked }) };
}

it('however often a namespace asks for its code at once, one is read after the other', async () => {
  const { reads, reader, seen } = open();
  const all = await Promise.all(Array.from({ length: 50 }, () => reads.read(reader('ada'), exec)));
  expect(all).toEqual(Array.from({ length: 50 }, () => 'code'));
  expect(seen()).toEqual({ most: 1, asked: 50 });
});

it('one namespace does not wait for the requests of another one', async () => {
  const { reads, reader, seen } = open();
  await Promise.all(['ada', 'ada', 'bob', 'bob'].map((name) => reads.read(reader(name), exec)));
  expect(seen().most).toBe(2);
});

it('code is not read for a client that has gone before its turn', async () => {
  const { reads, reader, seen } = open();
  const leaving = new AbortController();
  const [first, second] = [reads.read(reader('ada'), exec), reads.read(reader('ada', leaving.signal), exec)];
  leaving.abort();
  await expect(second).rejects.toThrow('has closed its connection');
  expect(await first).toBe('code');
  expect(await reads.read(reader('ada'), exec)).toBe('code');
  expect(seen().asked).toBe(2);
});
