import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aRecord } from '@vibrissa/testkit';
import { openRest, stranger, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;
const id = 'a'.repeat(32);

beforeAll(async () => {
  rest = await openRest();
  const exec = { kind: 'nodejs:20', code: 'x' };
  await rest.call('PUT', '_/actions/hello', { body: { exec } });
  await rest.call('PUT', '_/actions/a%20b@c', { body: { exec } });
});
afterAll(() => rest.close());
beforeEach(() => {
  rest.invocations.requests.length = 0;
  rest.invocations.outcome = { outcome: 'accepted', activationId: id };
});

describe('invoking an action', () => {
  it('without waiting answers 202 with the activation id, in the body and in a header', async () => {
    const reply = await rest.call('POST', '_/actions/hello', { body: { a: 1 } });
    expect(reply.status).toBe(202);
    expect(reply.text).toBe(`{"activationId":"${id}"}`);
    expect(reply.headers.get('x-openwhisk-activation-id')).toBe(id);
    expect(rest.invocations.requests).toMatchObject([
      {
        identity: { namespace: { name: 'guest' } },
        target: {
          name: { namespace: 'guest', name: 'hello' },
          action: { entity: { name: 'hello', version: '0.0.1' } },
        },
        payload: { json: '{"a":1}', value: { a: 1 } },
        waitMs: undefined,
      },
    ]);
  });

  it('waits as long as it was asked to, a minute at most', async () => {
    const wait = async (query: string) => {
      await rest.call('POST', `_/actions/hello?${query}`);
      return rest.invocations.requests.at(-1)?.waitMs;
    };
    expect(await wait('blocking=true')).toBe(60_000);
    expect(await wait('blocking=true&timeout=1')).toBe(1);
    expect(await wait('blocking=yes&timeout=60000')).toBe(60_000);
    expect(await wait('blocking=false&timeout=500')).toBeUndefined();
    expect(await wait('result=true')).toBeUndefined();
    for (const timeout of ['0', '60001', 'x', '-1', '1.5', '']) {
      expect(await rest.call('POST', `_/actions/hello?blocking=true&timeout=${timeout}`)).toMatchObject({
        status: 400,
        json: {
          error:
            "The query parameter 'timeout' was malformed:\nTimeout must be number of milliseconds up to 60000.",
        },
      });
    }
    expect((await rest.call('POST', '_/actions/hello?blocking=x')).json).toMatchObject({
      error: "The query parameter 'blocking' was malformed:\n'x' is not a valid Boolean value",
    });
  });

  it('and waiting for its success answers 200 with the record without logs', async () => {
    const record = rest.invocations.finishWith({ initTime: 20 });
    const reply = await rest.call('POST', '_/actions/hello?blocking=true');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-openwhisk-activation-id')).toBe(record.activationId);
    expect(reply.json).toMatchObject({
      activationId: record.activationId,
      response: { status: 'success', success: true, result: { ok: true } },
      logs: [],
    });
  });

  it('answers failures of the action with 502 and of the platform with 500, never with a code', async () => {
    const error = '{"error":"boom"}';
    for (const [statusCode, status, text] of [
      [1, 502, 'application error'],
      [2, 502, 'action developer error'],
      [3, 500, 'whisk internal error'],
    ] as const) {
      rest.invocations.finishWith({ response: { statusCode, resultJson: error } });
      const whole = await rest.call('POST', '_/actions/hello?blocking=true', {
        wide: status === 500,
        unchecked: status === 500,
      });
      expect(whole).toMatchObject({ status, json: { response: { status: text, success: false } } });
      expect(whole.json).not.toHaveProperty('code');
      const bare = await rest.call('POST', '_/actions/hello?blocking=true&result=true');
      expect(bare.status).toBe(status);
      expect(bare.text).toBe(error);
    }
  });

  it('gives the bare result as the container sent it, and a list always bare', async () => {
    rest.invocations.finishWith({ response: { statusCode: 0, resultJson: '{"big":12345678901234567890}' } });
    expect((await rest.call('POST', '_/actions/hello?blocking=true&result=true')).text).toBe(
      '{"big":12345678901234567890}',
    );
    rest.invocations.finishWith({ response: { statusCode: 0, resultJson: '[1,2]' } });
    expect((await rest.call('POST', '_/actions/hello?blocking=true')).text).toBe('[1,2]');
  });

  it('takes an object or nothing as arguments', async () => {
    await rest.call('POST', '_/actions/hello');
    expect(rest.invocations.requests.at(-1)?.payload).toBeUndefined();
    for (const text of ['[1]', '"a"', '1', 'null']) {
      expect(await rest.call('POST', '_/actions/hello', { text })).toMatchObject({
        status: 400,
        json: { error: 'The request content was malformed:\nJSON object expected' },
      });
    }
    const broken = await rest.call('POST', '_/actions/hello', { text: '{"a":' });
    expect(broken.status).toBe(400);
    expect((broken.json as { error: string }).error).toMatch(/^The request content was malformed:\n/);
    expect(rest.invocations.requests).toHaveLength(1);
  });

  it('finds names with spaces and marks, and takes no other namespace’s', async () => {
    expect((await rest.call('POST', 'guest/actions/a%20b@c')).status).toBe(202);
    expect((await rest.call('POST', '_/actions/hello', { as: stranger })).status).toBe(404);
    expect((await rest.call('POST', 'guest/actions/hello', { as: stranger })).status).toBe(403);
    expect((await rest.call('POST', '_/actions/pkg/hello')).status).toBe(404);
  });

  it('sees a change at once', async () => {
    await rest.call('PUT', '_/actions/fresh', { body: { exec: { kind: 'nodejs:20', code: '1' } } });
    await rest.call('POST', '_/actions/fresh');
    await rest.call('PUT', '_/actions/fresh?overwrite=true', { body: {} });
    await rest.call('POST', '_/actions/fresh');
    expect(rest.invocations.requests.map(({ target }) => target.action.entity.version)).toEqual([
      '0.0.1',
      '0.0.2',
    ]);
    await rest.call('DELETE', '_/actions/fresh');
    expect((await rest.call('POST', '_/actions/fresh')).status).toBe(404);
  });

  it('refuses more arguments than may be sent, whether their length was announced or not', async () => {
    const value = 'x'.repeat(1024 * 1024);
    const announced = await rest.call('POST', '_/actions/hello', { body: { value } });
    expect(announced).toMatchObject({
      status: 413,
      json: { error: 'Request larger than allowed: 1048588 > 1048576 bytes.' },
    });
    const chunked = await fetch(`http://127.0.0.1:${rest.port}/api/v1/namespaces/_/actions/hello`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${stranger.uuid}:${stranger.key}`)}` },
      body: new Blob([value, value]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect(await chunked.json()).toMatchObject({
      error: 'The request content is larger than the server is willing or able to process.',
    });
  });

  it('passes refusals of the invocation on', async () => {
    rest.invocations.outcome = { outcome: 'refused', status: 503, message: 'busy' };
    expect(await rest.call('POST', '_/actions/hello')).toMatchObject({
      status: 503,
      json: { error: 'busy' },
    });
    rest.invocations.outcome = { outcome: 'refused', status: 413, message: 'large' };
    expect(await rest.call('POST', '_/actions/hello')).toMatchObject({
      status: 413,
      json: { error: 'large' },
    });
  });

  it('refuses a kind that is no longer run', async () => {
    const { entity } = (await rest.artifacts.get('action', 'guest', 'hello'))!;
    const old = { ...entity, name: 'old', exec: { ...entity.exec, kind: 'nodejs:16' } };
    await rest.artifacts.put(old, undefined);
    expect(await rest.call('POST', '_/actions/old')).toMatchObject({ status: 400 });
    expect((await rest.call('GET', '_/actions/old')).status).toBe(200);
    expect((await rest.call('PUT', '_/actions/old?overwrite=true', { body: {} })).status).toBe(400);
    expect((await rest.call('DELETE', '_/actions/old')).status).toBe(200);
  });

  it('more often than a namespace may answers 429 with the numbers', async () => {
    await rest.limit('guest', { invocationsPerMinute: 1 });
    await rest.clock.advance(120_000);
    expect((await rest.call('POST', '_/actions/hello')).status).toBe(202);
    expect(await rest.call('POST', '_/actions/hello')).toMatchObject({
      status: 429,
      json: { error: 'Too many requests in the last minute (count: 2, allowed: 1).' },
    });
    await rest.limit('guest', {});
  });
});

describe('activations', () => {
  const line = '2024-01-01T00:00:00.000000000Z stdout: "logs":["hi"]';
  const done = aRecord({
    start: 5000,
    response: { statusCode: 0, resultJson: '{"logs":[],"response":{"n":12345678901234567890}}', size: 3 },
  });
  const failed = aRecord({
    start: 6000,
    path: 'guest/pkg/hi',
    name: 'hi',
    response: { statusCode: 2, resultJson: '{}' },
  });

  beforeAll(async () => {
    await rest.activations.finish(done, [line]);
    await rest.activations.finish(failed, []);
  });

  it('are read whole, by result and by logs', async () => {
    const path = `_/activations/${done.activationId}`;
    const whole = await rest.call('GET', path);
    expect(whole.json).toMatchObject({ activationId: done.activationId, subject: 'guest', logs: [line] });
    expect((await rest.call('GET', `${path}/`)).text).toBe(whole.text);
    expect((await rest.call('GET', `${path}/result`)).text).toBe(
      '{"status":"success","success":true,"result":{"logs":[],"response":{"n":12345678901234567890}},"size":3}',
    );
    expect((await rest.call('GET', `${path}/logs`)).json).toEqual({ logs: [line] });
  });

  it('are listed, newest first, with a numeric status', async () => {
    const ids = async (query: string) =>
      ((await rest.call('GET', `_/activations?${query}`)).json as { activationId: string }[]).map(
        ({ activationId }) => activationId,
      );
    expect(await ids('')).toEqual([failed.activationId, done.activationId]);
    expect(await ids('limit=1&skip=1')).toEqual([done.activationId]);
    expect(await ids('name=hello')).toEqual([done.activationId]);
    expect(await ids('name=pkg/hi')).toEqual([failed.activationId]);
    expect(await ids('name=/pkg/hi/')).toEqual([failed.activationId]);
    expect(await ids('name=%20')).toHaveLength(2);
    expect(await ids('since=5000&upto=5999')).toEqual([done.activationId]);
    expect(await ids('since=-1&upto=5999')).toContain(done.activationId);
    expect(await ids('upto=-1')).toEqual([]);
    expect(await ids('docs=true')).toHaveLength(2);
    expect((await rest.call('GET', '_/activations')).json).toMatchObject([
      { statusCode: 2 },
      { statusCode: 0 },
    ]);
    expect((await rest.call('GET', '_/activations/?count=true&since=5001')).json).toEqual({ activations: 1 });
  });

  it('say what is wrong with a query or an id', async () => {
    const error = async (path: string, status = 400) => {
      const reply = await rest.call('GET', `_/activations${path}`);
      expect(reply.status).toBe(status);
      return (reply.json as { error: string }).error;
    };
    expect(await error('?count=true&docs=true')).toBe("The parameter 'docs' is not permitted with 'count'.");
    expect(await error('?name=a/b/c')).toContain(
      "Parameter may be a 'simple' name or 'package-name/simple' name: a/b/c",
    );
    for (const name of ['/', '-a', 'a/-b', 'a%2Fb/c']) {
      expect(await error(`?name=${name}`)).toContain("Parameter may be a 'simple' name");
    }
    expect(await error('?since=yesterday')).toContain(
      'Parameter is not a valid value for epoch seconds: yesterday',
    );
    expect(await error('?limit=999')).toContain(
      "The value '999' is not in the range of 0 to 200 for activations.",
    );
    expect(await error('/abc')).toBe('Activation id length is 3 but must be 32.');
    expect(await error(`/${'G'.repeat(32)}`)).toBe('The activation id is not valid.');
    expect(await error(`/${'0'.repeat(31)}f/logs`, 404)).toBe('The requested resource does not exist.');
  });

  it('are shown to their own namespace only', async () => {
    expect((await rest.call('GET', `_/activations/${done.activationId}`, { as: stranger })).status).toBe(404);
    expect((await rest.call('GET', 'guest/activations', { as: stranger, wide: true })).status).toBe(403);
  });
});
