import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseContainer, type Need } from './choose-container.ts';
import { FreeContainers, PoolEntry, prewarmKey } from './free-containers.ts';

const KIND = 'nodejs:20';

function need(over: Partial<Need> = {}): Need {
  return { key: 'a', prewarmKey: prewarmKey(KIND, 256), memoryMb: 256, ...over };
}

/** A pool with idle warm containers, oldest first. */
function poolOf(...idle: readonly (readonly [name: string, key: string, memoryMb: number])[]) {
  const free = new FreeContainers<string>();
  const entries = idle.map(([name, key, memoryMb], age) => {
    const entry = new PoolEntry(name, KIND, memoryMb);
    free.bind(entry, key, 1);
    free.release(entry, age);
    return entry;
  });
  return { free, entries };
}

describe('an activation gets', () => {
  test('a warm container of its own action before anything else', () => {
    const { free, entries } = poolOf(['mine', 'a', 256], ['other', 'b', 256]);
    free.addPrewarmed(new PoolEntry('cell', KIND, 256));
    expect(chooseContainer(free, need(), 1024)).toEqual({ use: 'warm', entry: entries[0] });
  });

  test('the most recently used of several warm ones', () => {
    const { free, entries } = poolOf(['older', 'a', 256], ['newer', 'a', 256]);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'warm', entry: entries[1] });
  });

  test('a new container where used ones will not do, in the place of idle ones if need be', () => {
    const { free, entries } = poolOf(['mine', 'a', 256]);
    free.addPrewarmed(new PoolEntry('cell', KIND, 256));
    const anew = need({ needsNew: true });
    expect(chooseContainer(free, anew, 256)).toEqual({ use: 'cold', evict: [] });
    expect(chooseContainer(free, anew, 0)).toEqual({ use: 'cold', evict: entries });
  });

  test('no container where its action has all that it may have, before one of those is gone', () => {
    const { free, entries } = poolOf(['busy', 'a', 256], ['idle', 'b', 256]);
    const [busy] = entries;
    free.addPrewarmed(new PoolEntry('cell', KIND, 256));
    free.acquire(busy!);
    const capped = need({ maxContainers: 1 });
    expect(chooseContainer(free, capped, 1024)).toEqual({ use: 'wait-for-own' });
    expect(chooseContainer(free, need({ maxContainers: 2 }), 1024).use).toBe('prewarmed');
    expect(chooseContainer(free, need({ key: 'c', maxContainers: 1 }), 1024).use).toBe('prewarmed');
    free.remove(busy!);
    expect(chooseContainer(free, capped, 1024)).toEqual({ use: 'wait-for-own' });
    free.forget(busy!);
    expect(chooseContainer(free, capped, 1024).use).toBe('prewarmed');
  });

  test('another warm container of its action when one has been taken out and has ended', () => {
    const { free, entries } = poolOf(['broken', 'a', 256], ['mine', 'a', 256]);
    const [broken, mine] = entries;
    free.remove(broken!);
    free.forget(broken!);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'warm', entry: mine });
  });

  test('never a container of another action or namespace', () => {
    const { free } = poolOf(['other', 'b', 256]);
    expect(chooseContainer(free, need(), 256)).toEqual({ use: 'cold', evict: [] });
  });

  test('a prewarmed container of exactly its kind and memory', () => {
    const { free } = poolOf();
    const cell = new PoolEntry('cell', KIND, 256);
    free.addPrewarmed(cell);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'prewarmed', entry: cell });
    expect(chooseContainer(free, need({ prewarmKey: prewarmKey(KIND, 128), memoryMb: 128 }), 128).use).toBe(
      'cold',
    );
    expect(chooseContainer(free, need({ prewarmKey: prewarmKey('python:3', 256) }), 256).use).toBe('cold');
  });

  test('a new container where memory allows, to the megabyte', () => {
    const { free } = poolOf();
    expect(chooseContainer(free, need(), 256)).toEqual({ use: 'cold', evict: [] });
    expect(chooseContainer(free, need(), 255)).toEqual({ use: 'wait' });
  });

  test('the place of the least recently used ones, and of no more than it takes', () => {
    const { free, entries } = poolOf(['oldest', 'b', 128], ['middle', 'c', 128], ['newest', 'd', 128]);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'cold', evict: entries.slice(0, 2) });
    expect(chooseContainer(free, need(), 128)).toEqual({ use: 'cold', evict: entries.slice(0, 1) });
  });

  test('the place of paused ones before that of others', () => {
    const { free, entries } = poolOf(['paused', 'b', 256], ['awake', 'c', 256]);
    free.notePaused(entries[0] as PoolEntry<string>);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'cold', evict: [entries[0]] });
    expect(chooseContainer(free, need({ memoryMb: 512 }), 0)).toEqual({ use: 'cold', evict: entries });
  });

  test('a place in the queue when all idle ones together would not make room', () => {
    const { free } = poolOf(['small', 'b', 128]);
    expect(chooseContainer(free, need(), 127)).toEqual({ use: 'wait' });
  });

  test('a running container of its action that has capacity left', () => {
    const free = new FreeContainers<string>();
    const busy = new PoolEntry('busy', KIND, 256);
    free.bind(busy, 'a', 2);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'warm', entry: busy });
    free.acquire(busy);
    expect(chooseContainer(free, need(), 0)).toEqual({ use: 'wait' });
  });
});

test('a container belongs to one action of one namespace for good', () => {
  const { free, entries } = poolOf(['mine', 'a', 256]);
  expect(() => free.bind(entries[0] as PoolEntry<string>, 'b', 1)).toThrow(/for good/);
});

type Step =
  | { readonly do: 'cold'; readonly key: string; readonly memoryMb: number; readonly capacity: number }
  | { readonly do: 'acquire' | 'release' | 'pause' | 'remove'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('cold' as const),
    key: fc.constantFrom('a', 'b', 'c'),
    memoryMb: fc.constantFrom(128, 256, 512),
    capacity: fc.constantFrom(1, 1, 3),
  }),
  fc.record({
    do: fc.constantFrom('acquire' as const, 'release' as const, 'pause' as const, 'remove' as const),
    pick: fc.nat({ max: 20 }),
  }),
);

test('whatever happened before, the choice over the index is the choice of a naive scan', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom('a', 'b'), (steps, key) => {
      const free = new FreeContainers<number>();
      let all: PoolEntry<number>[] = [];
      /** When each was released last; for the order of eviction. */
      const releases = new Map<PoolEntry<number>, number>();
      let tick = 0;
      for (const action of steps) {
        tick += 1;
        if (action.do === 'cold') {
          const entry = new PoolEntry(tick, KIND, action.memoryMb);
          free.bind(entry, action.key, action.capacity);
          all.push(entry);
          continue;
        }
        const entry = all[action.pick % Math.max(1, all.length)];
        if (!entry) continue;
        if (action.do === 'acquire' && entry.active < entry.capacity) free.acquire(entry);
        if (action.do === 'release' && entry.active > 0) {
          free.release(entry, tick);
          releases.set(entry, tick);
        }
        if (action.do === 'pause' && free.oldestAwake) free.notePaused(free.oldestAwake);
        if (action.do === 'remove') {
          free.remove(entry);
          all = all.filter((other) => other !== entry);
        }
      }
      const idle = all.filter((entry) => entry.active === 0);
      const byAge = idle.sort((x, y) => (releases.get(x) ?? 0) - (releases.get(y) ?? 0));
      expect(free.idleMemoryMb).toBe(byAge.reduce((sum, entry) => sum + entry.memoryMb, 0));
      const walked: PoolEntry<number>[] = [];
      for (let at = free.oldest; at; at = free.after(at)) walked.push(at);
      expect(walked).toEqual(byAge);
      const choice = chooseContainer(free, { key, prewarmKey: 'none', memoryMb: 256 }, 0);
      const fits = all.some((entry) => entry.key === key && entry.active < entry.capacity);
      expect(choice.use === 'warm').toBe(fits);
      if (choice.use === 'warm') expect(choice.entry.key).toBe(key);
    }),
    { numRuns: 300 },
  );
});
