import { defaultSystemLimits, type NamespaceLimits } from '@vibrissa/protocol';
import { anIdentity, aPackage, ManualClock } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { noMetrics } from '../../base/metrics.ts';
import { noUserEvents, type UserEvents } from '../../observability/user-events.ts';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { PackageCache } from '../packages/package-cache.ts';
import { Entitlements, type Resource } from './check-entitlement.ts';

const MINUTE_MS = 60_000;

function openEntitlements(events: UserEvents = noUserEvents) {
  const clock = new ManualClock(28_333_333 * MINUTE_MS);
  const inFlight = new Map<string, number>();
  const artifacts = new MemoryArtifactStore();
  const packages = PackageCache.open({ artifacts });
  const entitlements = Entitlements.open({
    limits: defaultSystemLimits,
    clock,
    metrics: noMetrics,
    events,
    packages,
    inFlightOf: (uuid) => inFlight.get(uuid) ?? 0,
  });
  return { artifacts, clock, inFlight, entitlements };
}

function withLimits(limits: NamespaceLimits, uuid = 'uuid-1') {
  return anIdentity({ limits, namespace: { name: 'guest', uuid } });
}

describe('privileges', () => {
  const { entitlements } = openEntitlements();

  test('an owner may do with what is in the own namespace whatever the rights allow', () => {
    const identity = anIdentity({ rights: ['READ', 'ACTIVATE'] });
    const hello = { collection: 'actions', namespace: 'guest', name: 'hello' } as const;
    expect(entitlements.check(identity, 'ACTIVATE', hello)).toEqual({ allowed: true });
    expect(entitlements.check(identity, 'PUT', hello)).toEqual({
      allowed: false,
      status: 403,
      message: "The supplied authentication is not authorized to access 'guest/hello'.",
    });
  });

  test.each([
    [{ collection: 'actions', namespace: 'other', name: 'a' } as const, 'other/a'],
    [{ collection: 'actions', namespace: 'other', package: 'p', name: 'a' } as const, 'other/p/a'],
    [{ collection: 'activations', namespace: 'other' } as const, 'other'],
    [{ collection: 'packages', namespace: 'other', name: 'p' } as const, 'other/p'],
  ])('%j is closed to strangers', async (resource, name) => {
    expect(await entitlements.check(anIdentity(), 'READ', resource)).toEqual({
      allowed: false,
      status: 403,
      message: `The supplied authentication is not authorized to access '${name}'.`,
    });
  });

  test('the list of another’s packages is open for reading only', () => {
    const packages = { collection: 'packages', namespace: 'other' } as const;
    expect(entitlements.check(anIdentity(), 'READ', packages)).toEqual({ allowed: true });
    expect(entitlements.check(anIdentity(), 'PUT', packages)).toMatchObject({ allowed: false });
  });

  describe('on what lies in a package', () => {
    const mine = { collection: 'actions', namespace: 'guest', package: 'box', name: 'a' } as const;
    const theirs = { ...mine, namespace: 'other' } as const;
    const bound = { ...mine, package: 'alias' } as const;

    async function open(publish: boolean) {
      const opened = openEntitlements();
      await opened.artifacts.put(aPackage({ publish }), undefined);
      await opened.artifacts.put(aPackage({ namespace: 'other', publish }), undefined);
      const binding = { namespace: 'other', name: 'box' };
      await opened.artifacts.put(aPackage({ name: 'alias', binding }), undefined);
      await opened.artifacts.put(aPackage({ namespace: 'other', name: 'alias', binding }), undefined);
      return async (privilege: 'READ' | 'ACTIVATE' | 'PUT' | 'DELETE', resource: Resource) =>
        (await opened.entitlements.check(anIdentity(), privilege, resource)).allowed;
    }

    test('its owner may do everything', async () => {
      const may = await open(false);
      for (const privilege of ['READ', 'ACTIVATE', 'PUT', 'DELETE'] as const) {
        expect(await may(privilege, mine)).toBe(true);
      }
    });

    test('others may read and invoke it when it is public, and never write it', async () => {
      const may = await open(true);
      expect(await may('READ', theirs)).toBe(true);
      expect(await may('ACTIVATE', theirs)).toBe(true);
      expect(await may('PUT', theirs)).toBe(false);
      expect(await may('DELETE', theirs)).toBe(false);
      const closed = await open(false);
      expect(await closed('READ', theirs)).toBe(false);
      expect(await closed('ACTIVATE', theirs)).toBe(false);
    });

    test('a binding serves its owner alone, and while the provider’s package may be read', async () => {
      const may = await open(true);
      expect(await may('ACTIVATE', bound)).toBe(true);
      expect(await may('ACTIVATE', { ...bound, namespace: 'other' })).toBe(false);
      const closed = await open(false);
      expect(await closed('ACTIVATE', bound)).toBe(false);
    });

    test('a missing package is missing to its owner and forbidden to others', async () => {
      const { entitlements } = openEntitlements();
      expect(await entitlements.check(anIdentity(), 'PUT', { ...mine, package: 'none' })).toEqual({
        allowed: false,
        status: 404,
        message: "The requested resource 'guest/none' does not exist.",
      });
      expect(await entitlements.check(anIdentity(), 'READ', { ...theirs, package: 'none' })).toMatchObject({
        status: 403,
        message: "The supplied authentication is not authorized to access 'other/none/a'.",
      });
    });
  });
});

describe('invocations per minute', () => {
  test('are allowed up to the limit, and every check counts, refused ones too', () => {
    const { entitlements } = openEntitlements();
    const identity = withLimits({ invocationsPerMinute: 2 });
    expect(entitlements.checkThrottles(identity).allowed).toBe(true);
    expect(entitlements.checkThrottles(identity).allowed).toBe(true);
    expect(entitlements.checkThrottles(identity)).toEqual({
      allowed: false,
      status: 429,
      message: 'Too many requests in the last minute (count: 3, allowed: 2).',
    });
    expect(entitlements.checkThrottles(identity)).toMatchObject({
      message: 'Too many requests in the last minute (count: 4, allowed: 2).',
    });
  });

  test('start anew with the next minute of the calendar, not a minute later', () => {
    const { entitlements, clock } = openEntitlements();
    clock.advanceSync(59_000);
    const identity = withLimits({ invocationsPerMinute: 1 });
    entitlements.checkThrottles(identity);
    expect(entitlements.checkThrottles(identity).allowed).toBe(false);
    clock.advanceSync(1000);
    expect(entitlements.checkThrottles(identity).allowed).toBe(true);
  });

  test('start anew when the clock is set back', () => {
    const { entitlements, clock } = openEntitlements();
    const identity = withLimits({ invocationsPerMinute: 1 });
    entitlements.checkThrottles(identity);
    clock.jumpTo(0);
    expect(entitlements.checkThrottles(identity).allowed).toBe(true);
  });

  test('default to the system’s limit, and a namespace may have more', () => {
    const { entitlements } = openEntitlements();
    const count = (limits: NamespaceLimits, uuid: string) => {
      let allowedCalls = 0;
      for (let i = 0; i < 200; i++)
        if (entitlements.checkThrottles(withLimits(limits, uuid)).allowed) allowedCalls++;
      return allowedCalls;
    };
    expect(count({}, 'uuid-1')).toBe(60);
    expect(count({ invocationsPerMinute: 150 }, 'uuid-2')).toBe(150);
    expect(count({ invocationsPerMinute: 0 }, 'uuid-3')).toBe(0);
  });
});

test('invocations at once are limited by what is in flight', () => {
  const { entitlements, inFlight } = openEntitlements();
  inFlight.set('uuid-1', 29);
  expect(entitlements.checkThrottles(withLimits({})).allowed).toBe(true);
  inFlight.set('uuid-1', 30);
  expect(entitlements.checkThrottles(withLimits({}))).toEqual({
    allowed: false,
    status: 429,
    message: 'Too many concurrent requests in flight (count: 30, allowed: 30).',
  });
  expect(entitlements.checkThrottles(withLimits({ concurrentInvocations: 31 })).allowed).toBe(true);
  expect(entitlements.checkThrottles(withLimits({ concurrentInvocations: 0 }, 'uuid-2'))).toMatchObject({
    message: 'Too many concurrent requests in flight (count: 0, allowed: 0).',
  });
});

test('firings of triggers have a counter of their own', () => {
  const { entitlements } = openEntitlements();
  const identity = withLimits({ firesPerMinute: 1, invocationsPerMinute: 1 });
  expect(entitlements.checkThrottles(identity).allowed).toBe(true);
  expect(entitlements.checkFires(identity).allowed).toBe(true);
  expect(entitlements.checkFires(identity)).toMatchObject({
    status: 429,
    message: 'Too many requests in the last minute (count: 2, allowed: 1).',
  });
});

test('each refusal is told as an event of its namespace, that of a fire like that of an invocation', () => {
  const told: string[] = [];
  const limited = (namespace: string, limit: string) => void told.push(`${namespace}: ${limit}`);
  const { entitlements, inFlight } = openEntitlements({ ...noUserEvents, limited });
  const identity = withLimits({ firesPerMinute: 0, invocationsPerMinute: 1 });
  entitlements.checkFires(identity);
  expect(told.splice(0)).toEqual(['guest: timed']);
  inFlight.set('uuid-1', 30);
  entitlements.checkThrottles(identity);
  entitlements.checkThrottles(identity);
  expect(told).toEqual(['guest: concurrent', 'guest: timed']);
});

test('a white list of kinds closes all others', () => {
  const { entitlements } = openEntitlements();
  expect(entitlements.kindAllowed(withLimits({}), 'nodejs:20').allowed).toBe(true);
  const listed = withLimits({ allowedKinds: ['python:3.11'] });
  expect(entitlements.kindAllowed(listed, 'python:3.11').allowed).toBe(true);
  expect(entitlements.kindAllowed(listed, 'nodejs:20')).toEqual({
    allowed: false,
    status: 403,
    message: "The supplied authentication is not authorized to access actions of kind 'nodejs:20'.",
  });
});

test('effective limits are worked out once for a namespace’s limits', () => {
  const { entitlements } = openEntitlements();
  const identity = withLimits({ maxActionMemory: 128 });
  const limits = entitlements.effectiveLimits(identity);
  expect(limits.memory.maxMb).toBe(128);
  expect(entitlements.effectiveLimits(identity)).toBe(limits);
});
