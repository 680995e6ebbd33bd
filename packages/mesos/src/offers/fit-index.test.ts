import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FitIndex } from './fit-index.ts';
import { covers } from './resource-amounts.ts';

const amounts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 5, maxLength: 5 });

test('it finds what a walk over all rows finds, also after rows have changed', () => {
  const changes = fc.array(fc.record({ row: fc.nat(), amounts }), { maxLength: 10 });
  fc.assert(
    fc.property(
      fc.array(amounts, { maxLength: 33 }),
      changes,
      amounts,
      fc.nat(33),
      (rows, changed, need, from) => {
        const index = new FitIndex(rows);
        const now = rows.map((row) => [...row]);
        for (const change of changed) {
          if (rows.length === 0) continue;
          const row = change.row % rows.length;
          now[row] = change.amounts;
          index.set(row, change.amounts);
        }
        expect(index.firstFit(from, need)).toBe(now.findIndex((row, at) => at >= from && covers(row, need)));
      },
    ),
  );
});

test('a need of nothing finds no row where there is none', () => {
  expect(new FitIndex([]).firstFit(0, [0, 0, 0, 0, 0])).toBe(-1);
  expect(new FitIndex([[0, 0, 0, 0, 0]]).firstFit(1, [0, 0, 0, 0, 0])).toBe(-1);
});
