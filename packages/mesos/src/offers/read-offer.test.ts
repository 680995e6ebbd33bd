import { expect, test } from 'vitest';

import { anOffer, aRequest, ports, reservedFor, scalar } from '../../test/offers/build-offer.ts';
import { matchOffers } from './match-offers.ts';
import { readOffer } from './read-offer.ts';

function usable(...ranges: readonly (readonly [number, number])[]) {
  const [read] = readOffer(anOffer({ resources: [ports(...ranges)] }), 'web').ports;
  return read?.ranges.map(({ begin, end }) => [begin, end]);
}

test('overlapping ranges of ports count each port once', () => {
  expect(usable([10, 20], [15, 25], [12, 13], [40, 41])).toEqual([
    [10, 20],
    [21, 25],
    [40, 41],
  ]);
});

test.each([
  ['negative', [-10, -1], []],
  ['zero', [0, 2], [[1, 2]]],
  ['beyond the last', [65_530, 1e9], [[65_530, 65_535]]],
  // Counting up from there gets nowhere: the search for a port that is not blocked would not end.
  ['beyond all counting', [1e300, 1.7e308], []],
  ['between whole numbers', [1.5, 3.5], [[2, 3]]],
  ['backwards', [9, 5], []],
] as const)('what can be no port is not dealt out: %s', (_, range, expected) => {
  expect(usable([range[0], range[1]])).toEqual(expected);
});

test('an offer that is read again is the same for its role, and another for another role', () => {
  const offer = anOffer({ resources: [scalar('cpus', 2, reservedFor('web')), scalar('cpus', 3)] });
  expect(readOffer(offer, 'web').free[0]).toBe(5000);
  expect(readOffer(offer, 'db').free[0]).toBe(3000);
  expect(readOffer(offer, 'web').free[0]).toBe(5000);
});

test('what a round takes of an offer is there in the next round, as long as the offer is in hand', () => {
  const input = { offers: [anOffer()], requests: [aRequest({ cpus: 8, ports: 2 })], epochMs: 0 };
  const first = matchOffers(input);
  expect(first.launches).toHaveLength(1);
  expect(matchOffers(input)).toEqual(first);
});
