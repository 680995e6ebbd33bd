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
    'The constraint "ssd EXISTS yes" takes no value: EXISTS asks for the attribute only.',
    expect.stringMatching(/^The constraint "rack LIKE \[" has no valid regular expression: /) as string,
  ]);
});

test('one with an unknown operator stops the start, too: it may have been meant as a fence', () => {
  const { problems } = parseConstraints(['rack CLUSTER r1', 'rack LIKE r1'], ' ');
  expect(problems).toEqual([
    'The constraint "rack CLUSTER r1" has an operator other than LIKE, UNLIKE, EXISTS, EQUALS.',
  ]);
});

test('one that JavaScript would take and the client refuses stops the start, and not each launch', () => {
  const { constraints, problems } = parseConstraints(['rack LIKE (?!r9).*'], ' ');
  expect(constraints).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(/has no valid regular expression/)]);
});
