import { describe, expect, it } from 'vitest';
import { defaultUidRange, UidPool, usableUidRange } from './uid-pool.ts';

describe('users for sandboxes', () => {
  it('are given once at a time, and rest before they are given again', () => {
    const pool = new UidPool({ first: 100, count: 3 });
    expect([pool.take(), pool.take()]).toEqual([100, 101]);
    pool.giveBack(100);
    expect([pool.take(), pool.take()]).toEqual([102, 100]);
    expect(() => pool.take()).toThrow('in use');
  });

  it('come from the range that is wanted where it is mapped', () => {
    expect(usableUidRange('         0          0 4294967295\n', defaultUidRange)).toEqual(defaultUidRange);
  });

  it('come from what a rootless container engine maps', () => {
    expect(usableUidRange('0 1000 1\n1 100000 65536\n', defaultUidRange)).toEqual({
      first: 32_769,
      count: 32_767,
    });
    expect(usableUidRange('0 1000 1\n', defaultUidRange)).toBeUndefined();
  });
});
