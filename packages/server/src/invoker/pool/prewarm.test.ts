import fc from 'fast-check';
import type { RuntimesManifest } from '@vibrissa/protocol';
import { expect, test } from 'vitest';
import { cellsOf, desiredCount, planCell, type Cell } from './prewarm.ts';

const reactive = { minCount: 1, maxCount: 4, ttlMs: 120_000, threshold: 2, increment: 1 };
const cell: Cell = { key: 'nodejs:20/256', kind: 'nodejs:20', memoryMb: 256, initialCount: 2, reactive };
const steady: Cell = { key: 'nodejs:20/256', kind: 'nodejs:20', memoryMb: 256, initialCount: 2 };

function manifest(stemCells: NonNullable<RuntimesManifest['runtimes'][string][number]['stemCells']>) {
  return { runtimes: { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, stemCells }] } };
}

test("a manifest's quantities become megabytes and milliseconds", () => {
  const stemCells = [
    {
      initialCount: 2,
      memory: '256 MB',
      reactive: { minCount: 1, maxCount: 4, ttl: '2 minutes', threshold: 2, increment: 1 },
    },
    { initialCount: 1, memory: '1 GB' },
  ];
  expect(cellsOf(manifest(stemCells))).toEqual([
    { ...cell, reactive: { ...stemCells[0]?.reactive, ttlMs: 120_000 } },
    { key: 'nodejs:20/1024', kind: 'nodejs:20', memoryMb: 1024, initialCount: 1 },
  ]);
});

test('a quantity that is none is named', () => {
  expect(() => cellsOf(manifest([{ initialCount: 1, memory: 'plenty' }]))).toThrow(/'plenty'/);
  expect(() => cellsOf(manifest([{ initialCount: 1, memory: '100 KB' }]))).toThrow(/'100 KB'/);
});

test.each([
  [0, 1],
  [1, 1],
  [2, 1],
  [4, 2],
  [6, 3],
  [100, 4],
])('%i cold starts ask for %i containers', (coldStarts, count) => {
  expect(desiredCount(cell, coldStarts)).toBe(count);
});

test('a cell that does not react keeps its initial count', () => {
  expect(desiredCount(steady, 100)).toBe(2);
});

test('expired ones go, oldest first, as far as fewer are needed', () => {
  const members = [
    { container: 'fresh', expiresAtMs: 900 },
    { container: 'old', expiresAtMs: 300 },
    { container: 'oldest', expiresAtMs: 100 },
  ];
  const now = { nowMs: 500, coldStarts: 0, mayRemove: 100 };
  expect(planCell(cell, members, now)).toEqual({ remove: ['oldest', 'old'], create: 0 });
  expect(planCell(cell, members, { ...now, mayRemove: 1 })).toEqual({ remove: ['oldest'], create: 0 });
  expect(planCell(cell, members, { ...now, coldStarts: 4 })).toEqual({ remove: ['oldest'], create: 0 });
  expect(planCell(cell, members, { ...now, coldStarts: 8 })).toEqual({ remove: [], create: 1 });
});

test('after a check there are never fewer than asked for, and nothing fresh was removed', () => {
  const member = fc.record({ container: fc.nat(), expiresAtMs: fc.nat({ max: 1000 }) });
  fc.assert(
    fc.property(fc.array(member, { maxLength: 10 }), fc.nat({ max: 20 }), (members, coldStarts) => {
      const plan = planCell(cell, members, { nowMs: 500, coldStarts, mayRemove: 3 });
      const left = members.length - plan.remove.length + plan.create;
      expect(left).toBeGreaterThanOrEqual(desiredCount(cell, coldStarts));
      expect(plan.remove.length).toBeLessThanOrEqual(3);
      const expired = members
        .filter(({ expiresAtMs }) => expiresAtMs <= 500)
        .map(({ container }) => container);
      for (const container of plan.remove) expect(expired).toContain(container);
    }),
  );
});
