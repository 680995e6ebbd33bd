import { describe, expect, test } from 'vitest';

import { compileOptions } from './compile-options.ts';
import type { SchedulerOptions } from './options.ts';

const least: SchedulerOptions = { masters: 'http://127.0.0.1:5050', framework: { name: 'test' } };

/** What a program in JavaScript may give. */
function refusal(change: object): string {
  try {
    compileOptions({ ...least, ...change });
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe('bad options are refused in a sentence that says which, why, and what to give', () => {
  test.each([
    [{ framwork: {} }, /options\.framwork .*did you mean options\.framework\?/],
    [
      { framework: { name: 'x', failoverTimeout: 5 } },
      /did you mean options\.framework\.failoverTimeoutMs\?/,
    ],
    [{ framework: {} }, /options\.framework\.name is missing/],
    [{ framework: { name: '' } }, /options\.framework\.name is ""/],
    [{ framework: { name: 'x', roles: [] } }, /roles is empty/],
    [{ framework: { name: 'x', roles: ['a', 'a'] } }, /holds "a" twice/],
    [{ framework: { name: 'x', roles: ['-a'] } }, /roles\[0\] is "-a"/],
    [{ framework: { name: 'x', roles: ['a b'] } }, /white space/],
    [{ framework: { name: 'x', id: 'a/b' } }, /options\.framework\.id is "a\/b"/],
    [{ framework: { name: 'x', failoverTimeoutMs: -1 } }, /can't be less than 0/],
    [{ framework: { name: 'x', failoverTimeoutMs: Infinity } }, /finite/],
    [{ framework: { name: 'x', capabilities: ['FLYING'] } }, /capabilities\[0\] is "FLYING"/],
    [{ masters: undefined }, /options\.masters is missing/],
    [{ masters: 5050 }, /options\.masters is 5050/],
    [{ auth: { principal: 'p' } }, /options\.auth\.secret is missing/],
    [{ auth: { token: 'abc' } }, /options\.auth\.token is a text: give a function/],
    [{ auth: 'abc' }, /options\.auth is a text: give \{ principal, secret \}/],
    [
      { auth: { principal: 'p', secret: 's' }, framework: { name: 'x', principal: 'q' } },
      /options\.framework\.principal is "q", but options\.auth\.principal is another one/,
    ],
    [{ tls: { ca: 5 } }, /options\.tls\.ca is 5/],
    [{ state: {} }, /options\.state lacks the method load, write, close/],
    [{ state: null }, /options\.state lacks/],
    [{ onTask: 'print' }, /options\.onTask is "print": give a function/],
    [{ offers: { holdMs: '5s' } }, /options\.offers\.holdMs is "5s": give milliseconds, as a number/],
    [{ offers: { maxHeld: 0.5 } }, /options\.offers\.maxHeld/],
    [{ offers: { inAdvance: 5 } }, /options\.offers\.holdMs gives them back at once/],
    [{ tasks: { unknown: 'ignore' } }, /give "adopt" or "kill"/],
    [{ tasks: { launchAttempts: 0 } }, /can't be less than 1/],
    [{ tasks: { capacityTimeoutMs: Number.NaN } }, /capacityTimeoutMs is NaN/],
    [{ timeouts: { backoffMinMs: 100, backoffMaxMs: 50 } }, /backoffMinMs is 100, more than backoffMaxMs/],
    [{ timeouts: { missedHeartbeats: 0 } }, /missedHeartbeats is 0/],
    [{ logger: console.log }, /options\.logger lacks/],
  ])('%j', (change, message) => expect(refusal(change)).toMatch(message));

  test('what is no object at all', () => {
    expect(() => compileOptions(null as unknown as SchedulerOptions)).toThrow(
      /options is null: give an object/,
    );
  });

  test('masters that can not be understood keep their own error', () => {
    expect(() => compileOptions({ ...least, masters: 'ftp://x' })).toThrow(/ftp:\/\/x/);
  });
});

describe('what is not given', () => {
  test('a framework survives lost subscriptions and restarts of agents, and knows what happens to its tasks', () => {
    const { core } = compileOptions(least);
    expect(core.framework).toMatchObject({
      name: 'test',
      roles: ['*'],
      failover_timeout: 3600,
      checkpoint: true,
      capabilities: [
        { type: 'MULTI_ROLE' },
        { type: 'PARTITION_AWARE' },
        { type: 'RESERVATION_REFINEMENT' },
        { type: 'TASK_KILLING_STATE' },
      ],
    });
    expect(core.framework.user).not.toBe('');
    expect(core.framework).not.toHaveProperty('principal');
    expect(core.framework).not.toHaveProperty('id');
  });

  test('liveness is three heartbeats, waits are at most 15 s', () => {
    expect(compileOptions(least).core.session).toMatchObject({
      missedHeartbeats: 3,
      backoffMaxMs: 15_000,
      firstConnectDelayMs: 0,
      canRefreshCredentials: false,
    });
  });

  test('offers are not held', () => {
    expect(compileOptions(least).core.heldOffers).toEqual({ holdMs: 0, maxOffers: 0 });
  });
});

describe('what is given', () => {
  test('the principal of the credentials is that of the framework', () => {
    const { core } = compileOptions({ ...least, auth: { principal: 'p', secret: 's' } });
    expect(core.framework.principal).toBe('p');
  });

  test('a token can be fetched anew', () => {
    const { core } = compileOptions({ ...least, auth: { token: async () => 'token=x' } });
    expect(core.session.canRefreshCredentials).toBe(true);
  });

  test('words and durations of Mesos are those of Mesos', () => {
    const { core } = compileOptions({
      ...least,
      framework: {
        name: 'x',
        roles: ['a', 'b/c'],
        failoverTimeoutMs: 90_000,
        webuiUrl: 'http://x',
        labels: { team: 'blue' },
        capabilities: ['GPU_RESOURCES', 'MULTI_ROLE'],
        id: 'fixed',
        onRemoved: 'new-id',
      },
    });
    expect(core.framework).toMatchObject({
      roles: ['a', 'b/c'],
      failover_timeout: 90,
      webui_url: 'http://x',
      labels: { labels: [{ key: 'team', value: 'blue' }] },
    });
    expect(core.framework.capabilities).toHaveLength(5);
    expect(core).toMatchObject({ frameworkId: 'fixed', removedFramework: 'new-id' });
  });

  test('every setting reaches the part that it is for', () => {
    const { core, http } = compileOptions({
      ...least,
      offers: { holdMs: 20_000, inAdvance: 7, refuseIdleMs: 60_000, inverseOffers: 'decline' },
      tasks: { capacityTimeoutMs: Infinity, unknown: 'kill', returned: 'adopt', killRetryMs: 100 },
      reconcile: { periodMs: 1000, boundMs: 3000, youngMasterMs: 2000 },
      timeouts: { connectMs: 10, answerMs: 20, storeMs: 30, backoffMinMs: 20_000 },
    });
    expect(core.heldOffers).toEqual({ holdMs: 20_000, maxOffers: 100 });
    expect(core.demand).toEqual({ refuseIdleMs: 60_000 });
    expect(core.limits).toEqual({
      capacityTimeoutMs: Infinity,
      killRetryMs: 100,
      reconcileBoundMs: 3000,
      storeTimeoutMs: 30,
      youngMasterMs: 2000,
    });
    expect(core.offersInAdvance).toBe(7);
    expect(core.reconcile).toEqual({ periodMs: 1000 });
    expect(core).toMatchObject({ unknownTasks: 'kill', onReturn: 'adopt', inverseOffers: 'decline' });
    expect(core.session).toMatchObject({ backoffMinMs: 20_000, backoffMaxMs: 20_000 });
    expect(http).toMatchObject({ connectTimeoutMs: 10, answerTimeoutMs: 20 });
  });

  test('a detector of one’s own needs no masters', () => {
    const detector = { detect: async () => ['http://a:5050'], close: async () => {} };
    expect(compileOptions({ framework: { name: 'x' }, detector }).detector).toBe(detector);
  });
});
