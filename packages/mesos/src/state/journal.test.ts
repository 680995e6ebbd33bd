import fc from 'fast-check';
import { expect, test } from 'vitest';

import { taskRecord } from './framework-state.contract.ts';
import { encodeLine, headerLine, JournalReader } from './journal.ts';

const changes = Array.from({ length: 40 }, (_, index) => ({
  put: [{ ...taskRecord(`task-${index}`), labels: { note: 'ß'.repeat((index * 97) % 5000) } }],
}));
const lines = changes.map((change) => encodeLine({ changes: [change] }));

/** As a file is read: always into the same memory. */
function read(journal: Buffer, pieceBytes: () => number) {
  const reader = new JournalReader('state-1.jsonl');
  const memory = Buffer.alloc(100_000);
  const found: unknown[] = [];
  for (let at = 0; at < journal.length;) {
    const length = journal.copy(memory, 0, at, at + pieceBytes());
    found.push(...reader.push(memory.subarray(0, length)));
    at += length;
  }
  return { found, goodBytes: reader.end() };
}

test('how a journal was cut into pieces means nothing', () => {
  const journal = Buffer.from(headerLine + lines.join(''));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 5 }), (sizes) => {
      let pieces = 0;
      const { found, goodBytes } = read(journal, () => Math.max(50, sizes[pieces++ % sizes.length]!));
      expect(found).toEqual(changes);
      expect(goodBytes).toBe(journal.length);
    }),
    { numRuns: 50 },
  );
});

test('what follows the last whole line is not counted as good', () => {
  const whole = Buffer.from(headerLine + lines.slice(0, 3).join(''));
  const cut = Buffer.concat([whole, Buffer.from(lines[3]!).subarray(0, -1)]);
  expect(read(cut, () => 1000)).toEqual({ found: changes.slice(0, 3), goodBytes: whole.length });
});
