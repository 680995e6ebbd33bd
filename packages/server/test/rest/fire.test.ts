import { encodeActivation, encodeSummary, type ActivationRecord } from '@vibrissa/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InvokeRequest } from '../../src/controller/invocation/invoke-action.ts';
import { openRest, stranger, type Reply, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;
let count = 0;
const nextId = () => String((count += 1)).padStart(32, '0');

beforeAll(async () => {
  rest = await openRest({ limits: { firesPerMinute: 1000 } });
  for (const name of ['one', 'two']) {
    await rest.call('PUT', `_/actions/${name}`, { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
  }
});
afterAll(() => rest.close());
beforeEach(() => {
  rest.invocations.requests.length = 0;
  rest.invocations.outcome = () => ({ outcome: 'accepted', activationId: nextId() });
});

let triggers = 0;
/** A trigger with a rule for each action, all active. */
async function aTrigger(actions: readonly string[], body: object = {}): Promise<string> {
  const name = `t${++triggers}`;
  await rest.call('PUT', `_/triggers/${name}`, { body });
  for (const [at, action] of actions.entries()) {
    await rest.call('PUT', `_/rules/${name}-r${at}`, { body: { trigger: `/_/${name}`, action } });
  }
  return name;
}

function fire(trigger: string, body?: unknown, headers = {}): Promise<Reply> {
  const request = body === undefined ? { headers } : { body, headers };
  return rest.call('POST', `_/triggers/${trigger}`, request);
}

function fireIdle(trigger: string): Promise<Reply> {
  return rest.call('POST', `_/triggers/${trigger}`, { unchecked: true });
}

function recordOf(reply: Reply): ActivationRecord | undefined {
  const { activationId } = reply.json as { activationId: string };
  return rest.journal.finished.find((record) => record.activationId === activationId);
}

function linesOf(reply: Reply): unknown[] {
  const { activationId } = reply.json as { activationId: string };
  return (rest.journal.logs.get(activationId) ?? []).map((line) => JSON.parse(line) as unknown);
}

const setStatus = (rule: string, status: string) =>
  rest.call('POST', `_/rules/${rule}`, { body: { status }, unchecked: true });

describe('firing a trigger', () => {
  it('invokes the action of each rule, and is answered with the id of its record', async () => {
    const trigger = await aTrigger(['/_/one', '/_/two', '/_/one']);
    const reply = await fire(trigger, { a: 1 });
    expect(reply.status).toBe(202);
    expect(reply.headers.get('x-openwhisk-activation-id')).toBe(
      (reply.json as { activationId: string }).activationId,
    );
    const called = rest.invocations.requests.map(({ target, waitMs }) => [target.name.name, waitMs]);
    expect(called).toEqual([
      ['one', undefined],
      ['two', undefined],
      ['one', undefined],
    ]);
    const ids = [count - 2, count - 1, count].map((id) => String(id).padStart(32, '0'));
    expect(linesOf(reply)).toEqual(
      ['one', 'two', 'one'].map((action, at) => ({
        rule: `guest/${trigger}-r${at}`,
        action: `guest/${action}`,
        statusCode: 0,
        success: true,
        activationId: ids[at],
      })),
    );
  });

  it('leaves a record without an end, with the event as its result', async () => {
    const trigger = await aTrigger(['/_/one'], { version: '1.2.3' });
    const reply = await fire(trigger, { deep: { a: [1] } });
    const record = recordOf(reply) as ActivationRecord;
    const { activationId } = reply.json as { activationId: string };
    const head = {
      namespace: 'guest',
      name: trigger,
      version: '1.2.3',
      activationId,
      start: rest.clock.now(),
      publish: false,
      annotations: [{ key: 'path', value: `guest/${trigger}` }],
    };
    expect(JSON.parse(encodeSummary(record))).toEqual({ ...head, statusCode: 0 });
    expect(JSON.parse(encodeActivation(record, []))).toEqual({
      ...head,
      subject: 'guest-subject',
      response: { status: 'success', success: true, result: { deep: { a: [1] } } },
      logs: [],
    });
    expect(recordOf(await fire(trigger))?.response.resultJson).toBe('{}');
  });

  it('gives actions the event over the headers over the trigger’s parameters, and no credentials', async () => {
    const parameters = [
      { key: 'a', value: 'bound' },
      { key: 'b', value: 'bound' },
      { key: '__proto__', value: { polluted: true } },
    ];
    const trigger = await aTrigger(['/_/one'], { parameters });
    await fire(
      trigger,
      { b: 'event' },
      { 'X-Event': 'push', Cookie: 'session=1', 'X-OW-Extra-Logging': 'on' },
    );
    const { payload } = rest.invocations.requests[0] as InvokeRequest;
    const args = JSON.parse(payload?.json ?? '') as { [name: string]: unknown };
    expect(args).toMatchObject({ a: 'bound', b: 'event', __ow_headers: { 'x-event': 'push' } });
    expect(payload?.value).toEqual(args);
    expect(payload?.json).not.toMatch(/Basic|session=1|authorization"|cookie"/);
    expect(payload?.json).not.toMatch(/content-length|extra-logging/);
    expect(Object.hasOwn(args, '__proto__')).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await fire(trigger, { __ow_headers: 'mine' });
    expect(rest.invocations.requests[1]?.payload?.value).toMatchObject({ __ow_headers: 'mine' });
  });

  it('without an active rule does nothing and records nothing', async () => {
    const before = rest.journal.finished.length;
    const trigger = await aTrigger([]);
    const reply = await fireIdle(trigger);
    expect(reply).toMatchObject({ status: 204, text: '' });
    expect(reply.headers.get('content-length')).toBeNull();
    const other = await aTrigger(['/_/one']);
    await setStatus(`${other}-r0`, 'inactive');
    expect((await fireIdle(other)).status).toBe(204);
    expect(rest.journal.finished).toHaveLength(before);
    expect(rest.invocations.requests).toEqual([]);
  });

  it('says of each rule that is inactive that its action was not activated', async () => {
    const trigger = await aTrigger(['/_/one', '/_/two']);
    await setStatus(`${trigger}-r0`, 'inactive');
    expect(linesOf(await fire(trigger))).toEqual([
      {
        rule: `guest/${trigger}-r0`,
        action: 'guest/one',
        statusCode: 1,
        success: false,
        error: `Rule 'guest/${trigger}-r0' is inactive, action 'guest/one' was not activated.`,
      },
      expect.objectContaining({ rule: `guest/${trigger}-r1`, success: true }),
    ]);
  });

  it('goes on with the other rules when an action is gone, forbidden, refused or broken', async () => {
    await rest.call('PUT', 'stranger/packages/shared', { as: stranger, body: { publish: true } });
    const exec = { kind: 'nodejs:20', code: 'x' };
    await rest.call('PUT', 'stranger/actions/shared/helps', { as: stranger, body: { exec } });
    await rest.call('PUT', '_/actions/shortlived', { body: { exec } });
    const actions = ['/_/shortlived', '/stranger/shared/helps', '/_/two', '/_/one'];
    const trigger = await aTrigger(actions);
    await rest.call('DELETE', '_/actions/shortlived');
    await rest.call('PUT', 'stranger/packages/shared?overwrite=true', {
      as: stranger,
      body: { publish: false },
    });
    rest.invocations.outcome = ({ target }) => {
      if (target.name.name === 'two') return { outcome: 'refused', status: 413, message: 'too large' };
      return { outcome: 'accepted', activationId: nextId() };
    };
    expect(linesOf(await fire(trigger))).toMatchObject([
      { statusCode: 1, success: false, error: 'The requested resource does not exist.' },
      {
        statusCode: 1,
        error: "The supplied authentication is not authorized to access 'stranger/shared/helps'.",
      },
      { statusCode: 1, error: 'too large' },
      { statusCode: 0, success: true },
    ]);
    rest.invocations.outcome = ({ target }) => {
      if (target.name.name === 'two') throw new Error('a fault');
      return { outcome: 'refused', status: 500, message: 'broken' };
    };
    expect(linesOf(await fire(trigger)).slice(2)).toMatchObject([
      { statusCode: 3, success: false, error: 'There was an internal server error.' },
      { statusCode: 3, success: false, error: 'broken' },
    ]);
  });

  it('does not invoke an action whose runtime is no longer run', async () => {
    const trigger = await aTrigger(['/_/one']);
    const old = await rest.artifacts.get('action', 'guest', 'one');
    if (old === undefined) throw new Error('no action');
    await rest.artifacts.put(
      { ...old.entity, name: 'old', exec: { ...old.entity.exec, kind: 'nodejs:16' } },
      undefined,
    );
    await rest.call('PUT', `_/rules/${trigger}-old`, {
      body: { trigger: `/_/${trigger}`, action: '/_/old' },
    });
    expect(linesOf(await fire(trigger))[1]).toMatchObject({
      statusCode: 1,
      error:
        "The 'nodejs:16' runtime is no longer supported. You may read and delete but not update or invoke this action.",
    });
  });

  it('is refused when nothing of it can be promised', async () => {
    const trigger = await aTrigger(['/_/one', '/_/two']);
    const before = rest.journal.finished.length;
    const message = 'The server is currently unavailable (because it is overloaded or down for maintenance).';
    rest.invocations.outcome = { outcome: 'refused', status: 503, message };
    expect(await fire(trigger)).toMatchObject({ status: 503, json: { error: message } });
    expect(rest.journal.finished).toHaveLength(before);
    rest.invocations.outcome = () => ({ outcome: 'accepted', activationId: nextId() });
    rest.journal.failWith(new Error('disk full'));
    try {
      expect(await fire(trigger)).toMatchObject({ status: 503, json: { error: message } });
    } finally {
      rest.journal.failWith(undefined);
    }
  });

  it('needs a trigger', async () => {
    expect(await fire('none')).toMatchObject({
      status: 404,
      json: { error: 'The requested resource does not exist.' },
    });
    expect(await fire('one')).toMatchObject({
      status: 409,
      json: { error: 'Resource by this name exists but is not in this collection.' },
    });
  });

  it('takes an object or nothing, no larger than arguments may be', async () => {
    const trigger = await aTrigger(['/_/one']);
    for (const text of ['[1]', '"a"', '7', 'null']) {
      expect(await rest.call('POST', `_/triggers/${trigger}`, { text })).toMatchObject({
        status: 400,
        json: { error: 'The request content was malformed:\nJSON object expected' },
      });
    }
    expect((await rest.call('POST', `_/triggers/${trigger}`, { text: '{"a":' })).status).toBe(400);
    expect(
      (await rest.call('POST', `_/triggers/${trigger}`, { text: `{"a":${'['.repeat(2000)}` })).status,
    ).toBe(400);
    const text = `{"a":"${'x'.repeat(1024 * 1024)}"}`;
    expect(await rest.call('POST', `_/triggers/${trigger}`, { text })).toMatchObject({
      status: 413,
      json: { error: `Request larger than allowed: ${text.length} > 1048576 bytes.` },
    });
    await rest.limit('guest', { maxPayloadSize: 100 });
    expect(await fire(trigger, { a: 'x'.repeat(100) })).toMatchObject({
      status: 413,
      json: { error: 'Request larger than allowed: 108 > 100 bytes.' },
    });
    await rest.limit('guest', {});
    expect(rest.invocations.requests).toEqual([]);
  });

  it('keeps no record where the namespace keeps none', async () => {
    const trigger = await aTrigger(['/_/one']);
    await rest.limit('guest', { storeActivations: false });
    const reply = await fire(trigger);
    await rest.limit('guest', {});
    expect(reply.status).toBe(202);
    expect(recordOf(reply)).toBeUndefined();
    expect(rest.invocations.requests).toHaveLength(1);
  });
});

describe('limits', () => {
  it('of fires a minute refuse the fire, of invocations a minute its rules one by one', async () => {
    const other = await openRest({ limits: { firesPerMinute: 2, invokesPerMinute: 3 } });
    try {
      await other.call('PUT', '_/actions/one', { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
      await other.call('PUT', '_/triggers/t', { body: {} });
      for (const name of ['r1', 'r2']) {
        await other.call('PUT', `_/rules/${name}`, { body: { trigger: '/_/t', action: '/_/one' } });
      }
      const replies: Reply[] = [];
      for (let at = 0; at < 3; at++) replies.push(await other.call('POST', '_/triggers/t'));
      expect(replies.map(({ status }) => status)).toEqual([202, 202, 429]);
      expect(replies[2]?.json).toMatchObject({
        error: 'Too many requests in the last minute (count: 3, allowed: 2).',
      });
      const { activationId } = (replies[1] as Reply).json as { activationId: string };
      expect(
        (other.journal.logs.get(activationId) ?? []).map((line) => JSON.parse(line) as unknown),
      ).toMatchObject([
        { success: true },
        {
          success: false,
          statusCode: 1,
          error: 'Too many requests in the last minute (count: 4, allowed: 3).',
        },
      ]);
      expect(other.invocations.requests).toHaveLength(3);
    } finally {
      await other.close();
    }
  });
});
