import { describe, expect, test } from 'vitest';
import { Progress } from './progress.ts';

const now = { nowMs: 0, patienceMs: 100 };

describe('what the leader knows of a participant', () => {
  test('it is asked by one append where the logs are equal, then sent ahead of its answers', () => {
    const peer = new Progress(10);
    expect(peer.canTake).toBe(true);
    peer.sent(12);
    expect([peer.canTake, peer.next]).toEqual([false, 10]);
    peer.accepted(12);
    expect([peer.canTake, peer.next, peer.match]).toEqual([true, 13, 12]);
    for (const last of [13, 14, 15, 16]) peer.sent(last);
    expect([peer.canTake, peer.next]).toEqual([false, 17]);
    peer.accepted(14);
    expect([peer.canTake, peer.match]).toEqual([true, 14]);
  });

  test('a refusal leads back to the hint, always by one at least, and never behind what is proven', () => {
    const peer = new Progress(10);
    peer.refused(9, now);
    expect(peer.next).toBe(9);
    peer.refused(4, now);
    expect(peer.next).toBe(5);
    peer.accepted(4);
    peer.sent(9);
    peer.refused(0, now);
    expect([peer.next, peer.match, peer.isFollowing]).toEqual([5, 4, false]);
  });

  test('a refusal that comes twice leads to one more question, not to two', () => {
    const peer = new Progress(10);
    peer.accepted(4);
    peer.sent(9);
    peer.refused(4, now);
    expect([peer.canTake, peer.next]).toEqual([true, 5]);
    peer.sent(9);
    peer.refused(4, now);
    expect([peer.canTake, peer.next]).toEqual([false, 5]);
  });

  test('answers that are late take nothing back', () => {
    const peer = new Progress(10);
    peer.accepted(9);
    peer.sent(20);
    peer.accepted(20);
    peer.accepted(9);
    expect([peer.match, peer.next]).toEqual([20, 21]);
  });

  test('while a snapshot is under way nothing else is sent; after a while without it it is sent again', () => {
    const peer = new Progress(5);
    peer.sentSnapshot(50, 0);
    expect([peer.canTake, peer.next]).toEqual([false, 51]);
    peer.refused(3, { nowMs: 99, patienceMs: 100 });
    peer.accepted(3);
    expect([peer.canTake, peer.match]).toEqual([false, 3]);
    peer.refused(3, { nowMs: 100, patienceMs: 100 });
    expect([peer.canTake, peer.next]).toEqual([true, 4]);
    peer.sentSnapshot(50, 100);
    peer.accepted(50);
    expect([peer.canTake, peer.next, peer.isFollowing]).toEqual([true, 51, true]);
  });
});
