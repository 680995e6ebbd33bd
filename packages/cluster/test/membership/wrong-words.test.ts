import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';

import type { Member } from '../../src/membership/member.ts';
import { SwimCore } from '../../src/membership/swim-core.ts';
import type { SwimEffect, SwimMessage } from '../../src/membership/swim-messages.ts';
import { defaultSwim } from './virtual-network.ts';

function member(id: string, of: Partial<Member> = {}): Member {
  const address = { host: id, port: 7000 };
  return { id, address, generation: 1, incarnation: 0, state: 'alive', meta: {}, ...of };
}

/** An instance that hears what another says, at times of the test's choice. */
function listener() {
  const core = new SwimCore({
    self: member('self'),
    options: defaultSwim,
    random: { next: seededRandom(7) },
  });
  let nowMs = 0;
  core.step({ nowMs }, { type: 'start', seeds: [] });
  const hears = (message: SwimMessage, sender = 'buggy') => {
    const { address, generation, id } = member(sender);
    return core.step({ nowMs }, { type: 'received', from: address, sender: { id, generation }, message });
  };
  const until = (ms: number): SwimEffect[] => {
    const effects: SwimEffect[] = [];
    for (let dueMs = core.nextDeadlineMs; dueMs !== undefined && dueMs <= ms; dueMs = core.nextDeadlineMs) {
      nowMs = Math.max(nowMs, dueMs);
      effects.push(...core.step({ nowMs }, { type: 'tick' }));
    }
    nowMs = ms;
    return effects;
  };
  const told = (effects: readonly SwimEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'send' ? effect.message.news.map(({ id }) => id) : []));
  return { core, hears, until, told, state: (id: string) => core.get(id)?.state };
}

const news = (...members: readonly Member[]): SwimMessage => ({ kind: 'news', news: members });

describe('a buggy instance that has the secret', () => {
  it.each([2 ** 53 - 1, 2 ** 40])(
    'and declares others dead with incarnation %i, silences nobody: they can still contradict',
    (incarnation) => {
      const { hears, core, state } = listener();
      hears(news(member('b')));
      hears(
        news(member('b', { state: 'dead', incarnation }), member('self', { state: 'dead', incarnation })),
      );
      expect(state('b')).toBe('alive');
      expect(core.get('self')).toMatchObject({ state: 'alive', incarnation: 0 });
      hears(news(member('b', { state: 'dead', incarnation: 3 })));
      hears(news(member('b', { state: 'alive', incarnation: 4 })));
      expect(state('b')).toBe('alive');
    },
  );

  it('and speaks of a start in the far future of a member, does not make its present one a thing of the past', () => {
    const { hears, core } = listener();
    hears(news(member('b')));
    hears(news(member('b', { state: 'dead', generation: 2 ** 53 - 1 })));
    expect(core.get('b')).toMatchObject({ state: 'alive', generation: 1 });
    hears(news(member('b', { generation: 2 })));
    expect(core.get('b')).toMatchObject({ state: 'alive', generation: 2 });
  });

  it('and tells 60 kB of a member, is not believed, and what it says besides is', () => {
    const { hears, state } = listener();
    hears(news(member('huge', { meta: { text: 'x'.repeat(60_000) } }), member('small')));
    expect([state('huge'), state('small')]).toEqual([undefined, 'alive']);
  });

  it('and makes up members whom no datagram can carry, is in the way of no other news', () => {
    const { hears, until, told } = listener();
    hears(news(member('buggy'), member('b')));
    until(5_000);
    const long = Array.from({ length: 20 }, (_, nth) =>
      member(`long-${nth}`, { meta: { text: 'x'.repeat(900) }, address: { host: 'h'.repeat(250), port: 1 } }),
    );
    hears(news(...long));
    hears(news(member('late')));
    expect(told(until(6_000))).toContain('late');
  });

  it('and makes up 10,000 members, fills nobody’s memory, and those who were there are known still', () => {
    const { hears, core, state } = listener();
    hears(news(member('b')));
    const invented = Array.from({ length: 10_000 }, (_, nth) => member(`nobody-${nth}`));
    hears({ kind: 'members', news: [], members: invented });
    expect([...core.members()].length).toBeLessThan(2_100);
    hears(news(member('b', { incarnation: 1 })));
    expect(core.get('b')).toMatchObject({ incarnation: 1 });
    expect(state('b')).toBe('alive');
  });
});

it('a flood of requests to probe for others, recorded and sent again, is answered for some of them only', () => {
  const { hears } = listener();
  let sent = 0;
  for (let time = 0; time < 5_000; time += 1) {
    const request: SwimMessage = {
      kind: 'ping-request',
      probe: 1,
      target: 'b',
      at: { host: 'b', port: 7000 },
      news: [],
    };
    sent += hears(request).filter(
      (effect) => effect.type === 'send' && effect.message.kind === 'ping',
    ).length;
  }
  expect(sent).toBeLessThan(300);
  expect(sent).toBeGreaterThan(0);
});
