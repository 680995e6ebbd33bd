import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPlatform, type Platform } from '../golden/platform.ts';
import { makeWorkplace, runBinary, type Workplace } from '../run-wsk.ts';

const guide = readFileSync(fileURLToPath(new URL('../../../../docs/guide/projects.md', import.meta.url)), 'utf8');

let platform: Platform;
let place: Workplace;

beforeAll(async () => {
  platform = await startPlatform();
  place = makeWorkplace();
});

afterAll(async () => {
  place?.remove();
  await platform?.stop();
});

/** The fenced blocks: `js hello.js` is a file, `console` has commands and what they print. */
function blocks(): { readonly kind: string; readonly name: string; readonly text: string }[] {
  const found = guide.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return Array.from(found, ([, kind = '', name = '', text = '']) => ({ kind, name, text }));
}

test('the guide to projects works as it is written', async () => {
  const flags = ['--apihost', platform.url, '--auth', platform.key];
  await runBinary(place, ['property', 'set', ...flags]);
  let commands = 0;
  for (const { kind, name, text } of blocks()) {
    if (name !== '') writeFileSync(place.path(name), text);
    if (kind !== 'console') continue;
    for (const part of text.split(/^\$ wsk /m).slice(1)) {
      const [line = '', ...printed] = part.split('\n');
      const { stdout, stderr, exitCode } = await runBinary(place, line.split(' '));
      const expected = printed.join('\n');
      commands++;
      if (exitCode === 0 && expected === '') continue;
      expect([line, exitCode === 0 ? stdout : stderr]).toEqual([line, expected]);
    }
  }
  expect(commands).toBe(9);
});
