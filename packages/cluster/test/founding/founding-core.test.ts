import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import { FoundingCore } from '../../src/founding/founding-core.ts';
import type { Foundation } from '../../src/founding/foundation.ts';
import type { FoundingEffect, FoundingInput, FoundingMessage } from '../../src/founding/founding-messages.ts';
import type { FoundingPromise } from '../../src/storage/consensus-storage.ts';

const participant = (id: string) => ({ id, address: { host: id, port: 7000 } });
const [a, b, c] = [participant('a'), participant('b'), participant('c')];

function foundation(clusterId: string): Foundation {
  return { clusterId, voters: [a, b, c], epochFloor: 0 };
}

/** One instance, given its inputs by hand. */
function instance(id: string, stored: { promise?: FoundingPromise; foundation?: Foundation } = {}) {
  const core = new FoundingCore({
    self: participant(id),
    instances: 3,
    maxVoters: 5,
    options: { marginMs: 3000, retryMs: 1000 },
    stored,
    random: { next: seededRandom(1) },
    newId: () => 'new',
  });
  let nowMs = 0;
  const input = (given: FoundingInput) => core.step({ nowMs }, given);
  input({ type: 'start' });
  return {
    core,
    input,
    hears: (from: string, message: FoundingMessage) =>
      input({ type: 'received', from, address: participant(from).address, message }),
    at(ms: number) {
      nowMs = ms;
      return input({ type: 'tick' });
    },
  };
}

type Driven = ReturnType<typeof instance>;

const sentKinds = (effects: readonly FoundingEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.message.kind] : []));

it('a ballot near the last number, of a buggy instance, is promised by nobody: no other could follow it', () => {
  const one = instance('a');
  const last = '999999999999:z';
  for (const wrong of [
    { kind: 'prepare', ballot: last },
    { kind: 'accept', ballot: last, foundation: foundation('wrong') },
  ] as const)
    expect(one.hears('z', wrong)).toEqual([]);
  one.hears('z', { kind: 'refused', ballot: '000000000001:a', promised: last });
  const [promise] = one.hears('b', { kind: 'prepare', ballot: '000000000002:b' });
  expect(promise).toMatchObject({ type: 'persist', change: { promise: { ballot: '000000000002:b' } } });
  const written = promise?.type === 'persist' ? promise.write : 0;
  expect(sentKinds(one.input({ type: 'persisted', write: written }))).toContain('promised');
});

const here: FoundingMessage = { kind: 'here', address: a.address, instances: 3 };

function told(effects: readonly FoundingEffect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.type === 'send' ? [`${effect.message.kind} → ${effect.to.host}`] : [effect.type],
  );
}

function messages(effects: readonly FoundingEffect[]): readonly FoundingMessage[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
}

/** The lowest one, with two others there, up to its own promise on disk. */
function propose(one: Driven): readonly FoundingEffect[] {
  for (let ms = 0; ms < 3000; ms += 500) {
    one.at(ms);
    one.hears('b', here);
    one.hears('c', here);
  }
  expect(told(one.at(3000)), 'the margin is over').toContain('ask-epoch-floor');
  expect(told(one.input({ type: 'epoch-floor', floor: 7 }))).toEqual(['persist']);
  return one.input({ type: 'persisted', write: 1 });
}

function ballotOf(effects: readonly FoundingEffect[]): string {
  const prepare = messages(effects).find(({ kind }) => kind === 'prepare');
  return prepare?.kind === 'prepare' ? prepare.ballot : 'none';
}

describe('founding, step by step', () => {
  it('the lowest one asks for epochs, writes its ballot down, and only then asks the others for their promise', () => {
    expect(told(propose(instance('a')))).toEqual(['prepare → b', 'prepare → c']);
  });

  it('a majority of promises, then a majority on disk, decides; everybody is told at once', () => {
    const one = instance('a');
    const ballot = ballotOf(propose(one));
    expect(told(one.hears('c', { kind: 'promised', ballot }))).toEqual([
      'accept → b',
      'accept → c',
      'persist',
    ]);
    expect(told(one.hears('c', { kind: 'accepted', ballot })), 'its own is not on disk').toEqual([]);
    expect(told(one.input({ type: 'persisted', write: 2 })), 'decided, not yet on disk').toEqual(['persist']);
    expect(one.core.foundation).toBeUndefined();
    expect(told(one.input({ type: 'persisted', write: 3 }))).toEqual(['founded', 'here → b', 'here → c']);
    expect(one.core.foundation).toEqual({ clusterId: 'new', voters: [a, b, c], epochFloor: 7 });
    expect(one.core.nextDeadlineMs).toBeUndefined();
  });

  it('what one has accepted before is proposed again instead of something new', () => {
    const one = instance('a');
    const ballot = ballotOf(propose(one));
    const accepted = { ballot: '000000000000:b', foundation: foundation('old') };
    const [accept] = messages(one.hears('b', { kind: 'promised', ballot, accepted }));
    expect(accept).toMatchObject({ kind: 'accept', foundation: { clusterId: 'old' } });
  });

  it('of two that were accepted before the one of the higher ballot is proposed again', () => {
    const promise = {
      ballot: '000000000003:b',
      accepted: { ballot: '000000000003:b', foundation: foundation('later') },
    };
    const one = instance('a', { promise });
    const ballot = ballotOf(propose(one));
    expect(ballot, 'a ballot of its own comes after all that it has promised').toBe('000000000004:a');
    const accepted = { ballot: '000000000002:c', foundation: foundation('earlier') };
    const [accept] = messages(one.hears('c', { kind: 'promised', ballot, accepted }));
    expect(accept).toMatchObject({ kind: 'accept', foundation: { clusterId: 'later' } });
  });

  it('a promise is told when it is on disk, however often it is asked for meanwhile', () => {
    const one = instance('b');
    const prepare = { kind: 'prepare', ballot: '000000000001:a' } as const;
    expect(told(one.hears('a', prepare))).toEqual(['persist']);
    expect(told(one.hears('a', prepare))).toEqual([]);
    expect(told(one.input({ type: 'persisted', write: 1 }))).toEqual(['promised → a', 'promised → a']);
    expect(told(one.hears('a', prepare)), 'from then on at once').toEqual(['promised → a']);
  });

  it('whoever has promised refuses every lower ballot, and says which one it has promised', () => {
    const one = instance('b', { promise: { ballot: '000000000005:c' } });
    const ballot = '000000000004:a';
    const refused = { kind: 'refused', ballot, promised: '000000000005:c' };
    expect(messages(one.hears('a', { kind: 'prepare', ballot }))).toEqual([refused]);
    expect(messages(one.hears('a', { kind: 'accept', ballot, foundation: foundation('x') }))).toEqual([
      refused,
    ]);
  });

  it('who has accepted joins whatever cluster it hears of: that is what was decided', () => {
    const accepted = { ballot: '000000000001:a', foundation: foundation('decided') };
    const one = instance('b', { promise: { ballot: accepted.ballot, accepted } });
    expect(told(one.hears('c', { ...here, foundation: foundation('decided') }))).toEqual(['persist']);
    expect(one.input({ type: 'persisted', write: 1 })).toContainEqual({
      type: 'founded',
      foundation: foundation('decided'),
      joined: true,
    });
  });

  it('a member of a cluster says so to whoever asks, also to one that wants to found another', () => {
    const one = instance('b', { foundation: foundation('mine') });
    const answer = { kind: 'here', address: b.address, instances: 3, foundation: foundation('mine') };
    expect(messages(one.hears('a', { kind: 'hello' }))).toEqual([answer]);
    expect(messages(one.hears('a', { kind: 'prepare', ballot: '000000000001:a' }))).toEqual([answer]);
  });

  it('what is no ballot, no number and no question of anybody does nothing', () => {
    const one = instance('b');
    expect(one.hears('a', { kind: 'prepare', ballot: '' })).toEqual([]);
    expect(one.hears('a', { kind: 'accept', ballot: 'zzz', foundation: foundation('x') })).toEqual([]);
    expect(one.hears('a', { kind: 'promised', ballot: '000000000001:b' })).toEqual([]);
    expect(one.input({ type: 'epoch-floor', floor: Number.NaN })).toEqual([]);
    expect(one.input({ type: 'persisted', write: 99 })).toEqual([]);
  });

  it('an instance that cannot write says why, and nothing else any more', () => {
    const one = instance('b');
    one.hears('a', { kind: 'prepare', ballot: '000000000001:a' });
    const [waiting] = one.input({ type: 'persisted', write: 1, error: new Error('no space left') });
    expect(waiting).toMatchObject({ type: 'waiting', problem: { code: 'STORAGE_FAILED' } });
    expect(one.hears('a', { kind: 'hello' })).toEqual([]);
  });
});
