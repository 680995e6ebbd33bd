import { describe, expect, test } from 'vitest';
import type { StreamEnd } from '../transport/transport.ts';
import { Session, type SessionAction, type SessionOptions } from './session.ts';
import { sessionStates, type SessionState } from './session-state.ts';
import {
  a,
  b,
  c,
  errorEvent,
  refused,
  session,
  subscribedEvent,
  unreachable,
} from '../../test/session/session-kit.ts';

const garbage: StreamEnd = { kind: 'garbage', error: new Error('not a stream of Mesos') };

/** Brings a fresh session into a state at time 0. */
const ways: { readonly [S in SessionState]: (options?: Partial<SessionOptions>) => Session } = {
  IDLE: session,
  DETECTING: (options) => after(session(options), (it) => it.start(0)),
  SUBSCRIBING: (options) => after(ways.DETECTING(options), (it) => it.masters(0, [a, b])),
  SUBSCRIBED: (options) =>
    after(ways.SUBSCRIBING(options), (it) => (it.opened(0), it.event(0, subscribedEvent()))),
  LOST: (options) => after(ways.DETECTING(options), (it) => it.noMasters(0, new Error('none'))),
  STEPPED_DOWN: (options) =>
    after(ways.SUBSCRIBED(options), (it) => it.event(0, errorEvent('Framework failed over'))),
  REMOVED: (options) =>
    after(ways.SUBSCRIBED(options), (it) => it.event(0, errorEvent('Framework has been removed'))),
  REFUSED: (options) => after(ways.SUBSCRIBING(options), (it) => it.ended(0, refused(400, 'malformed'))),
};

function after(it: Session, act: (it: Session) => unknown): Session {
  act(it);
  return it;
}

type Row = Partial<Record<SessionState, SessionState>>;
const leavesAll: Row = {};

/** Per input: the states that it changes, and to what. */
const inputs: readonly (readonly [string, (it: Session) => readonly SessionAction[], Row])[] = [
  [
    'start',
    (it) => it.start(1),
    { IDLE: 'DETECTING', STEPPED_DOWN: 'DETECTING', REMOVED: 'DETECTING', REFUSED: 'DETECTING' },
  ],
  ['stop', (it) => it.stop(), Object.fromEntries(sessionStates.map((state) => [state, 'IDLE']))],
  ['masters', (it) => it.masters(1, [c]), { DETECTING: 'SUBSCRIBING' }],
  ['an empty list of masters', (it) => it.masters(1, []), { DETECTING: 'LOST' }],
  ['no masters', (it) => it.noMasters(1, new Error('none')), { DETECTING: 'LOST' }],
  ['opened', (it) => it.opened(1), leavesAll],
  ['alive', (it) => it.alive(1), leavesAll],
  ['SUBSCRIBED', (it) => it.event(1, subscribedEvent()), { SUBSCRIBING: 'SUBSCRIBED' }],
  ['HEARTBEAT', (it) => it.event(1, { type: 'HEARTBEAT' }), leavesAll],
  [
    'ERROR failed over',
    (it) => it.event(1, errorEvent('Framework failed over')),
    { SUBSCRIBING: 'STEPPED_DOWN', SUBSCRIBED: 'STEPPED_DOWN' },
  ],
  [
    'ERROR removed',
    (it) => it.event(1, errorEvent('Framework has been removed')),
    { SUBSCRIBING: 'REMOVED', SUBSCRIBED: 'REMOVED' },
  ],
  [
    'ERROR overload',
    (it) => it.event(1, errorEvent('capacity(1) exceeded')),
    { SUBSCRIBING: 'LOST', SUBSCRIBED: 'LOST' },
  ],
  [
    'ERROR of another kind',
    (it) => it.event(1, errorEvent('bad role')),
    { SUBSCRIBING: 'REFUSED', SUBSCRIBED: 'LOST' },
  ],
  ['end', (it) => it.ended(1, { kind: 'ended' }), { SUBSCRIBING: 'SUBSCRIBING', SUBSCRIBED: 'LOST' }],
  ['broken', (it) => it.ended(1, unreachable), { SUBSCRIBING: 'SUBSCRIBING', SUBSCRIBED: 'LOST' }],
  ['garbage', (it) => it.ended(1, garbage), { SUBSCRIBING: 'SUBSCRIBING', SUBSCRIBED: 'LOST' }],
  [
    'redirected',
    (it) => it.ended(1, { kind: 'redirected', leader: c }),
    { SUBSCRIBING: 'SUBSCRIBING', SUBSCRIBED: 'LOST' },
  ],
  ['refused with 503', (it) => it.ended(1, refused(503)), { SUBSCRIBING: 'SUBSCRIBING', SUBSCRIBED: 'LOST' }],
  ['refused with 401', (it) => it.ended(1, refused(401)), { SUBSCRIBING: 'REFUSED', SUBSCRIBED: 'LOST' }],
  ['refused with 400', (it) => it.ended(1, refused(400)), { SUBSCRIBING: 'REFUSED', SUBSCRIBED: 'LOST' }],
  ['answered 202', (it) => it.answered(1, { callId: 1, status: 202, text: '' }), leavesAll],
  ['answered 403', (it) => it.answered(1, { callId: 1, status: 403, text: '' }), { SUBSCRIBED: 'LOST' }],
  [
    'answered with another stream',
    (it) => it.answered(1, { callId: 1, status: 400, text: "The stream ID 'x' didn't match" }),
    { SUBSCRIBED: 'STEPPED_DOWN' },
  ],
  ['leading', (it) => it.leadership(1, true), { STEPPED_DOWN: 'DETECTING', REFUSED: 'DETECTING' }],
  [
    'not leading',
    (it) => it.leadership(1, false),
    {
      DETECTING: 'STEPPED_DOWN',
      SUBSCRIBING: 'STEPPED_DOWN',
      SUBSCRIBED: 'STEPPED_DOWN',
      LOST: 'STEPPED_DOWN',
      REMOVED: 'STEPPED_DOWN',
      REFUSED: 'STEPPED_DOWN',
    },
  ],
  ['a tick too early', (it) => it.tick(1), leavesAll],
  [
    'a tick much later',
    (it) => (it.tick(100_000), it.tick(200_000)),
    { DETECTING: 'DETECTING', SUBSCRIBING: 'LOST', SUBSCRIBED: 'LOST', LOST: 'LOST' },
  ],
];

describe('every input in every state', () => {
  for (const [name, give, row] of inputs) {
    for (const state of sessionStates) {
      const expected = row[state] ?? state;
      test(`${name} in ${state}: ${expected}`, () => {
        const it = ways[state]();
        expect(it.state).toBe(state);
        const actions = give(it);
        expect(it.state).toBe(expected);
        if (expected === state && row[state] === undefined) expect(actions).toEqual([]);
        const isWaiting = ['DETECTING', 'SUBSCRIBING', 'SUBSCRIBED', 'LOST'].includes(it.state);
        expect(it.nextDeadlineMs !== undefined).toBe(isWaiting);
      });
    }
  }
});
