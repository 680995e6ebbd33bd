import { expect, test } from 'vitest';
import { stepSizes } from './step-sizes.ts';

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The definition, as OpenWhisk computes it. */
function pairwiseCoprimes(count: number): number[] {
  const chosen: number[] = [];
  for (let candidate = 1; candidate <= count; candidate++) {
    if (gcd(candidate, count) === 1 && chosen.every((other) => gcd(other, candidate) === 1)) {
      chosen.push(candidate);
    }
  }
  return chosen;
}

test('ten invokers are walked by steps of 1, 3 and 7', () => {
  expect(stepSizes(10)).toEqual([1, 3, 7]);
});

test('step sizes are those of the definition', () => {
  for (let count = 1; count <= 300; count++) expect(stepSizes(count)).toEqual(pairwiseCoprimes(count));
});
