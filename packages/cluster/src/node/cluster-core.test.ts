import { expect, test } from 'vitest';

import type { PacketBody } from '../wire/packet.ts';
import { ClusterCore } from './cluster-core.ts';
import type { ClusterEffect, ClusterInput } from './core-messages.ts';
import { timingOf } from './timing.ts';

const addressOf = (id: string) => ({ host: `host-${id}`, port: 7946 });
const voters = ['a', 'b', 'c'].map((id) => ({ id, address: addressOf(id) }));
const timing = timingOf('fast');

/** An instance `a` of three, of whom `b` has led in term 1. */
function instanceA() {
  const core = new ClusterCore({
    name: 'test',
    address: addressOf('a'),
    stored: {
      identity: { id: 'a', generation: 1 },
      foundation: { clusterId: 'cluster', voters, epochFloor: 0 },
      hardState: { term: 1 },
      entries: [],
    },
    meta: {},
    instances: 3,
    timing,
    random: { next: () => 0.5 },
    newId: () => 'new',
  });
  let nowMs = 1000;
  const lines: string[] = [];
  const note = (effect: ClusterEffect) => {
    if (effect.type === 'persist') step({ type: 'persisted', write: effect.write });
    if (effect.type === 'changed' && effect.change.kind === 'leader') lines.push(effect.change.line);
  };
  const step = (input: ClusterInput, afterMs = 1): void => {
    nowMs += afterMs;
    core.step({ nowMs, epochMs: nowMs }, input).forEach(note);
  };
  const receive = (id: string, body: PacketBody): void =>
    step({
      type: 'packet',
      packet: {
        from: { id, generation: 1, address: addressOf(id) },
        clusterId: 'cluster',
        at: nowMs,
        body,
      },
    });
  step({ type: 'start' });
  return { lines, receive, step };
}

const gossip: PacketBody = {
  layer: 'swim',
  message: { kind: 'news', news: [], hint: { leader: 'c', epoch: 2 } },
};
const last = { index: 0, term: 0 };
const request: PacketBody = {
  layer: 'raft',
  message: { kind: 'vote-request', term: 2, last, pre: false, handedOver: true },
};
const heartbeat: PacketBody = {
  layer: 'raft',
  message: { kind: 'append', term: 2, previous: last, entries: [], committed: 0, round: 1 },
};

test('a leader of whom gossip has told first is told of once', () => {
  const { lines, receive } = instanceA();
  receive('c', gossip);
  receive('c', request);
  receive('c', heartbeat);
  expect(lines).toEqual(['member c at host-c:7946 leads in epoch 2']);
});

test('a leader of whom gossip alone has told, and who is never heard, leads no more when the next election begins', () => {
  const { lines, receive, step } = instanceA();
  receive('c', gossip);
  receive('c', request);
  step({ type: 'tick' }, timing.electionMaxMs);
  expect(lines).toEqual([
    'member c at host-c:7946 leads in epoch 2',
    'nobody is known to lead (after epoch 2)',
  ]);
});
