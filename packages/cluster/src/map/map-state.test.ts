import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import type { Json } from '../membership/member.ts';
import type { MapChange } from './map-messages.ts';
import { MapState } from './map-state.ts';

/** A map to which changes are applied one after the other, in term 1 unless said. */
class Written {
  readonly state = new MapState();
  index = 0;

  apply(change: MapChange, { id = `id-${this.index + 1}`, term = 1 } = {}) {
    this.index += 1;
    return this.state.apply({ index: this.index, term, command: { id, change } });
  }

  values(prefix = ''): Record<string, Json> {
    return Object.fromEntries([...this.state.entries(prefix)].map(([key, { value }]) => [key, value]));
  }
}

describe('the content of the map', () => {
  test('a value has the index of the entry that wrote it last as its version', () => {
    const map = new Written();
    map.apply({ put: { a: 1, b: null } });
    map.apply({ put: { b: 2 } });
    expect(map.state.get('a')).toEqual({ value: 1, version: 1 });
    expect(map.state.get('b')).toEqual({ value: 2, version: 2 });
    expect(map.state.get('c')).toBeUndefined();
  });

  test('what has changed is told: new values, and keys that were there and are gone', () => {
    const map = new Written();
    map.apply({ put: { a: 1, b: 1 } });
    const { changed } = map.apply({ put: { a: 2, c: 3 }, remove: ['b', 'never-there', 'a'] });
    expect(changed).toEqual({
      values: new Map([
        ['a', 2],
        ['c', 3],
      ]),
      removed: ['b'],
    });
    expect(map.values()).toEqual({ a: 2, c: 3 });
    expect(map.apply({ remove: ['b'] })).toEqual({ outcome: { kind: 'written', version: 3 } });
  });

  test('a change with a condition that is not met has no effect at all, and says which keys have changed', () => {
    const map = new Written();
    map.apply({ put: { a: 1 } });
    const when = [
      { key: 'a', version: 1 },
      { key: 'b', version: 7 },
      { key: 'c', version: 0 },
    ];
    const refused = map.apply({ if: when, put: { a: 2, c: 3 }, remove: ['a'] });
    expect(refused).toEqual({ outcome: { kind: 'conflict', keys: ['b'] } });
    expect(map.values()).toEqual({ a: 1 });
    expect(map.apply({ if: [{ key: 'c', version: 0 }], put: { c: 3 } }).outcome.kind).toBe('written');
  });

  test('a key that was removed can be created again under the condition that it is not there', () => {
    const map = new Written();
    const create: MapChange = { if: [{ key: 'a', version: 0 }], put: { a: 1 } };
    expect(map.apply(create).outcome.kind).toBe('written');
    expect(map.apply(create).outcome).toEqual({ kind: 'conflict', keys: ['a'] });
    map.apply({ remove: ['a'] });
    expect(map.apply(create).outcome).toEqual({ kind: 'written', version: 4 });
  });

  test('what a leader writes in its epoch has no effect in a later one', () => {
    const map = new Written();
    expect(map.apply({ epoch: 3, put: { a: 1 } }, { term: 3 }).outcome.kind).toBe('written');
    const late = map.apply({ epoch: 3, put: { a: 2 } }, { term: 4 });
    expect(late).toEqual({ outcome: { kind: 'epoch-over', epoch: 3 } });
    expect(map.values()).toEqual({ a: 1 });
  });

  test('a command that comes twice takes effect once, and is answered twice alike', () => {
    const map = new Written();
    const first = map.apply({ put: { a: 1 } }, { id: 'once' });
    map.apply({ put: { a: 2 } });
    expect(map.apply({ put: { a: 1 } }, { id: 'once' })).toEqual({ outcome: first.outcome });
    const conflict = map.apply({ if: [{ key: 'a', version: 9 }] }, { id: 'conflict' });
    map.apply({ put: { a: 3 } });
    expect(map.apply({ if: [{ key: 'a', version: 5 }] }, { id: 'conflict' })).toEqual(conflict);
    expect(map.values()).toEqual({ a: 3 });
  });

  test('the last 8,192 commands are remembered, and so they are by whoever gets a snapshot', () => {
    const map = new Written();
    for (let count = 0; count < 8193; count += 1) map.apply({ put: { last: count } });
    const copy = new MapState();
    copy.restore(JSON.parse(JSON.stringify(map.state.toJson())) as Json, map.index);
    for (const state of [map.state, copy]) {
      expect(state.outcomeOf('id-1')).toBeUndefined();
      expect(state.outcomeOf('id-2')).toEqual({ kind: 'written', version: 2 });
      expect(state.get('last')).toEqual({ value: 8192, version: 8193 });
    }
  });

  test('a snapshot brings back every kind of answer, and forgets what was there before', () => {
    const map = new Written();
    map.apply({ put: { a: [1, { b: null }] } }, { id: 'written' });
    map.apply({ if: [{ key: 'a', version: 0 }] }, { id: 'conflict' });
    map.apply({ epoch: 9 }, { id: 'late' });
    const other = new Written();
    other.apply({ put: { old: true } }, { id: 'old' });
    other.state.restore(map.state.toJson(), map.index);
    expect(other.values()).toEqual({ a: [1, { b: null }] });
    for (const id of ['written', 'conflict', 'late', 'old']) {
      expect(other.state.outcomeOf(id)).toEqual(map.state.outcomeOf(id));
    }
    expect(other.state.toJson()).toEqual(map.state.toJson());
  });

  test.each<Json>([
    null,
    7,
    'text',
    [],
    {},
    { values: 7, outcomes: null },
    { values: [7, [], ['a'], ['a', 'x', 1], ['newer', 12, 1]], outcomes: [['id'], [7, 7], ['x', null]] },
  ])('a snapshot that no map has written leaves an empty map: %j', (json) => {
    const map = new Written();
    map.apply({ put: { a: 1 } });
    map.state.restore(json, 11);
    expect(map.state.toJson()).toEqual({ values: [], outcomes: [] });
  });

  test('a prefix finds its keys in order, whatever was written and removed before', () => {
    const random = seededRandom(7);
    const map = new Written();
    const plain = new Map<string, Json>();
    const keys = [
      '',
      'a',
      'a/',
      'a/1',
      'a/2',
      'a0',
      'b/1',
      'b/\uFFFF',
      'b/💡',
      'ä',
      '__proto__',
      'constructor',
    ];
    for (let step = 0; step < 2000; step += 1) {
      const key = keys[Math.floor(random() * keys.length)] ?? '';
      if (random() < 0.4) {
        map.apply({ remove: [key] });
        plain.delete(key);
      } else {
        map.apply({ put: Object.fromEntries([[key, step]]) });
        plain.set(key, step);
      }
      const prefix = keys[Math.floor(random() * keys.length)] ?? '';
      const expected = [...plain]
        .filter(([one]) => one.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const found = [...map.state.entries(prefix)].map(([one, { value }]) => [one, value]);
      expect(found).toEqual(expected);
    }
  });
});
