import { expect, test } from 'vitest';
import { activationTable, entityLines, entityRows, readActivation, readEntity } from './rows.ts';

const rule = readEntity('{"namespace":"guest","name":"nightly","status":"active"}');
const activation = readActivation(
  JSON.stringify({
    namespace: 'guest',
    name: 'hello',
    version: '0.0.1',
    activationId: '0123456789abcdef0123456789abcdef',
    start: 0,
    duration: 7,
    statusCode: 0,
    annotations: [{ key: 'kind', value: 'nodejs:20' }],
  }),
);

test.each([undefined, 200])('a list has its usual columns in a terminal of %s columns', (width) => {
  expect(entityLines(entityRows.rules, [rule], width)).toEqual([
    `/guest/nightly${' '.repeat(57)}private${' '.repeat(14)}active`,
  ]);
});

test('in a narrow terminal the columns of a list move together', () => {
  const longer = { ...rule, name: 'yearly-and-more' };
  expect(entityLines(entityRows.rules, [rule, longer], 60)).toEqual([
    '/guest/nightly         private active',
    '/guest/yearly-and-more private active',
  ]);
});

test('a name that is longer than a terminal is not cut', () => {
  const name = 'x'.repeat(90);
  expect(entityLines(entityRows.triggers, [{ ...rule, name }], 60)).toEqual([`/guest/${name} private`]);
});

test.each([
  [200, ['Datetime', 'Activation ID', 'Kind', 'Start', 'Duration', 'Status', 'Entity']],
  [110, ['Datetime', 'Activation ID', 'Kind', 'Start', 'Duration', 'Status', 'Entity']],
  [100, ['Datetime', 'Activation ID', 'Start', 'Duration', 'Status', 'Entity']],
  [90, ['Datetime', 'Activation ID', 'Duration', 'Status', 'Entity']],
  [80, ['Datetime', 'Activation ID', 'Status', 'Entity']],
  [60, ['Activation ID', 'Status', 'Entity']],
  [20, ['Activation ID', 'Status', 'Entity']],
])('activations in a terminal of %i columns have the columns %j', (width, columns) => {
  const lines = activationTable([activation], width);
  expect(lines[0]?.trim().split(/ {2,}| (?=[A-Z][a-z])/)).toEqual(columns);
  if (width >= 60) for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
});
