import { describe, expect, test } from 'vitest';

import {
  apply,
  sessionEvents,
  sessionStates,
  type SessionEvent,
  type SessionState,
} from './session-state.ts';

const legal: readonly (readonly [SessionState, SessionEvent, SessionState])[] = [
  ['IDLE', 'started', 'DETECTING'],
  ['IDLE', 'stepped-down', 'STEPPED_DOWN'],
  ['DETECTING', 'masters-found', 'SUBSCRIBING'],
  ['DETECTING', 'lost', 'LOST'],
  ['DETECTING', 'stepped-down', 'STEPPED_DOWN'],
  ['SUBSCRIBING', 'next-master', 'SUBSCRIBING'],
  ['SUBSCRIBING', 'subscribed', 'SUBSCRIBED'],
  ['SUBSCRIBING', 'lost', 'LOST'],
  ['SUBSCRIBING', 'stepped-down', 'STEPPED_DOWN'],
  ['SUBSCRIBING', 'removed', 'REMOVED'],
  ['SUBSCRIBING', 'refused', 'REFUSED'],
  ['SUBSCRIBED', 'lost', 'LOST'],
  ['SUBSCRIBED', 'stepped-down', 'STEPPED_DOWN'],
  ['SUBSCRIBED', 'removed', 'REMOVED'],
  ['LOST', 'retried', 'DETECTING'],
  ['LOST', 'stepped-down', 'STEPPED_DOWN'],
  ['STEPPED_DOWN', 'started', 'DETECTING'],
  ['REMOVED', 'started', 'DETECTING'],
  ['REMOVED', 'stepped-down', 'STEPPED_DOWN'],
  ['REFUSED', 'started', 'DETECTING'],
  ['REFUSED', 'stepped-down', 'STEPPED_DOWN'],
];

describe('the table of transitions', () => {
  for (const state of sessionStates) {
    for (const event of sessionEvents) {
      const to =
        event === 'stopped' ? 'IDLE' : legal.find(([from, on]) => from === state && on === event)?.[2];
      test(`${state} and ${event}: ${to ?? 'not legal'}`, () => expect(apply(state, event)).toBe(to));
    }
  }

  test('nothing subscribes without having asked for masters, and nothing leaves an end but a new start', () => {
    const into = (wanted: SessionState) =>
      sessionStates.filter((state) => sessionEvents.some((event) => apply(state, event) === wanted));
    expect(into('SUBSCRIBED')).toEqual(['SUBSCRIBING']);
    expect(into('SUBSCRIBING')).toEqual(['DETECTING', 'SUBSCRIBING']);
    for (const end of ['STEPPED_DOWN', 'REMOVED', 'REFUSED'] as const) {
      expect(
        sessionEvents.filter(
          (event) => !['started', 'stopped', 'stepped-down'].includes(event) && apply(end, event),
        ),
      ).toEqual([]);
    }
  });
});
