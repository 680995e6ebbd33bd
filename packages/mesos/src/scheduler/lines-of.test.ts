import { expect, test } from 'vitest';

import { linesOf } from './lines-of.ts';

async function lines(...texts: (string | { restarted: string })[]): Promise<string[]> {
  async function* pages() {
    for (const each of texts) {
      const text = typeof each === 'string' ? each : each.restarted;
      yield { text, bytes: Buffer.from(text), offset: 0, nextOffset: 0, restarted: typeof each !== 'string' };
    }
  }
  const found: string[] = [];
  for await (const line of linesOf(pages())) found.push(line);
  return found;
}

test('lines are put together over pages', async () => {
  expect(await lines('a\nb', 'c\n', '\nd')).toEqual(['a', 'bc', '', 'd']);
});

test('an empty file has no line', async () => {
  expect(await lines('')).toEqual([]);
});

test('ends of lines of Windows are ends of lines', async () => {
  expect(await lines('a\r', '\nb\r\n')).toEqual(['a', 'b']);
});

test('a line of many pages is put together once, and an endless one comes in pieces', async () => {
  const page = 'x'.repeat(65_536);
  const found = await lines(...Array.from({ length: 40 }, () => page), 'end\n');
  expect(found.map((line) => line.length)).toEqual([1_048_576, 1_048_576, 8 * 65_536 + 3]);
});

test('a file that begins anew ends the line before it', async () => {
  expect(await lines('half', { restarted: 'new\n' })).toEqual(['half', 'new']);
});
