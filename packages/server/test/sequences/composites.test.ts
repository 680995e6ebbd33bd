import { aPackage, anAction, anIdentity } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '@vibrissa/protocol';
import { answerOf, finished, openComposites } from './composite-fixture.ts';

const inc = (args: Json) => ({ n: Number((args as JsonObject)['n'] ?? 0) + 1 });
const settle = () => new Promise(setImmediate);

/** `gated` ends when the test says so; `three` runs it between two others. */
async function openGated(over: Parameters<typeof openComposites>[0] = {}) {
  const platform = openComposites(over);
  let release = (_result: Json) => {};
  await platform.plain('inc', inc);
  await platform.plain('gated', () => new Promise<Json>((resolve) => (release = resolve)));
  await platform.sequence('three', 'inc', 'gated', 'inc');
  return { ...platform, release: (result: Json) => release(result) };
}

describe('a sequence', () => {
  test('gives its parts a wait of their own, its id as their cause, and a child transaction', async () => {
    const { plain, sequence, invoke, requests } = openComposites();
    const limits = { timeout: 7000, memory: 128, logs: 1, concurrency: 1 };
    await plain('inc', inc, { limits });
    await sequence('seq', 'inc', 'inc');
    const { activationId, limits: own } = finished(await invoke('seq'));
    expect(requests.map(({ waitMs, cause }) => [waitMs, cause])).toEqual([
      [67_000, activationId],
      [67_000, activationId],
    ]);
    expect(own?.memory).toBe(128);
  });

  test('logs each part under a transaction of its own, which names the client’s', async () => {
    const { plain, sequence, invoke, transactions, lines } = openComposites();
    await plain('inc', inc);
    await sequence('seq', 'inc', 'inc');
    const { activationId } = finished(await invoke('seq'));
    expect(new Set([...transactions, 'tid']).size).toBe(3);
    expect(lines).toEqual(
      transactions.map((transactionId) => ({
        transactionId,
        parentTransactionId: 'tid',
        activationId,
        part: 'guest/inc',
        partActivationId: expect.any(String) as unknown,
        message: 'Part of a sequence or composition ended',
      })),
    );
  });

  test('passes numbers on as they were written', async () => {
    const { plain, sequence, invoke, requests } = openComposites();
    await plain('big', (args) => args);
    await sequence('seq', 'big', 'big');
    await invoke('seq', { n: 1e21 });
    expect(requests[1]?.payload?.json).toBe('{"n":1e+21}');
  });

  test('of a component whose result does not come in time is an error that names it', async () => {
    const { plain, sequence, invoke } = openComposites();
    const activationId = 'a'.repeat(32);
    await plain('late', () => ({ outcome: { outcome: 'accepted', activationId } }));
    await sequence('seq', 'late', 'late');
    expect(answerOf(await invoke('seq'))).toEqual([
      3,
      { error: `Timeout reached when retrieving activation ${activationId} for sequence component.` },
    ]);
  });

  test.each([
    [503, 3, 'Sequence failed.'],
    [429, 3, 'Sequence failed.'],
    [413, 1, 'why'],
    [400, 1, 'why'],
  ] as const)('whose component is refused with %i ends with status %i', async (status, code, error) => {
    const { plain, sequence, invoke } = openComposites();
    await plain('no', () => ({ outcome: { outcome: 'refused', status, message: 'why' } }));
    await sequence('seq', 'no');
    expect(answerOf(await invoke('seq'))).toEqual([code, { error }]);
  });

  test('is not for whom one of its components is not', async () => {
    const { artifacts, sequence, invoke } = openComposites();
    await artifacts.put(aPackage({ namespace: 'other', publish: false }), undefined);
    await artifacts.put(anAction({ namespace: 'other/box' }), undefined);
    await sequence('seq', '/other/box/hello', '/other/box/again', '/other/box/hello');
    expect(await invoke('seq')).toEqual({
      outcome: 'refused',
      status: 403,
      message: "The supplied authentication is not authorized to access 'other/box/again, other/box/hello'.",
    });
  });

  test('that grew too long by updates of those in it ends when it has run as many actions as allowed', async () => {
    const { plain, sequence, invoke, requests } = openComposites({ limits: { sequenceMaxLength: 5 } });
    await plain('inc', inc);
    await sequence('inner', 'inc', 'inc', 'inc');
    await sequence('outer', 'inner', 'inner');
    expect(answerOf(await invoke('outer'))).toEqual([1, { error: 'Too many actions in the sequence.' }]);
    expect(requests).toHaveLength(5);
  });

  test('that leads back to itself by a race of two updates ends, too', async () => {
    const { sequence, invoke } = openComposites();
    await sequence('one', 'two');
    await sequence('two', 'one');
    expect(answerOf(await invoke('one'))).toEqual([1, { error: 'Too many actions in the sequence.' }]);
  });

  test('and a composition that call each other end, having run no more than a composition may', async () => {
    const { plain, sequence, conductor, invoke, requests } = openComposites({
      limits: { sequenceMaxLength: 8 },
    });
    await plain('inc', inc);
    await conductor('cond', () => ({ action: 'seq' }));
    await sequence('seq', 'cond', 'cond', 'inc');
    const [statusCode] = answerOf(await invoke('seq'));
    expect(statusCode).toBe(1);
    expect(requests.filter(({ target }) => target.name.name === 'cond').length).toBeLessThanOrEqual(2 * 17);
  });

  test('keeps members named like those of every object', async () => {
    const { plain, sequence, invoke } = openComposites();
    await plain('echo', (args) => args);
    await sequence('seq', 'echo', 'echo');
    const hostile = JSON.parse('{"__proto__":{"error":1},"constructor":2}') as JsonObject;
    const { response } = finished(await invoke('seq', hostile));
    expect(response).toEqual({ statusCode: 0, resultJson: '{"__proto__":{"error":1},"constructor":2}' });
  });
});

describe('a composition', () => {
  test.each([
    [{ a: 1 }, 0, { a: 1 }],
    [{ params: { b: 2 }, more: 1 }, 0, { b: 2 }],
    [{ params: 7 }, 0, { value: 7 }],
    [{ error: 'x' }, 1, { error: 'x' }],
    [[1, 2], 0, [1, 2]],
  ])('whose conductor answers %j ends so', async (result, statusCode, expected) => {
    const { conductor, invoke } = openComposites();
    await conductor('cond', () => result as Json);
    expect(answerOf(await invoke('cond'))).toEqual([statusCode, expected]);
  });

  test('keeps its state over what its actions answer', async () => {
    const { conductor, plain, invoke, requests } = openComposites();
    await plain('inc', () => ({ kept: 'not', n: 9 }));
    await conductor('cond', (args) =>
      'kept' in (args as JsonObject) ? { params: args } : { action: 'inc', state: { kept: 'state' } },
    );
    expect(answerOf(await invoke('cond'))).toEqual([0, { kept: 'state', n: 9 }]);
    expect(requests[1]?.payload).toBeUndefined();
  });

  test('boxes a state that is no object, and an array beside one', async () => {
    const { conductor, plain, invoke } = openComposites();
    await plain('list', () => [1, 2]);
    await conductor('cond', (args) =>
      'state' in (args as JsonObject) ? { params: args } : { action: 'list', state: 5 },
    );
    expect(answerOf(await invoke('cond'))).toEqual([0, { state: 5, value: [1, 2] }]);
  });

  test('one of whose parts does not answer, or can’t be run, is an error', async () => {
    const { conductor, plain, invoke } = openComposites();
    const activationId = 'b'.repeat(32);
    await plain('late', () => ({ outcome: { outcome: 'accepted', activationId } }));
    await plain('no', () => ({ outcome: { outcome: 'refused', status: 503, message: 'x' } }));
    await conductor('cond', (args) => ({ action: (args as JsonObject)['run'] as string }));
    expect(answerOf(await invoke('cond', { run: 'late' }))).toEqual([
      3,
      { error: `Timeout reached when retrieving activation ${activationId} during composition.` },
    ]);
    expect(answerOf(await invoke('cond', { run: 'no' }))).toEqual([
      3,
      { error: 'Activation failure during composition.' },
    ]);
  });

  test('may run N actions and its conductor 2N+1 times, with all compositions in it', async () => {
    const { conductor, plain, invoke, requests } = openComposites({ limits: { sequenceMaxLength: 4 } });
    await plain('inc', inc);
    const loop = (next: string) => () => ({ action: next });
    await conductor('outer', loop('inner'));
    await conductor('inner', (args) => ('n' in (args as JsonObject) ? { done: true } : { action: 'inc' }));
    expect(answerOf(await invoke('outer'))).toEqual([1, { error: 'Too many actions in the composition.' }]);
    const ran = (name: string) => requests.filter(({ target }) => target.name.name === name).length;
    expect(ran('inc')).toBeLessThanOrEqual(4);
    expect(ran('outer') + ran('inner')).toBe(9);
  });
});

describe('what is promised of a sequence', () => {
  test('is durable before the client has its id, and its start before its first action', async () => {
    const { journal, invoke, requests, release } = await openGated();
    const open = journal.hold();
    const outcome = invoke('three', { n: 1 }, {});
    await settle();
    expect(requests).toEqual([]);
    open();
    expect(await outcome).toMatchObject({ outcome: 'accepted' });
    await settle();
    expect(journal.accepted).toMatchObject([{ durable: true, content: '{"n":1}', composite: 'sequence' }]);
    expect(journal.started).toMatchObject([{ durable: true }]);
    release({ n: 5 });
    await settle();
    expect(journal.finished).toMatchObject([{ topmost: true, response: { resultJson: '{"n":6}' } }]);
    expect(journal.logs.get(journal.accepted[0]?.activationId ?? '')).toHaveLength(3);
  });

  test('is nothing when the journal can’t take it', async () => {
    const { journal, invoke, requests } = await openGated();
    journal.failWith(new Error('disk full'));
    expect(await invoke('three', {}, {})).toMatchObject({ outcome: 'refused', status: 503 });
    expect(requests).toEqual([]);
  });

  test('is its id when its client’s wait is over; it then ends with a record, though the journal fails for a while', async () => {
    const { clock, journal, invoke, release } = await openGated();
    const outcome = invoke('three', {}, { waitMs: 500 });
    await settle();
    await clock.advance(500);
    expect(await outcome).toMatchObject({ outcome: 'accepted' });
    expect(journal.accepted).toMatchObject([{ durable: true, blocking: true }]);
    journal.failWith(new Error('disk full'));
    release({ n: 1 });
    await settle();
    journal.failWith(undefined);
    expect(journal.finished).toEqual([]);
    await clock.advance(1000);
    await settle();
    expect(journal.finished).toHaveLength(1);
  });

  test('is no result when its record can’t be written', async () => {
    const { journal, invoke, release } = await openGated();
    const outcome = invoke('three');
    await settle();
    journal.failWith(new Error('disk full'));
    release({});
    expect(await outcome).toMatchObject({ outcome: 'refused', status: 503 });
  });
});

describe('a restart', () => {
  test('runs what had not started, under its id, and records what had', async () => {
    const first = await openGated();
    await first.invoke('three', { n: 1 }, {});
    const [message] = first.journal.accepted;
    if (!message) throw new Error('nothing was accepted');
    const { dispatch, journal, plain } = first;
    await plain('gated', inc);
    const waiting = { ...message, activationId: 'c'.repeat(32) };
    const gone = { ...waiting, activationId: 'd'.repeat(32), action: { namespace: 'guest', name: 'none' } };
    await dispatch.resume([
      { message, started: true },
      { message: waiting, started: false },
      { message: gone, started: false },
    ]);
    await settle();
    const ended = new Map(journal.finished.map((record) => [record.activationId, record]));
    expect(ended.get(message.activationId)).toMatchObject({
      kind: 'sequence',
      topmost: true,
      response: { statusCode: 3 },
    });
    expect(ended.get(message.activationId)).not.toHaveProperty('timeout');
    expect(ended.get(waiting.activationId)?.response).toMatchObject({ resultJson: '{"n":4}' });
    expect(ended.get(gone.activationId)?.response).toMatchObject({ statusCode: 1 });
  });
});

describe('a stop', () => {
  test('begins no further action, and gives what runs its record', async () => {
    const { dispatch, invoke, release, requests, journal } = await openGated();
    const outcome = invoke('three');
    await settle();
    expect(dispatch.inFlight()).toHaveLength(1);
    const drained = dispatch.drain(0);
    release({ n: 1 });
    await drained;
    expect(finished(await outcome).response.resultJson).toContain('The platform stopped');
    expect(requests).toHaveLength(2);
    expect(journal.logs.get(journal.finished[0]?.activationId ?? '')).toHaveLength(2);
    expect(dispatch.inFlight()).toEqual([]);
    expect(await invoke('three')).toMatchObject({ outcome: 'refused', status: 503 });
  });

  test('does not hang on an action that never answers', async () => {
    const { clock, dispatch, invoke, journal, release } = await openGated();
    await invoke('three', {}, {});
    await settle();
    const drained = dispatch.drain(0);
    await settle();
    await clock.advance(5000);
    await drained;
    expect(journal.finished[0]?.response.resultJson).toContain('The platform stopped');
    release({});
    await settle();
    expect(journal.finished).toHaveLength(1);
    expect(dispatch.inFlight()).toEqual([]);
  });

  test('leaves what was accepted and had not begun to the next start', async () => {
    const { dispatch, invoke, journal } = await openGated();
    const open = journal.hold();
    const outcome = invoke('three', {}, {});
    await settle();
    const drained = dispatch.drain(0);
    open();
    await drained;
    expect(await outcome).toMatchObject({ outcome: 'accepted' });
    expect(await journal.unfinished()).toMatchObject([{ started: false }]);
  });
});

test('no more run at once than there is room for, by their number and by what they hold', async () => {
  const { invoke, release } = await openGated({ deps: { maxRuns: 1 } });
  const first = invoke('three');
  await settle();
  expect(await invoke('three')).toMatchObject({ outcome: 'refused', status: 503 });
  release({});
  await first;
  const small = await openGated({ deps: { maxChars: 10 } });
  const { plain, sequence } = small;
  await plain('large', () => ({ n: 'x'.repeat(20) }));
  await sequence('three', 'large', 'gated');
  const holding = small.invoke('three');
  await settle();
  expect(await small.invoke('three')).toMatchObject({ outcome: 'refused', status: 503 });
  small.release({});
  await holding;
  await small.plain('gated', () => ({}));
  expect(await small.invoke('three')).toMatchObject({ outcome: 'finished' });
});

test('the records of a namespace that wants none are not kept', async () => {
  const silent = anIdentity({ limits: { storeActivations: false } });
  const { plain, sequence, invoke, journal } = openComposites();
  await plain('inc', inc);
  await sequence('seq', 'inc');
  const { activationId } = finished(await invoke('seq', {}, { waitMs: 10, identity: silent }));
  expect(journal.finished).toEqual([]);
  expect(journal.discarded).toEqual([activationId]);
});
