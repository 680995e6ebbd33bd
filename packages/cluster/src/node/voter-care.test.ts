import { expect, test } from 'vitest';

import type { Seed } from '../discovery/seed-source.ts';
import type { Member } from '../membership/member.ts';
import { VoterCare } from './voter-care.ts';

function member(id: string, more: Partial<Member> = {}): Member {
  const address = { host: id, port: 1 };
  return { id, address, generation: 1, incarnation: 0, state: 'alive', meta: {}, ...more };
}

function seed(host: string, name?: string): Seed {
  return { address: { host, port: 1 }, healthy: true, ...(name !== undefined && { name }) };
}

const dead = member('b', { state: 'dead' });
const members = [member('a'), dead];

function ask(care: VoterCare, times: readonly number[], seeds: readonly Seed[], all = members): void {
  for (const nowMs of times) care.listed({ nowMs }, seeds, all);
}

test('a dead member that its source misses again and again, for long, is gone', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  ask(care, [0, 500, 999], [seed('a')]);
  expect(care.gone({ nowMs: 999 }, members)).toEqual(new Set());
  expect(care.gone({ nowMs: 1000 }, members)).toEqual(new Set(['b']));
});

test('for long alone is not enough, nor is often', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  ask(care, [0, 5000], [seed('a')]);
  expect(care.gone({ nowMs: 5000 }, members)).toEqual(new Set());
  const often = new VoterCare({ replaceAfterMs: 1000 });
  ask(often, [0, 1, 2, 3, 4], [seed('a')]);
  expect(often.gone({ nowMs: 5 }, members)).toEqual(new Set());
});

test.each([
  ['lists it once', (care: VoterCare) => ask(care, [700], [seed('a'), seed('b')])],
  ['can’t be reached once', (care: VoterCare) => care.unlisted()],
  ['was alive once', (care: VoterCare) => ask(care, [700], [seed('a')], [member('a'), member('b')])],
])('what was missed counts anew when the source %s', (_, between) => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  ask(care, [0, 500], [seed('a')]);
  between(care);
  ask(care, [1100, 1200, 1300], [seed('a')]);
  expect(care.gone({ nowMs: 1400 }, members)).toEqual(new Set());
});

test('a list that is empty or knows nobody alive proves nothing (#80)', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  ask(care, [0, 600, 1200, 1800], []);
  ask(care, [2000, 2600, 3200, 3800], [seed('x')]);
  expect(care.gone({ nowMs: 9999 }, members)).toEqual(new Set());
});

test('who is alive is not gone, whatever the source lists', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  const alive = [member('a'), member('b')];
  ask(care, [0, 600, 1200, 1800], [seed('a')], alive);
  expect(care.gone({ nowMs: 9999 }, alive)).toEqual(new Set());
});

test('who said goodbye is gone, and who lost its address to another (#81)', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  const reborn = member('c', { address: dead.address });
  expect(care.gone({ nowMs: 0 }, [member('a', { state: 'left' }), dead, reborn])).toEqual(
    new Set(['a', 'b']),
  );
});

test('the source’s name tells a member from another at its address', () => {
  const care = new VoterCare({ replaceAfterMs: 1000 });
  const named = [member('a'), member('b', { state: 'dead', meta: { seed: 'task-1' } })];
  for (const nowMs of [0, 600, 1200]) care.listed({ nowMs }, [seed('a'), seed('b', 'task-2')], named);
  expect(care.gone({ nowMs: 1200 }, named)).toEqual(new Set(['b']));
});
