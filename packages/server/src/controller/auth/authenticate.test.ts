import type { Identity } from '@vibrissa/protocol';
import { anIdentity, ManualClock, SeededIds } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noMetrics } from '../../base/metrics.ts';
import { Authenticator } from './authenticate.ts';

const ids = new SeededIds(5);
const uuid = ids.uuid();
const key = ids.key();
const otherKey = ids.key();

function header(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** An auth store of one key, which the test may change or break. */
function openAuthenticator() {
  const clock = new ManualClock();
  const store = {
    key: key as string | undefined,
    identity: anIdentity(),
    lookUps: 0,
    fault: undefined as Error | undefined,
  };
  const auth = {
    findIdentity: async (user: string, secret: string): Promise<Identity | undefined> => {
      store.lookUps += 1;
      if (store.fault) throw store.fault;
      return user === uuid && secret === store.key ? store.identity : undefined;
    },
    identityOf: async (namespace: string): Promise<Identity | undefined> => {
      store.lookUps += 1;
      if (store.fault) throw store.fault;
      return namespace === store.identity?.namespace.name ? store.identity : undefined;
    },
  };
  return { clock, store, authenticator: Authenticator.open({ auth, clock, metrics: noMetrics }) };
}

test('without credentials nobody is known', () => {
  const { authenticator } = openAuthenticator();
  for (const value of [undefined, '', 'Bearer abc', 'Basic']) {
    expect(authenticator.authenticate(value)).toBe('missing');
  }
});

describe('malformed credentials are invalid without asking the store', () => {
  test.each([
    ['no colon', `Basic ${Buffer.from('nocolon').toString('base64')}`],
    ['nobody', header('', key)],
    ['a short key', header(uuid, key.slice(1))],
    ['a long key', header(uuid, `${key}x`)],
    ['an empty header', 'Basic '],
  ])('%s', (_what, value) => {
    const { authenticator, store } = openAuthenticator();
    expect(authenticator.authenticate(value)).toBe('invalid');
    expect(store.lookUps).toBe(0);
  });

  test('whatever bytes come', () => {
    const { authenticator } = openAuthenticator();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['missing', 'invalid']).toContain(authenticator.authenticate(text));
        expect(authenticator.authenticate(`Basic ${text}`)).toBe('invalid');
      }),
    );
  });
});

test('the right key tells who calls; the second time without waiting', async () => {
  const { authenticator, store } = openAuthenticator();
  expect(await authenticator.authenticate(header(uuid, key))).toBe(store.identity);
  expect(authenticator.authenticate(header(uuid, key))).toBe(store.identity);
  expect(authenticator.authenticate(header(uuid, key).replace('Basic', 'basic'))).toBe(store.identity);
  expect(store.lookUps).toBe(1);
});

test('a wrong key is invalid, and does not drive out who has the right one', async () => {
  const { authenticator, store } = openAuthenticator();
  await authenticator.authenticate(header(uuid, key));
  expect(await authenticator.authenticate(header(uuid, otherKey))).toBe('invalid');
  expect(authenticator.authenticate(header(uuid, key))).toBe(store.identity);
});

test('a revoked key is refused within a second, though requests came all the time', async () => {
  const { authenticator, store, clock } = openAuthenticator();
  await authenticator.authenticate(header(uuid, key));
  store.key = undefined;
  const answers: unknown[] = [];
  for (let ms = 0; ms <= 1000; ms += 100) {
    answers.push(await authenticator.authenticate(header(uuid, key)));
    await clock.advance(100);
  }
  expect(answers.at(-1)).toBe('invalid');
  expect(await authenticator.authenticate(header(uuid, key))).toBe('invalid');
});

test('a revoked key that was not used for a while is refused at its next use', async () => {
  const { authenticator, store, clock } = openAuthenticator();
  await authenticator.authenticate(header(uuid, key));
  store.key = undefined;
  await clock.advance(1000);
  expect(await authenticator.authenticate(header(uuid, key))).toBe('invalid');
});

test('a key in steady use never waits for the store, and sees new limits', async () => {
  const { authenticator, store, clock } = openAuthenticator();
  await authenticator.authenticate(header(uuid, key));
  const changed = anIdentity({ limits: { invocationsPerMinute: 1 } });
  store.identity = changed;
  for (let ms = 0; ms < 5000; ms += 100) {
    expect(authenticator.authenticate(header(uuid, key))).not.toBeInstanceOf(Promise);
    await clock.advance(100);
  }
  expect(authenticator.authenticate(header(uuid, key))).toBe(changed);
  expect(store.lookUps).toBeLessThan(15);
});

test('an invalidation counts at once, also for a look-up that is under way', async () => {
  const { authenticator, store } = openAuthenticator();
  const underWay = authenticator.authenticate(header(uuid, key));
  authenticator.invalidate();
  await underWay;
  store.key = otherKey;
  authenticator.invalidate();
  expect(await authenticator.authenticate(header(uuid, key))).toBe('invalid');
  expect(await authenticator.authenticate(header(uuid, otherKey))).toBe(store.identity);
});

test('a store that fails is no answer; who is trusted still is, for a second', async () => {
  const { authenticator, store, clock } = openAuthenticator();
  await authenticator.authenticate(header(uuid, key));
  store.fault = new Error('disk on fire');
  await clock.advance(500);
  expect(authenticator.authenticate(header(uuid, key))).toBe(store.identity);
  await clock.advance(500);
  await expect(authenticator.authenticate(header(uuid, key))).rejects.toThrow('disk on fire');
});

describe('the owner of a namespace', () => {
  test('is read once, and again when anything changed or half a second has gone', async () => {
    const { authenticator, store, clock } = openAuthenticator();
    const [first, second] = await Promise.all([
      authenticator.identityOf('guest'),
      authenticator.identityOf('guest'),
    ]);
    expect(first).toBe(store.identity);
    expect(second).toBe(first);
    expect(authenticator.identityOf('guest')).toBe(first);
    expect(store.lookUps).toBe(1);
    authenticator.invalidate();
    await authenticator.identityOf('guest');
    expect(store.lookUps).toBe(2);
    clock.advanceSync(500);
    await authenticator.identityOf('guest');
    expect(store.lookUps).toBe(3);
  });

  test('is nobody for a namespace that nobody has, and each asks the store again', async () => {
    const { authenticator, store } = openAuthenticator();
    expect(await authenticator.identityOf('none')).toBeUndefined();
    expect(await authenticator.identityOf('none')).toBeUndefined();
    expect(store.lookUps).toBe(2);
  });

  test('is not kept as it was read before a change', async () => {
    const { authenticator, store } = openAuthenticator();
    const reading = authenticator.identityOf('guest');
    authenticator.invalidate();
    await reading;
    await authenticator.identityOf('guest');
    expect(store.lookUps).toBe(2);
  });

  test('cannot be told while the store fails, and can afterwards', async () => {
    const { authenticator, store } = openAuthenticator();
    store.fault = new Error('no store');
    await expect(authenticator.identityOf('guest')).rejects.toThrow('no store');
    store.fault = undefined;
    expect(await authenticator.identityOf('guest')).toBe(store.identity);
  });
});
