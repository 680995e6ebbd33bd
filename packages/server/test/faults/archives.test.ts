import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LINK, tar, tarGz, zip, type Member } from '../../../../runtimes/shared/test/build-archive.ts';
import { cleanUp } from '../platform/platform-process.ts';
import { kindOf, openFaultPlatform, type FaultPlatform } from './fault-platform.ts';

let platform: FaultPlatform;
beforeAll(async () => {
  platform = await openFaultPlatform();
});
afterAll(cleanUp);

const kinds = [
  { kind: kindOf('nodejs'), entry: { name: 'index.js', content: 'exports.main = () => ({ ran: true });' } },
  {
    kind: kindOf('python'),
    entry: { name: '__main__.py', content: 'def main(args):\n    return {"ran": True}\n' },
  },
];
const evidence = '/tmp/vibrissa-escaped';
/** It would fit into a sandbox, and is a thousand times as large as what it is packed to. */
const zeros = 'a'.repeat(40 * 1024 * 1024);

const hostile: readonly (readonly [string, (entry: Member) => Buffer])[] = [
  ['is a zip bomb', (entry) => zip([entry, { name: 'big', content: zeros }])],
  ['is a tar bomb', (entry) => tarGz([entry, { name: 'big', content: zeros }])],
  ['holds ..', (entry) => zip([entry, { name: '../../../../tmp/vibrissa-escaped', content: 'x' }])],
  ['holds an absolute path', (entry) => zip([entry, { name: evidence, content: 'x' }])],
  [
    'holds .. in a tar',
    (entry) => tarGz([entry, { name: '../../../../tmp/vibrissa-escaped', content: 'x' }]),
  ],
  [
    'writes through a link',
    (entry) =>
      zip([
        entry,
        { name: 'out', content: '/tmp', mode: LINK },
        { name: 'out/vibrissa-escaped', content: 'x' },
      ]),
  ],
  ['is cut off', (entry) => zip([entry]).subarray(0, -12)],
  ['has too many entries', (entry) => tarGz([entry, ...many(60_000)])],
  ['is no archive', () => Buffer.from('not an archive at all')],
  ['is a gzip of nothing known', () => gzipSync('text')],
  ['is empty', () => tar([])],
];

function many(count: number): Member[] {
  return Array.from({ length: count }, (_, n) => ({ name: `f${n}`, content: '' }));
}

describe.each(kinds.filter(({ kind }) => kind !== undefined))('an archive for $kind', ({ kind, entry }) => {
  const create = async (archive: Buffer) => {
    const exec = { kind, code: archive.toString('base64'), binary: true };
    await platform.create('archived', '', { exec });
  };

  it.each(hostile)('that %s is a developer error, and nothing of it reaches the host', async (_, build) => {
    await create(build(entry));
    const { response } = await platform.runAgain('archived');
    expect(response.status).toBe('action developer error');
    expect(response.result).toEqual({ error: expect.stringMatching(/\S/) as string });
    expect(existsSync(evidence)).toBe(false);
  });

  it('that is harmless runs', async () => {
    await create(zip([entry]));
    expect((await platform.runAgain('archived')).response.result).toEqual({ ran: true });
  });
});
