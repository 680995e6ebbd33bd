import { expect, test } from 'vitest';

import type { Json } from '../membership/member.ts';
import { commandOf, hintOf } from './checked-values.ts';

const whole = {
  id: 'c',
  change: { if: [{ key: 'a', version: 1 }], epoch: 2, put: { a: null }, remove: ['b'] },
};

test('a command is read as it was written', () => {
  expect(commandOf(whole)).toEqual(whole);
  expect(commandOf({ id: 'c', change: {} })).toEqual({ id: 'c', change: {} });
});

test.each<[Json]>([
  [null],
  ['text'],
  [{ change: {} }],
  [{ id: 1, change: {} }],
  [{ id: 'c' }],
  [{ id: 'c', change: [] }],
  [{ id: 'c', change: { if: {} } }],
  [{ id: 'c', change: { if: [{ key: 'a' }] } }],
  [{ id: 'c', change: { epoch: 'one' } }],
  [{ id: 'c', change: { put: [] } }],
  [{ id: 'c', change: { remove: [1] } }],
  [{ id: 'c', change: { unless: [{ key: 'a', version: 1 }], put: { a: 2 } } }],
])('an entry that this version would not have written is no command: %j', (value) => {
  expect(commandOf(value)).toBeUndefined();
});

test('a hint names a leader and its epoch, or is none', () => {
  expect(hintOf({ leader: 'a', epoch: 3 })).toEqual({ leader: 'a', epoch: 3 });
  for (const wrong of [null, [], { leader: 'a' }, { leader: 1, epoch: 3 }])
    expect(hintOf(wrong)).toBeUndefined();
});
