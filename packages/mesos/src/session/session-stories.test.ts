import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamEnd } from '../transport/transport.ts';
import { Session, type SessionAction, type SessionOptions } from './session.ts';
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

function types(actions: readonly SessionAction[]): string[] {
  return actions.map((action) => (action.type === 'connect' ? `connect ${action.master}` : action.type));
}

/** A session that asks the first of these masters, at time 0. */
function asking(masters: readonly string[], options: Partial<SessionOptions> = {}): Session {
  const it = session(options);
  it.start(0);
  it.masters(0, masters);
  return it;
}

function subscribed(options: Partial<SessionOptions> = {}): Session {
  const it = asking([a], options);
  it.opened(0);
  it.event(0, subscribedEvent());
  return it;
}

describe('finding the leading master', () => {
  test('the masters of the list are tried in turn, then all are looked for anew', () => {
    const it = asking([a, b]);
    expect(types(it.ended(1, unreachable))).toEqual(['disconnect', `connect ${b}`]);
    const lost = it.ended(2, refused(503, 'No leader elected'));
    expect(types(lost)).toEqual(['disconnect', 'lost']);
    expect(lost[1]).toMatchObject({
      reason: `${a}: connection refused; ${b}: HTTP status 503, No leader elected`,
      retryInMs: 750,
    });
    expect(types(it.tick(752))).toEqual(['detect']);
  });

  test('a redirect is followed to the leader (#9)', () => {
    const it = asking([a]);
    expect(types(it.ended(1, { kind: 'redirected', leader: b }))).toEqual(['disconnect', `connect ${b}`]);
    it.opened(2);
    expect(types(it.event(3, subscribedEvent()))).toEqual(['subscribed']);
    expect(it.master).toBe(b);
  });

  test('a master that redirects to itself is passed over (#9)', () => {
    const it = asking([a, b]);
    expect(types(it.ended(1, { kind: 'redirected', leader: a }))).toEqual(['disconnect', `connect ${b}`]);
  });

  test('a redirect to a leader that has just died leads back to the list, then to a pause (O9)', () => {
    const it = asking([a, b]);
    it.ended(1, { kind: 'redirected', leader: c });
    expect(types(it.ended(2, unreachable))).toEqual(['disconnect', `connect ${b}`]);
    expect(types(it.ended(3, { kind: 'redirected', leader: c }))).toEqual(['disconnect', 'lost']);
    expect(it.state).toBe('LOST');
  });

  test('"no leader", then a leader: it subscribes by itself (#10)', () => {
    const it = asking([a]);
    it.ended(1, refused(503, 'No leader elected'));
    expect(types(it.tick(it.nextDeadlineMs!))).toEqual(['detect']);
    expect(types(it.masters(2000, [a]))).toEqual([`connect ${a}`]);
    expect(types(it.event(2001, subscribedEvent()))).toEqual(['subscribed']);
  });

  test('a master whose routes are not up yet is asked again (#11)', () => {
    const it = asking([a]);
    expect(types(it.ended(1, refused(404)))).toEqual(['disconnect', 'lost']);
  });

  test('a master that takes the connection and says nothing is given up after the timeout', () => {
    const it = asking([a, b]);
    expect(it.nextDeadlineMs).toBe(15_000);
    expect(types(it.tick(15_000))).toEqual(['disconnect', `connect ${b}`]);
  });

  test('a search that never ends is given up, and its late result is ignored', () => {
    const it = session();
    it.start(0);
    expect(types(it.tick(10_000))).toEqual(['lost']);
    expect(it.masters(10_001, [a])).toEqual([]);
  });

  test('the first connection can be made at a random time', () => {
    const it = session({ firstConnectDelayMs: 500 });
    expect(it.start(1000)).toEqual([]);
    expect(it.nextDeadlineMs).toBe(1250);
    expect(types(it.tick(1250))).toEqual(['detect']);
  });
});

describe('refusals', () => {
  test('wrong credentials are final (#12)', () => {
    const it = asking([a, b]);
    const actions = it.ended(1, refused(401, '401 Unauthorized.'));
    expect(actions).toEqual([
      { type: 'disconnect' },
      { type: 'refused', status: 401, reason: 'HTTP status 401, Unauthorized' },
    ]);
  });

  test('credentials that can be fetched anew are worth one more attempt, not two (#12)', () => {
    const it = asking([a], { canRefreshCredentials: true });
    expect(types(it.ended(1, refused(401)))).toEqual(['disconnect', 'lost']);
    it.tick(it.nextDeadlineMs!);
    it.masters(2000, [a]);
    expect(types(it.ended(2001, refused(401)))).toEqual(['disconnect', 'refused']);
  });

  test('a principal other than the authenticated one is refused with 400, finally (#13)', () => {
    const it = asking([a, b]);
    it.ended(1, refused(400, "Authenticated principal 'fw' does not match principal 'other'"));
    expect(it.state).toBe('REFUSED');
  });

  test('a role that is not allowed comes as ERROR on a stream that stands, and is final (#20)', () => {
    const it = asking([a]);
    it.opened(1);
    const reason = "'FrameworkInfo.roles' contains invalid role: a b";
    expect(it.event(2, errorEvent(reason))).toEqual([
      { type: 'disconnect' },
      { type: 'refused', status: 200, reason },
    ]);
    expect(it.ended(3, { kind: 'ended' })).toEqual([]);
    expect(it.nextDeadlineMs).toBeUndefined();
  });

  test('a changed principal is refused, a changed role is not this session’s business (#27)', () => {
    const it = asking([a]);
    it.opened(1);
    expect(types(it.event(2, errorEvent("Changing framework's principal is not allowed.")))).toEqual([
      'disconnect',
      'refused',
    ]);
    const other = asking([a]);
    expect(types(other.event(2, subscribedEvent()))).toEqual(['subscribed']);
  });

  test('an overloaded master is asked again', () => {
    const it = asking([a]);
    it.opened(1);
    expect(types(it.event(2, errorEvent('Message dropped: capacity(10) exceeded')))).toEqual([
      'disconnect',
      'lost',
    ]);
  });

  test('what is no Mesos at all is refused when nobody else is left to ask', () => {
    const garbage: StreamEnd = { kind: 'garbage', error: new Error('its answer is no HTTP') };
    const it = asking([a, b]);
    it.ended(1, garbage);
    expect(it.ended(2, garbage)[1]).toEqual({
      type: 'refused',
      status: 0,
      reason: `${a}: its answer is no HTTP; ${b}: its answer is no HTTP`,
    });
    const other = asking([a, b]);
    other.ended(1, garbage);
    expect(types(other.ended(2, unreachable))).toEqual(['disconnect', 'lost']);
  });

  test('a stream that breaks off in the first record is tried three times before it counts as no Mesos', () => {
    const garbage: StreamEnd = { kind: 'garbage', error: new Error('it ended in the middle of a record') };
    const it = session();
    let actions: readonly SessionAction[] = it.start(0);
    const seen: string[] = [];
    for (let nowMs = 0; it.state !== 'REFUSED'; nowMs = it.nextDeadlineMs ?? nowMs) {
      if (it.state === 'LOST') actions = it.tick(nowMs);
      it.masters(nowMs, [a]);
      it.opened(nowMs);
      actions = it.ended(nowMs, garbage);
      seen.push(...types(actions));
    }
    expect(seen).toEqual(['disconnect', 'lost', 'disconnect', 'lost', 'disconnect', 'refused']);
  });
});

describe('a subscription and its loss', () => {
  test('the first SUBSCRIBED tells the framework id (#16)', () => {
    const it = asking([a]);
    it.opened(1);
    expect(it.event(2, subscribedEvent('master-1', 'fw-7'))).toEqual([
      {
        type: 'subscribed',
        frameworkId: 'fw-7',
        masterInfo: { id: 'master-1' },
        newMaster: true,
      },
    ]);
  });

  test('the next one says whether the master is another, or the same restarted (#17) (#23)', () => {
    const it = subscribed();
    const again = (master: string) => {
      it.ended(1, unreachable);
      it.tick(it.nextDeadlineMs!);
      it.masters(20_000, [a]);
      return it.event(20_000, subscribedEvent(master));
    };
    expect(again('master-1')).toMatchObject([{ newMaster: false }]);
    expect(again('master-2')).toMatchObject([{ newMaster: true }]);
  });

  test('silence of three heartbeats and some slack is the end of a half-open connection (#18)', () => {
    const it = subscribed();
    expect(it.nextDeadlineMs).toBe(50_000);
    expect(it.tick(49_999)).toEqual([]);
    const actions = it.tick(50_000);
    expect(types(actions)).toEqual(['disconnect', 'lost']);
    expect(actions[1]).toMatchObject({ reason: 'the master has been silent for 50000 ms' });
  });

  test.each([
    [1e300, 300],
    [-5, 1],
    [20, 20],
  ])('a master that says %d s for its heartbeats is believed as far as %d s', (told, believed) => {
    const it = asking([a]);
    it.opened(0);
    it.event(0, {
      type: 'SUBSCRIBED',
      subscribed: { framework_id: { value: 'fw' }, heartbeat_interval_seconds: told },
    });
    expect(it.nextDeadlineMs).toBe(3 * believed * 1000 + 5000);
  });

  test('any byte counts as life, not only heartbeats (#18)', () => {
    const it = subscribed();
    it.alive(30_000);
    expect(it.nextDeadlineMs).toBe(80_000);
    it.event(60_000, { type: 'HEARTBEAT' });
    expect(it.nextDeadlineMs).toBe(110_000);
  });

  test('a process that has slept reads what waits for it before it declares the master dead', () => {
    const it = subscribed();
    expect(it.tick(600_000)).toEqual([]);
    expect(it.nextDeadlineMs).toBe(601_000);
    it.alive(600_500);
    expect(it.tick(601_000)).toEqual([]);
    expect(it.nextDeadlineMs).toBe(650_500);
    const other = subscribed();
    other.tick(600_000);
    expect(types(other.tick(601_000))).toEqual(['disconnect', 'lost']);
  });

  test('a stream that the master closes is subscribed again (#19)', () => {
    const it = subscribed();
    expect(types(it.ended(1000, { kind: 'ended' }))).toEqual(['disconnect', 'lost']);
    expect(types(it.tick(1750))).toEqual(['detect']);
  });

  test('"failed over" is the end until somebody says that this instance leads (#21) (O11)', () => {
    const it = subscribed();
    expect(types(it.event(1, errorEvent('Framework failed over')))).toEqual(['disconnect', 'stepped-down']);
    expect(it.ended(2, { kind: 'ended' })).toEqual([]);
    expect(it.tick(10_000_000)).toEqual([]);
    expect(types(it.leadership(10_000_001, true))).toEqual(['detect']);
  });

  test('a call refused for its stream id says the same (#8) (O11)', () => {
    const it = subscribed();
    const text = "The stream ID 'x' included in this request didn't match the stream ID currently associated";
    expect(types(it.answered(1, { callId: 1, status: 400, text }))).toEqual(['disconnect', 'stepped-down']);
  });

  test('"removed" is the end of this id; who goes on under a new one starts again (#22) (#26) (O14)', () => {
    const it = asking([a]);
    it.opened(1);
    expect(it.event(2, errorEvent('Framework has been removed'))).toEqual([
      { type: 'disconnect' },
      { type: 'removed', reason: 'Framework has been removed' },
    ]);
    expect(it.nextDeadlineMs).toBeUndefined();
    expect(types(it.start(3))).toEqual(['detect']);
  });

  test.each([
    [403, 'Framework is not subscribed'],
    [400, 'Framework cannot be found'],
    [307, ''],
    [503, 'No leader elected'],
    [0, ''],
  ])('a call answered with %i %s ends the session, which is begun anew (O8)', (status, text) => {
    const it = subscribed();
    expect(types(it.answered(1, { callId: 1, status, text }))).toEqual(['disconnect', 'lost']);
  });

  test('all masters down for a minute: attempts go on, at most 15 s apart (#24)', () => {
    const it = subscribed();
    let nowMs = 60_000;
    const waits: number[] = [];
    let actions = it.ended(nowMs, unreachable);
    while (nowMs < 120_000) {
      const lost = actions.find(({ type }) => type === 'lost');
      waits.push((lost as { retryInMs: number }).retryInMs);
      nowMs = it.nextDeadlineMs!;
      it.tick(nowMs);
      it.masters(nowMs, [a]);
      actions = it.ended(nowMs, unreachable);
    }
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    nowMs = it.nextDeadlineMs!;
    it.tick(nowMs);
    it.masters(nowMs, [a]);
    expect(types(it.event(nowMs, subscribedEvent()))).toEqual(['subscribed']);
  });

  test('a master that ends each subscription at once is not asked in a tight loop', () => {
    const it = subscribed();
    const waits: number[] = [];
    for (let round = 0, nowMs = 0; round < 5; round++) {
      const [, lost] = it.ended(nowMs, { kind: 'ended' });
      waits.push((lost as { retryInMs: number }).retryInMs);
      nowMs = it.nextDeadlineMs!;
      it.tick(nowMs);
      it.masters(nowMs, [a]);
      it.event(nowMs, subscribedEvent());
    }
    expect(waits).toEqual([750, 1500, 3000, 6000, 11_250]);
  });
});

test('whatever happens, a connection is ended before the next one, and only one stands (#25)', () => {
  const step = fc.constantFrom<(it: Session, nowMs: number) => readonly SessionAction[]>(
    (it, now) => it.start(now),
    (it) => it.stop(),
    (it, now) => it.masters(now, [a, b]),
    (it, now) => it.noMasters(now, new Error('none')),
    (it, now) => it.opened(now),
    (it, now) => it.alive(now),
    (it, now) => it.event(now, subscribedEvent()),
    (it, now) => it.event(now, errorEvent('Framework failed over')),
    (it, now) => it.event(now, errorEvent('bad role')),
    (it, now) => it.ended(now, unreachable),
    (it, now) => it.ended(now, { kind: 'redirected', leader: c }),
    (it, now) => it.ended(now, refused(503)),
    (it, now) => it.answered(now, { callId: 1, status: 403, text: '' }),
    (it, now) => it.leadership(now, false),
    (it, now) => it.leadership(now, true),
    (it, now) => it.tick(now),
    (it) => it.tick(it.nextDeadlineMs ?? 0),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const it = session();
      let open = 0;
      steps.forEach((take, nowMs) => {
        for (const { type } of take(it, nowMs * 1000)) {
          if (type === 'connect') open += 1;
          if (type === 'disconnect') open -= 1;
          expect(open === 0 || open === 1).toBe(true);
        }
        const mayBeConnected = it.state === 'SUBSCRIBING' || it.state === 'SUBSCRIBED';
        expect(open === 1).toBe(mayBeConnected);
      });
    }),
  );
});
