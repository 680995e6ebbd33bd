import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import { jsonBytes } from '../../src/membership/fit-news.ts';
import type { Member, MemberState } from '../../src/membership/member.ts';
import { SwimCore } from '../../src/membership/swim-core.ts';
import type { SwimEffect, SwimInput, SwimMessage } from '../../src/membership/swim-messages.ts';
import { defaultSwim } from './virtual-network.ts';

function member(id: string, of: Partial<Member> = {}): Member {
  const address = { host: id, port: 7000 };
  return { id, address, generation: 1, incarnation: 0, state: 'alive', meta: {}, ...of };
}

/** One instance, given its inputs by hand. */
function instance(id = 'self') {
  const core = new SwimCore({ self: member(id), options: defaultSwim, random: { next: seededRandom(1) } });
  let nowMs = 0;
  const input = (given: SwimInput) => core.step({ nowMs }, given);
  input({ type: 'start', seeds: [] });
  return {
    core,
    input,
    hears(message: SwimMessage, from: Member = member('other')) {
      const { address, generation } = from;
      return input({ type: 'received', from: address, sender: { id: from.id, generation }, message });
    },
    /** Gives it a tick whenever it wants one, until then. */
    until(ms: number) {
      const effects: SwimEffect[] = [];
      for (let dueMs = core.nextDeadlineMs; dueMs !== undefined && dueMs <= ms; dueMs = core.nextDeadlineMs) {
        nowMs = Math.max(nowMs, dueMs);
        effects.push(...input({ type: 'tick' }));
      }
      nowMs = ms;
      return effects;
    },
    /** Stands still until then. */
    sleep(ms: number) {
      nowMs = ms;
      return input({ type: 'tick' });
    },
    state: (of: string): MemberState | undefined => core.get(of)?.state,
  };
}

function sent(effects: readonly SwimEffect[], kind: SwimMessage['kind']) {
  return effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.kind === kind ? [effect] : [],
  );
}

const news = (...members: readonly Member[]): SwimMessage => ({ kind: 'news', news: members });

describe('what an instance holds of the others', () => {
  it('the graver word of one incarnation counts, a later incarnation more, a later start most', () => {
    const one = instance();
    const words: [Partial<Member>, Partial<Member>][] = [
      [{}, { state: 'alive' }],
      [{ state: 'suspect' }, { state: 'suspect' }],
      [{}, { state: 'suspect' }],
      [{ incarnation: 1 }, { state: 'alive', incarnation: 1 }],
      [{ state: 'dead' }, { state: 'alive', incarnation: 1 }],
      [{ state: 'dead', incarnation: 1 }, { state: 'dead' }],
      [{ incarnation: 1 }, { state: 'dead' }],
      [{ generation: 2 }, { state: 'alive', generation: 2, incarnation: 0 }],
      [
        { state: 'left', incarnation: 9 },
        { state: 'alive', generation: 2 },
      ],
      [{ state: 'left', generation: 2 }, { state: 'left' }],
    ];
    for (const [word, held] of words) {
      one.hears(news(member('b', word)));
      expect(one.core.get('b'), JSON.stringify(word)).toMatchObject(held);
    }
  });

  it('each change is told once, with what was before', () => {
    const one = instance();
    const changes = (message: SwimMessage) => one.hears(message).filter(({ type }) => type === 'member');
    expect(changes(news(member('b')))).toEqual([{ type: 'member', member: member('b') }]);
    const suspect = member('b', { state: 'suspect' });
    const change = { type: 'member', member: suspect, before: member('b') };
    expect(changes(news(suspect))).toEqual([change]);
    expect(changes(news(suspect))).toEqual([]);
  });

  it('an instance contradicts who holds it suspect or dead, with a higher incarnation', () => {
    const one = instance();
    one.hears(news(member('b')));
    one.hears(news(member('self', { state: 'suspect' })));
    expect(one.core.get('self')).toMatchObject({ state: 'alive', incarnation: 1 });
    one.hears(news(member('self', { state: 'dead', incarnation: 4 })));
    expect(one.core.get('self')).toMatchObject({ state: 'alive', incarnation: 5 });
    const [first] = sent(one.until(400), 'news');
    expect(first?.message.news).toContainEqual(member('self', { incarnation: 5 }));
  });

  it('a suspect is dead after its time, and sooner when others have found it silent, too', () => {
    const lonely = instance();
    const confirmed = instance();
    const suspect = member('b', { state: 'suspect' });
    lonely.hears({ kind: 'news', news: [suspect], doubts: { b: ['x'] } });
    confirmed.hears({ kind: 'news', news: [suspect], doubts: { b: ['x', 'y', 'z', 'w'] } });
    lonely.until(1000);
    confirmed.until(1000);
    expect([lonely.state('b'), confirmed.state('b')]).toEqual(['suspect', 'dead']);
    lonely.until(1600);
    expect(lonely.state('b')).toBe('dead');
  });

  it('the dead are forgotten after ten minutes, not before, and old news does not revive them till then', () => {
    const one = instance();
    one.hears(news(member('b', { state: 'dead' }), member('c')));
    one.until(500_000);
    one.hears(news(member('b')));
    expect(one.state('b')).toBe('dead');
    one.until(700_000);
    expect(one.core.get('b')).toBeUndefined();
  });

  it('one that ended minutes ago is no news for those who begin', () => {
    const one = instance();
    one.hears(news(member('b', { state: 'dead' })));
    const told = () => {
      const [answer] = sent(one.hears({ kind: 'join', self: member('c'), news: [] }, member('c')), 'members');
      return answer?.message.kind === 'members' && answer.message.members.map(({ id }) => id);
    };
    expect(told()).toEqual(['self', 'b', 'c']);
    one.until(400_000);
    expect(told()).not.toContain('b');
    expect(one.state('b')).toBe('dead');
  });
});

describe('who lives at an address', () => {
  const old = member('old', { address: { host: 'x', port: 1 } });
  const reborn = member('reborn', { address: old.address });

  it('an instance that joins from the address of another means that the other is dead, at once (#81)', () => {
    const one = instance();
    one.hears(news(old));
    const effects = one.hears({ kind: 'join', self: reborn, news: [] }, reborn);
    expect([one.state('old'), one.state('reborn')]).toEqual(['dead', 'alive']);
    const [answer] = sent(effects, 'members');
    expect(answer?.message).toMatchObject({
      members: expect.arrayContaining([{ ...old, state: 'dead' }]) as unknown,
    });
  });

  it('another one answers a probe: who was probed is dead (#81)', () => {
    const one = instance();
    one.hears(news(old));
    const [ping] = sent(one.until(500), 'ping');
    const probe = ping?.message.kind === 'ping' ? ping.message.probe : -1;
    one.hears({ kind: 'ack', probe, from: 'reborn', news: [] }, reborn);
    expect(one.state('old')).toBe('dead');
  });

  it('a datagram that nobody asked for proves nothing: its sender is asked who it is', () => {
    const one = instance();
    one.hears(news(old));
    one.until(300);
    const effects = one.hears({ kind: 'ping', probe: 1, to: 'self', news: [] }, reborn);
    expect(one.state('old')).toBe('alive');
    expect(sent(effects, 'join').map(({ reliable, to }) => ({ reliable, to }))).toEqual([
      { reliable: true, to: reborn.address },
    ]);
  });

  it('a ping for the one that was here before is answered by the one that is here now', () => {
    const one = instance();
    const [ack] = sent(one.hears({ kind: 'ping', probe: 9, to: 'former', news: [] }), 'ack');
    expect(ack?.message).toMatchObject({ probe: 9, from: 'self' });
  });

  it('what a former life of a member still had to say is not listened to', () => {
    const one = instance();
    one.hears(news(member('b', { generation: 2 })));
    const late = { kind: 'ping', probe: 1, to: 'self', news: [member('c')] } as const;
    expect(one.hears(late, member('b'))).toEqual([]);
    expect(one.core.get('c')).toBeUndefined();
  });
});

describe('what an instance says', () => {
  it('no datagram is longer than it may be, however much there is to tell', () => {
    const one = instance();
    one.input({ type: 'hint', hint: { leader: 'b'.repeat(36), epoch: 12 } });
    const meta = { zone: 'ä'.repeat(40), role: 'invoker' };
    const many = Array.from({ length: 200 }, (_, index) =>
      member(`member-${index}`, { meta, state: index % 3 ? 'alive' : 'suspect' }),
    );
    const doubts = Object.fromEntries(many.map(({ id }) => [id, ['member-1', 'member-2']]));
    one.hears({ kind: 'news', news: many, doubts });
    const datagrams = one
      .until(3000)
      .flatMap((effect) => (effect.type === 'send' && !effect.reliable ? [effect.message] : []));
    const lengths = datagrams.map(jsonBytes);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1200);
    expect(Math.max(...lengths), 'what room there is is used').toBeGreaterThan(900);
    expect(datagrams.every(({ hint }) => hint !== undefined)).toBe(true);
  });

  it('a hint that it does not know is handed on, its own is not', () => {
    const one = instance();
    one.input({ type: 'hint', hint: { epoch: 1 } });
    const hints = (hint: number) =>
      one.hears({ kind: 'news', news: [], hint: { epoch: hint } }).filter(({ type }) => type === 'hint');
    expect(hints(1)).toEqual([]);
    expect(hints(2)).toEqual([{ type: 'hint', from: 'other', hint: { epoch: 2 } }]);
  });

  it('three others are asked to try where it gets no answer, and it carries answers back for others', () => {
    const one = instance();
    one.hears(news(...['b', 'c', 'd', 'e'].map((id) => member(id))));
    const effects = one.until(900);
    const [ping] = sent(effects, 'ping');
    const requests = sent(effects, 'ping-request').slice(0, 3);
    expect(new Set([...requests, ...(ping ? [ping] : [])].map(({ to }) => to.host)).size).toBe(4);
    const [request] = requests;
    expect(request?.message).toMatchObject({ target: ping?.to.host, at: ping?.to });

    const relay = instance('relay');
    const asked = {
      kind: 'ping-request',
      probe: 77,
      target: 'c',
      at: { host: 'c', port: 7000 },
      news: [],
    } as const;
    const [relayed] = sent(relay.hears(asked, member('b')), 'ping');
    const probe = relayed?.message.kind === 'ping' ? relayed.message.probe : -1;
    const [ack] = sent(relay.hears({ kind: 'ack', probe, from: 'c', news: [] }, member('c')), 'ack');
    expect(ack).toMatchObject({ to: { host: 'b' }, message: { probe: 77, from: 'c' } });
  });

  it('new metadata are told to all under a new incarnation', () => {
    const one = instance();
    one.hears(news(member('b')));
    one.until(1000);
    one.input({ type: 'meta', meta: { role: 'leader' } });
    const told = sent(one.until(1400), 'news').flatMap(({ message }) => message.news);
    expect(told).toContainEqual(member('self', { incarnation: 1, meta: { role: 'leader' } }));
  });

  it('who leaves tells everybody that lives, then is silent', () => {
    const one = instance();
    const others = ['b', 'c', 'd', 'e', 'f'].map((id) => member(id));
    one.hears(news(...others, member('gone', { state: 'dead' })));
    const goodbyes = sent(one.input({ type: 'leave' }), 'news');
    expect(goodbyes.map(({ to }) => to.host).toSorted()).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect(goodbyes.every(({ message }) => message.news[0]?.state === 'left')).toBe(true);
    expect(one.core.nextDeadlineMs).toBeUndefined();
    expect(one.hears(news(member('self', { state: 'dead' })))).toEqual([]);
  });
});

describe('before somebody is taken for dead', () => {
  const silent = ['b', 'c', 'd', 'e', 'f', 'g'].map((id) => member(id));

  it('a suspect is told so by the one that suspects it, again and again, so that it can contradict', () => {
    const one = instance();
    one.hears(news(...silent));
    const effects = one.until(1600);
    const suspect = effects.find((effect) => effect.type === 'member');
    const id = suspect?.type === 'member' ? suspect.member.id : 'none';
    const reminders = sent(effects, 'ping').filter(({ message, to }) => {
      const [first] = message.news;
      return to.host === id && first?.id === id && first.state === 'suspect';
    });
    expect(reminders.length).toBeGreaterThanOrEqual(2);
  });

  it('one that is held dead hears it with the next answer', () => {
    const one = instance();
    one.hears(news(member('b', { state: 'dead' })));
    const [ack] = sent(one.hears({ kind: 'ping', probe: 1, to: 'self', news: [] }, member('b')), 'ack');
    expect(ack?.message.news[0]).toEqual(member('b', { state: 'dead' }));
  });

  it('an instance whose probes all fail mistrusts itself, and gives the others more time', () => {
    const one = instance();
    one.hears(news(...silent));
    one.until(5000);
    expect(silent.filter(({ id }) => one.state(id) === 'dead')).toEqual([]);
    one.until(30_000);
    expect(silent.filter(({ id }) => one.state(id) !== 'dead')).toEqual([]);
  });

  it('who has missed that a member contradicted is told again', () => {
    const one = instance();
    const later = member('b', { incarnation: 1 });
    one.hears(news(later, member('c')));
    const told = (effects: readonly SwimEffect[]) =>
      sent(effects, 'news').flatMap(({ message }) => message.news);
    expect(told(one.until(450)), 'told often enough').toContainEqual(later);
    expect(told(one.hears(news(member('c'))))).toEqual([]);
    expect(told(one.hears(news(member('b', { state: 'dead' }))))).toContainEqual(later);
  });
});

describe('an instance that stood still', () => {
  it('declares nobody dead when it wakes: all have their time anew', () => {
    const one = instance();
    one.hears(news(...['b', 'c', 'd'].map((id) => member(id))));
    one.until(1400);
    one.hears(news(member('e', { state: 'suspect' })));
    const effects = one.sleep(61_400);
    expect(effects.filter((effect) => effect.type === 'member')).toEqual([]);
    expect(one.state('e')).toBe('suspect');
    expect(sent(effects, 'join'), 'it asks what has happened meanwhile').not.toEqual([]);
  });
});
