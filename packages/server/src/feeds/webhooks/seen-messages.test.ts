import { expect, it } from 'vitest';
import { SeenMessages } from './seen-messages.ts';

const paid = { namespace: 'ada', trigger: 'paid', messageId: '1' };

it('a message is taken once, until it is forgotten or its time is over', () => {
  const seen = new SeenMessages();
  expect([seen.take(paid, 0, 100), seen.take(paid, 100, 200)]).toEqual([true, false]);
  expect(seen.take({ ...paid, trigger: 'sent' }, 100, 200)).toBe(true);
  seen.forget(paid);
  expect([seen.take(paid, 100, 200), seen.take(paid, 201, 300)]).toEqual([true, true]);
});

it('however many messages a tenant sends to itself, another tenant’s are not taken again', () => {
  const seen = new SeenMessages();
  seen.take(paid, 0, 1000);
  for (let at = 0; at < 100_001; at++) {
    seen.take({ namespace: 'mallory', trigger: 'mine', messageId: String(at) }, 0, 1000);
  }
  expect(seen.take(paid, 0, 1000)).toBe(false);
  // Its own oldest one is what it has lost.
  const mine = (messageId: string) =>
    seen.take({ namespace: 'mallory', trigger: 'mine', messageId }, 0, 1000);
  expect([mine('100000'), mine('0')]).toEqual([false, true]);
});
