import { expect, test } from 'vitest';

import { chunked } from './chunked.ts';

test('items are cut into lists that fit, in their order, and none is left out', () => {
  const items = ['aaaa', 'bbbb', 'cccc', 'a very long one indeed', 'dd'];
  expect(chunked(items, 14)).toEqual([['aaaa', 'bbbb'], ['cccc'], ['a very long one indeed'], ['dd']]);
  expect(chunked([])).toEqual([]);
});

test('letters of several bytes count as such', () => {
  expect(chunked(['üü', 'üü'], 11)).toEqual([['üü'], ['üü']]);
});
