import { expect, test } from 'vitest';
import { didYouMean, editDistance, suggest } from './suggest.ts';

test.each([
  ['', '', 0],
  ['a', '', 1],
  ['kitten', 'sitting', 3],
  ['craete', 'create', 1],
  ['limt', 'limit', 1],
])('%j and %j are %i edits apart', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});

const known = ['action', 'activation', 'list', 'namespace', 'property'];

test('a mistyped word and the beginning of one are recognised', () => {
  expect(suggest('acton', known)).toEqual(['action']);
  expect(suggest('activ', known)[0]).toBe('activation');
  expect(suggest('PROPERTYS', known)).toEqual(['property']);
});

test('a word that resembles nothing gets no suggestion', () => {
  expect(didYouMean('zzzzzz', known)).toEqual([]);
});
