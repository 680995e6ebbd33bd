import fc from 'fast-check';
import { formatLogLine } from '@vibrissa/protocol';
import { expect, test } from 'vitest';
import { mergeByTime, readStamp, STAMP_BYTES } from './log-stamps.ts';

test.each([
  ['\u001e1570220092712000001 hello', '1570220092712000001'],
  ['\u001e1570220092712000001 ', '1570220092712000001'],
  ['\u001e1570220092712000001', undefined],
  ['\u001e157022009271200000 hello', undefined],
  ['\u001e15702200927120000x1 hello', undefined],
  ['1570220092712000001 hello!', undefined],
  ['', undefined],
])('the time of %j is %j', (line, stamp) => {
  expect(readStamp(Buffer.from(line))?.toString()).toBe(stamp);
  if (stamp !== undefined) expect(line.slice(0, STAMP_BYTES)).toBe(`\u001e${stamp} `);
});

const times = fc.array(fc.bigInt(0n, 9_999_999_999_999_999_999n), { maxLength: 20 });

function linesOf(stream: 'stdout' | 'stderr', at: readonly bigint[]): string[] {
  return at.map((ns, index) => formatLogLine(ns, stream, `${index}`));
}

test('streams whose times grow are merged in the order of all times', () => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const ascending = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
      const lines = [
        ...linesOf('stdout', one.toSorted(ascending)),
        ...linesOf('stderr', other.toSorted(ascending)),
      ];
      const merged = mergeByTime(lines).map((line) => line.slice(0, 30));
      expect(merged).toEqual(lines.map((line) => line.slice(0, 30)).toSorted());
    }),
  );
});

test('whatever times lines have, none is lost and each stream keeps its order', () => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const [stdout, stderr] = [linesOf('stdout', one), linesOf('stderr', other)];
      const merged = mergeByTime([...stderr, ...stdout]);
      expect(merged.filter((line) => stdout.includes(line))).toEqual(stdout);
      expect(merged.filter((line) => stderr.includes(line))).toEqual(stderr);
      expect(merged).toHaveLength(stdout.length + stderr.length);
    }),
  );
});
