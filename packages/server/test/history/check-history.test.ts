import { describe, expect, it } from 'vitest';

import { checkHistory, type ActivationView, type History, type Rule } from './check-history.ts';

function record(id: string, response: Partial<ActivationView['response']> = {}): ActivationView {
  return {
    activationId: id,
    start: 1,
    end: 2,
    duration: 1,
    annotations: [],
    response: { status: 'success', result: { mark: `m-${id}` }, ...response },
  };
}

const stopped = (id: string, words: string) =>
  record(id, { status: 'whisk internal error', result: { error: `The platform stopped. ${words}` } });
const started = 'Its code had started to run.';
const notStarted = 'Its code had not started.';

/** Told both ways, one of them stopped by a crash: nothing is wrong with it. */
const good: History = {
  told: [
    { id: 'a', mark: 'm-a', reply: record('a'), readAtOnce: { status: 200, record: record('a') } },
    { id: 'b', mark: 'm-b' },
    { id: 'c', mark: 'm-c' },
  ],
  starts: ['a', 'b', 'c'],
  sightings: [record('a'), record('b'), stopped('c', started)],
  listed: ['a', 'b', 'c'],
  recoveries: [{ id: 'c', afterMs: 100 }],
};

const planted: readonly (readonly [Rule, string, Partial<History>])[] = [
  ['lost', 'b', { sightings: [record('a'), stopped('c', started)], listed: ['a', 'c'] }],
  ['lost', 'b', { listed: ['a', 'c'] }],
  ['recorded twice', 'b', { listed: ['a', 'b', 'b', 'c'] }],
  ['record changed', 'b', { sightings: [...good.sightings, { ...record('b'), end: 3 }] }],
  ['record changed', 'c', { sightings: [...good.sightings, record('c')] }],
  [
    'reply differs from record',
    'a',
    { told: [{ id: 'a', mark: 'm-a', reply: { ...record('a'), end: 9 } }, ...good.told.slice(1)] },
  ],
  [
    'not readable at once',
    'a',
    {
      told: [
        { id: 'a', mark: 'm-a', reply: record('a'), readAtOnce: { status: 404 } },
        ...good.told.slice(1),
      ],
    },
  ],
  ['started twice', 'b', { starts: ['a', 'b', 'b', 'c'] }],
  [
    'started, but said not to have',
    'd',
    { starts: ['a', 'b', 'c', 'd'], sightings: [...good.sightings, stopped('d', notStarted)] },
  ],
  ['result without a start', 'b', { starts: ['a', 'c'] }],
  [
    'never run though accepted',
    'c',
    { starts: ['a', 'b'], sightings: [record('a'), record('b'), stopped('c', notStarted)] },
  ],
  ['does not say whether it started', 'c', { sightings: [record('a'), record('b'), stopped('c', 'Sorry.')] }],
  [
    'result of another',
    'b',
    { sightings: [record('a'), record('b', { result: { mark: 'm-a' } }), stopped('c', started)] },
  ],
  ['recovered late', 'c', { recoveries: [{ id: 'c', afterMs: 5001 }] }],
];

describe('the history checker', () => {
  it('finds nothing in a history without fault', () => {
    expect(checkHistory(good)).toEqual([]);
  });

  it('finds nothing wrong with what nobody was told, if it is one record or none', () => {
    const history = {
      ...good,
      starts: [...good.starts!, 'x', 'y'],
      sightings: [...good.sightings, record('y')],
      listed: [...good.listed, 'y'],
    };
    expect(checkHistory(history)).toEqual([]);
  });

  it('takes a queued run that came late for no late recovery', () => {
    expect(checkHistory({ ...good, recoveries: [{ id: 'b', afterMs: 9000 }] })).toEqual([]);
  });

  it('takes what was run again and came to harm late for no late recovery', () => {
    const harmed = record('c', { status: 'whisk internal error', result: { error: 'The agent is gone.' } });
    const history = {
      ...good,
      sightings: [record('a'), record('b'), harmed],
      recoveries: [{ id: 'c', afterMs: 9000 }],
    };
    expect(checkHistory({ ...history, harm: /agent/ })).toEqual([]);
    expect(checkHistory({ ...history, harm: /other/ })).toContainEqual({ rule: 'recovered late', id: 'c' });
  });

  it('judges no starts where nothing bore witness', () => {
    expect(checkHistory({ ...good, starts: undefined })).toEqual([]);
  });

  it('takes what harmed containers left for neither a stop nor a result, but for a start where none may be', () => {
    const lost = (id: string, error: string) =>
      record(id, { status: 'whisk internal error', result: { error } });
    const history = {
      ...good,
      sightings: [
        ...good.sightings,
        lost('d', 'The agent is gone.'),
        lost('e', 'Failed to provision resources to run the action.'),
      ],
    };
    const harm = /agent|^Failed to provision/;
    expect(checkHistory(history)).toEqual([
      { rule: 'does not say whether it started', id: 'd' },
      { rule: 'does not say whether it started', id: 'e' },
    ]);
    expect(checkHistory({ ...history, harm })).toEqual([]);
    const starts = [...good.starts!, 'd', 'e'];
    expect(checkHistory({ ...history, harm, starts })).toEqual([
      { rule: 'started, but said not to have', id: 'e' },
    ]);
  });

  it.each(planted)('finds a planted fault: %s', (rule, id, fault) => {
    expect(checkHistory({ ...good, ...fault })).toEqual([{ rule, id }]);
  });
});
