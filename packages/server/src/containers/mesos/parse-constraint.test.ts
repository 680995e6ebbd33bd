import { expect, test } from 'vitest';

import { parseConstraints } from './parse-constraint.ts';

test('a constraint is an attribute, an operator and a value', () => {
  const { constraints, problems } = parseConstraints(
    ['rack LIKE r[12]', ' zone UNLIKE z.* ', 'ssd EXISTS', 'os EQUALS debian'],
    ' ',
  );
  expect(constraints).toEqual([
    { attribute: 'rack', operator: 'LIKE', value: 'r[12]' },
    { attribute: 'zone', operator: 'UNLIKE', value: 'z.*' },
    { attribute: 'ssd', operator: 'EXISTS' },
    { attribute: 'os', operator: 'EQUALS', value: 'debian' },
  ]);
  expect(problems).toEqual([]);
});

test('the delimiter is a regular expression of its own', () => {
  const { constraints } = parseConstraints(['rack::LIKE:a b'], ':+');
  expect(constraints).toEqual([{ attribute: 'rack', operator: 'LIKE', value: 'a b' }]);
  expect(parseConstraints(['a LIKE b'], '(').problems).toEqual([
    'The delimiter "(" is no valid regular expression.',
  ]);
});

test('one with too few or too many parts stops the start', () => {
  const { problems } = parseConstraints(['rack LIKE', 'a LIKE b c', 'ssd EXISTS yes', 'rack LIKE ['], ' ');
  expect(problems).toEqual([
    '"rack LIKE" has 2 parts instead of three; write it as: attribute LIKE value.',
    '"a LIKE b c" has 4 parts instead of three; write it as: attribute LIKE value.',
    '"ssd EXISTS yes" has a value, and EXISTS takes none.',
    '"rack LIKE [" has no valid regular expression.',
  ]);
});

test('one with an unknown operator stops the start, too: it may have been meant as a fence', () => {
  const { problems } = parseConstraints(['rack CLUSTER r1', 'rack LIKE r1'], ' ');
  expect(problems).toEqual([
    '"rack CLUSTER r1" has an unknown operator: CLUSTER is none of LIKE, UNLIKE, EQUALS and EXISTS.',
  ]);
});
