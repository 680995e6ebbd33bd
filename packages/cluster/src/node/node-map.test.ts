import { expect, test } from 'vitest';

import type { RaftMessage } from '../consensus/raft-messages.ts';
import type { MapChange } from '../map/map-messages.ts';
import { MapState } from '../map/map-state.ts';
import type { Json } from '../membership/member.ts';
import { MAX_VALUE_DEPTH } from '../wire/json-shape.ts';
import { decodePacket, encodePacket } from '../wire/packet-codec.ts';
import type { Packet } from '../wire/packet.ts';
import type { ClusterInput } from './core-messages.ts';
import { NodeMap } from './node-map.ts';

function mapOf() {
  const inputs: ClusterInput[] = [];
  const here = { get: () => undefined, entries: () => new Map() };
  return { inputs, map: new NodeMap({ here, input: (input) => inputs.push(input), newId: () => 'id' }) };
}

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

test.each([
  ['an infinite number', Infinity],
  ['a function', (() => {}) as never],
  ['what is nested too deep', nested(101)],
  ['what is large', 'x'.repeat(2 ** 20)],
])('%s never comes into the log', async (_, value) => {
  const { inputs, map } = mapOf();
  await expect(map.write({ put: { key: value } })).rejects.toMatchObject({ code: 'INVALID_CHANGE' });
  expect(inputs).toEqual([]);
});

test.each([
  ['a field that no change has', { puts: { a: 1 } }],
  ['a condition that says more than key and version', { if: [{ key: 'a', version: 1, value: 7 }] }],
  ['an epoch that is no whole number', { epoch: 1.5 }],
  ['keys to remove that are no list', { remove: 'a' }],
])('%s is refused, since others would not read it alike', async (_, change) => {
  const { inputs, map } = mapOf();
  await expect(map.write(change as MapChange)).rejects.toMatchObject({ code: 'INVALID_CHANGE' });
  expect(inputs).toEqual([]);
});

test('what is nested as deep as may be is understood by others, in the log and in a snapshot', async () => {
  const { inputs, map } = mapOf();
  void map.write({ put: { key: nested(MAX_VALUE_DEPTH) } });
  const [input] = inputs;
  if (input?.type !== 'write') throw new Error('nothing was written');
  const { command } = input;
  const state = new MapState();
  state.apply({ index: 1, term: 1, command });
  const { put = {} } = command.change;
  const entry = { kind: 'command', index: 1, term: 1, command: { id: command.id, change: { put } } } as const;
  const configuration = { voters: [], learners: [] };
  const messages: RaftMessage[] = [
    { kind: 'append', term: 1, previous: { index: 0, term: 0 }, entries: [entry], committed: 0, round: 1 },
    {
      kind: 'snapshot',
      term: 1,
      round: 1,
      snapshot: { index: 1, term: 1, configuration, state: state.toJson() },
    },
  ];
  for (const message of messages) {
    const from = { id: 'a', generation: 1, address: { host: 'a', port: 1 } };
    const packet: Packet = { from, at: 0, body: { layer: 'raft', message } };
    expect(decodePacket(encodePacket(packet))).toEqual(packet);
  }
});

test.each([
  [{ kind: 'conflict', keys: ['a'] }, 'CONFLICT'],
  [{ kind: 'epoch-over', epoch: 3 }, 'EPOCH_OVER'],
  [{ kind: 'no-leader' }, 'NO_LEADER'],
  [{ kind: 'unknown' }, 'OUTCOME_UNKNOWN'],
] as const)('a write that ends as %j rejects with its code', async (outcome, code) => {
  const { map } = mapOf();
  const written = map.write({ put: { a: 1 } });
  map.written(1, outcome);
  await expect(written).rejects.toMatchObject({ code });
});

test('who watches a prefix hears of what lies below it, and of a snapshot in any case', () => {
  const { map } = mapOf();
  const heard: unknown[] = [];
  const stop = map.watch('a/', ({ removed, reset, values }) =>
    heard.push([[...values.keys()], removed, reset]),
  );
  const change = { version: 1, removed: ['a/2', 'b/2'], reset: false };
  map.changed({
    ...change,
    values: new Map([
      ['a/1', 1],
      ['b/1', 1],
    ]),
  });
  map.changed({ version: 2, values: new Map([['b/1', 2]]), removed: [], reset: false });
  map.changed({ version: 3, values: new Map(), removed: [], reset: true });
  stop();
  map.changed({ ...change, values: new Map([['a/1', 3]]) });
  expect(heard).toEqual([
    [['a/1'], ['a/2'], false],
    [[], [], true],
  ]);
});

test('what is open when the instance ends is told so, and what comes after it', async () => {
  const { map } = mapOf();
  const open = [map.write({ put: { a: 1 } }), map.read('')];
  map.close();
  for (const each of [...open, map.write({}), map.read('')]) {
    await expect(each).rejects.toMatchObject({ code: 'CLOSED' });
  }
});
