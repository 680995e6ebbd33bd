import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeConfiguration } from './configuration.ts';
import { planVoters, type VoterFacts, type VoterPlan } from './plan-voters.ts';
import type { Configuration, Participant } from './raft-messages.ts';

const at = (id: string, port = 7000): Participant => ({ id, address: { host: id, port } });
const all = (ids: string) => ids.split('').map((id) => at(id));

interface Told {
  readonly voters: string;
  readonly learners?: string;
  readonly alive: string;
  readonly target?: number;
  readonly leaving?: string;
  readonly gone?: string;
  readonly caughtUp?: string;
  readonly answering?: string;
}

/** Each letter is an instance; `a` leads. */
function facts({
  voters,
  learners = '',
  alive,
  target = 3,
  leaving = '',
  gone = '',
  caughtUp,
  answering = alive,
}: Told): VoterFacts {
  return {
    configuration: { voters: all(voters), learners: all(learners) },
    target,
    self: 'a',
    alive: new Map(all(alive).map((one) => [one.id, one])),
    answering: new Set(answering),
    leaving: new Set(leaving),
    gone: new Set(gone),
    caughtUp: new Set(caughtUp ?? voters + learners),
  };
}

function after({ configuration }: VoterFacts, plan: VoterPlan): Configuration {
  const next = plan.kind === 'hand-over' ? configuration : changeConfiguration(configuration, plan);
  if ('refused' in next) throw new Error(`refused: ${next.refused}`);
  return next;
}

/** All steps, until there is none or the leader goes. Whoever has been added has caught up by the next step. */
function course(told: Told): string[] {
  let now = facts(told);
  const words: string[] = [];
  for (let plan = planVoters(now); plan && words.length < 50; plan = planVoters(now)) {
    words.push(`${plan.kind} ${'to' in plan ? plan.to : 'id' in plan ? plan.id : plan.participant.id}`);
    if (plan.kind === 'hand-over') break;
    const configuration = after(now, plan);
    const caughtUp =
      told.caughtUp === undefined ? new Set(configuration.learners.map(({ id }) => id)) : now.caughtUp;
    now = { ...now, configuration, caughtUp };
  }
  return words;
}

describe('who is to vote', () => {
  test.each<[string, Told, string[]]>([
    ['three of three: nothing is to be done', { voters: 'abc', alive: 'abc' }, []],
    ['new ones learn first, then vote', { voters: 'ab', alive: 'abc' }, ['add-learner c', 'promote c']],
    ['whoever is too many only learns', { voters: 'abc', alive: 'abcd' }, ['add-learner d']],
    ['who lags behind does not vote yet', { voters: 'ab', learners: 'c', alive: 'abc', caughtUp: '' }, []],
    ['a silent voter keeps its vote', { voters: 'abc', learners: 'd', alive: 'abd' }, []],
    [
      'a voter that is gone goes first, as the new one could die before it votes',
      { voters: 'abc', alive: 'abd', gone: 'c' },
      ['remove c', 'add-learner d', 'promote d'],
    ],
    [
      'a voter that leaves is replaced: first the new one, then the old one',
      { voters: 'abc', learners: 'd', alive: 'abcd', leaving: 'c' },
      ['promote d', 'remove c'],
    ],
    [
      'one that leaves stays until the new one has caught up',
      { voters: 'abc', learners: 'd', alive: 'abcd', leaving: 'c', caughtUp: '' },
      [],
    ],
    [
      'where nobody can come, it goes all the same',
      { voters: 'abc', alive: 'abc', leaving: 'c' },
      ['remove c'],
    ],
    ['the last but one may go', { voters: 'ab', alive: 'ab', leaving: 'b', target: 1 }, ['remove b']],
    ['a majority that is not alive decides nothing', { voters: 'abc', alive: 'ad', gone: 'bc' }, []],
    [
      'while a voter is silent nobody comes who would be needed',
      { voters: 'abc', learners: 'd', alive: 'abd', leaving: 'b' },
      [],
    ],
    [
      'nobody goes while one of those who would be needed does not answer',
      { voters: 'abc', alive: 'abc', answering: 'ac', leaving: 'c', target: 1 },
      [],
    ],
    ['no step may lose the majority', { voters: 'abc', alive: 'ac', leaving: 'c' }, []],
    ['of two instances both vote', { voters: 'a', alive: 'ab', target: 2 }, ['add-learner b', 'promote b']],
    [
      'of four instances three vote',
      { voters: 'a', alive: 'abcd', target: 4 },
      ['add-learner b', 'add-learner c', 'promote b', 'promote c', 'add-learner d'],
    ],
    ['three of five wait for two more', { voters: 'abc', learners: 'd', alive: 'abcd', target: 5 }, []],
    [
      'two more come together',
      { voters: 'abc', learners: 'de', alive: 'abcde', target: 5 },
      ['promote d', 'promote e'],
    ],
    ['learners that are gone go', { voters: 'abc', learners: 'd', alive: 'abc', gone: 'd' }, ['remove d']],
    ['learners that leave go', { voters: 'abc', learners: 'd', alive: 'abcd', leaving: 'd' }, ['remove d']],
    ['a leader that leaves hands over first', { voters: 'abc', alive: 'abc', leaving: 'a' }, ['hand-over b']],
    [
      'a leader that leaves hands over to one that stays',
      { voters: 'abc', alive: 'abc', leaving: 'ab' },
      ['hand-over c'],
    ],
    [
      'a leader that votes alone takes a second one before it leaves',
      { voters: 'a', learners: 'b', alive: 'ab', leaving: 'a', target: 1 },
      ['promote b', 'hand-over b'],
    ],
    ['the last one stays as it is', { voters: 'a', alive: 'a', leaving: 'a', target: 1 }, []],
    ['who does not vote decides nothing', { voters: 'bc', learners: 'a', alive: 'abc' }, []],
  ])('%s', (_, told, expected) => {
    expect(course(told)).toEqual(expected);
  });

  test('one that is reached elsewhere is followed there', () => {
    const now = facts({ voters: 'abc', learners: 'd', alive: 'abcd' });
    const moved = { ...now, alive: new Map([...now.alive, ['d', at('d', 7001)]]) };
    expect(planVoters(moved)).toEqual({ kind: 'move', participant: at('d', 7001) });
  });

  test('a rolling restart with new identities ends with the new ones', () => {
    let voters = 'abc';
    for (const [old, fresh] of [
      ['c', 'd'],
      ['b', 'e'],
    ] as const) {
      const alive = voters.replace(old, '') + fresh;
      expect(course({ voters, alive, gone: old })).toEqual([
        `remove ${old}`,
        `add-learner ${fresh}`,
        `promote ${fresh}`,
      ]);
      voters = alive;
    }
    expect(voters).toBe('ade');
  });

  test('in every situation each step leaves a live majority and the leader its vote, and steps come to an end', () => {
    const subset = fc.subarray('abcdef'.split('')).map((ids) => ids.join(''));
    const roles = fc.array(fc.constantFrom('voter', 'learner', 'outside'), { minLength: 6, maxLength: 6 });
    const situation = fc.record({
      roles,
      alive: subset,
      leaving: subset,
      gone: subset,
      caughtUp: subset,
      target: fc.integer({ min: 1, max: 6 }),
      moved: subset,
    });
    fc.assert(
      fc.property(situation, ({ roles: given, moved, ...rest }) => {
        const of = (role: string) =>
          'abcdef'
            .split('')
            .filter((_, place) => given[place] === role)
            .join('');
        const told = { ...rest, voters: of('voter'), learners: of('learner') };
        let now = facts({ ...told, alive: `a${told.alive.replace('a', '')}` });
        const places = [...now.alive.values()].map((one) =>
          moved.includes(one.id) ? at(one.id, 7001) : one,
        );
        now = { ...now, alive: new Map(places.map((one) => [one.id, one])) };
        const isAlive = ({ id }: Participant) => id === 'a' || (now.alive.has(id) && !now.gone.has(id));
        let steps = 0;
        for (let plan = planVoters(now); plan && plan.kind !== 'hand-over'; plan = planVoters(now)) {
          steps += 1;
          expect(steps).toBeLessThanOrEqual(30);
          const before = now.configuration;
          const configuration = after(now, plan);
          expect(configuration.voters.filter(isAlive).length * 2).toBeGreaterThan(
            configuration.voters.length,
          );
          expect(configuration.voters.map(({ id }) => id)).toContain('a');
          for (const { id } of before.voters) {
            const stays = configuration.voters.some((one) => one.id === id);
            expect(stays || now.leaving.has(id) || now.gone.has(id)).toBe(true);
          }
          now = { ...now, configuration };
        }
      }),
      { numRuns: 5000 },
    );
  });
});

test('members who never answer do not fill the log: no more are admitted until some of them have answered, or are gone', () => {
  const letters = Array.from({ length: 40 }, (_, nth) => String.fromCharCode(0x100 + nth)).join('');
  const silent = (count: number): Told => ({
    voters: 'abc',
    learners: letters.slice(0, count),
    alive: `abc${letters}`,
    caughtUp: 'abc',
    answering: 'abc',
  });
  expect(planVoters(facts(silent(3)))).toMatchObject({ kind: 'add-learner' });
  expect(planVoters(facts(silent(16)))).toBeUndefined();
  expect(planVoters(facts({ ...silent(16), answering: `abc${letters[0]}` }))).toBeDefined();
  expect(planVoters(facts({ ...silent(16), gone: letters.slice(0, 1) }))).toMatchObject({ kind: 'remove' });
});
