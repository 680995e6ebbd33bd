import { expect, test } from 'vitest';
import { isAccepted } from './is-accepted.ts';

test('a call is accepted with 202, or 200 by which UPDATE_FRAMEWORK is answered; a broken connection accepts nothing', () => {
  const accepted = [0, 200, 202, 204, 307, 400, 403, 503].filter((status) => isAccepted({ status }));
  expect(accepted).toEqual([200, 202]);
});
