import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';

let platform: PlatformProcess;

beforeAll(async () => {
  const settings = [
    'containers.factory=process',
    'limits.actions.invokes.perMinute=1000',
    'activation.payload.max=4096',
    'activation.payload.truncation=10',
  ];
  platform = await startPlatform({ args: settings.flatMap((setting) => ['--set', setting]) });
});
afterAll(cleanUp);

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

async function call(method: string, path: string, body?: object, headers: object = {}): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${platform.port}/api/v1/namespaces/_/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(platform.key).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

async function put(name: string, code: string, more: object = {}): Promise<void> {
  const body = { exec: { kind: 'nodejs:20', code }, ...more };
  const { status, json } = await call('PUT', `actions/${name}?overwrite=true`, body);
  expect(status, JSON.stringify(json)).toBe(200);
}

interface Activation {
  readonly activationId: string;
  readonly start: number;
  readonly end: number;
  readonly duration: number;
  readonly logs: string[];
  readonly annotations: { readonly key: string; readonly value: unknown }[];
  readonly response: { readonly status: string; readonly result: { readonly error?: unknown } };
}

/** Runs code under a name of its own, and returns status and body of the blocking answer. */
async function run(
  name: string,
  code: string,
  more: object = {},
): Promise<{ readonly status: number; readonly record: Activation }> {
  await put(name, code, more);
  const { status, json } = await call('POST', `actions/${name}?blocking=true`, {});
  return { status, record: json as Activation };
}

const keysOf = (record: Activation) => record.annotations.map(({ key }) => key);
const valueOf = (record: Activation, key: string) =>
  record.annotations.find((annotation) => annotation.key === key)?.value;

const exited = 'The action did not produce a valid response and exited unexpectedly.';

describe('an action that fails', () => {
  it.each([
    ['code that is none', 'function main( {', {}, /^Initialization has failed due to: [^]*SyntaxError/],
    ['code without main', 'const a = 1;', {}, /^Initialization has failed due to: /],
    ['no code', '', {}, /Missing main\/no code to execute\.$/],
    ['an end of its process', 'function main() { process.exit(0); }', {}, exited],
    ['a scalar', 'function main() { return 1; }', {}, 'The action did not return a dictionary.'],
    [
      'an exception',
      'function main() { throw new Error("no luck"); }',
      {},
      /^An error has occurred: Error: no luck/,
    ],
    [
      'too long a run',
      'function main() { return new Promise(() => {}); }',
      // It holds for the start, too, which must not be what takes too long.
      { limits: { timeout: 5000 } },
      'The action exceeded its time limits of 5000 milliseconds.',
    ],
    [
      'too long a start',
      'for (;;);',
      { limits: { timeout: 300 } },
      'The action exceeded its time limits of 300 milliseconds during initialization.',
    ],
  ] as const)('by %s is its developer’s error', async (what, code, more, error) => {
    const { status, record } = await run(`fails-${what.replaceAll(/\W/g, '')}`, code, more);
    expect(status).toBe(502);
    expect(record).not.toHaveProperty('code');
    expect(record.response).toMatchObject({ status: 'action developer error', success: false });
    if (typeof error === 'string') expect(record.response.result.error).toBe(error);
    else expect(record.response.result.error).toMatch(error);
    expect(valueOf(record, 'timeout')).toBe(what.startsWith('too long'));
  });

  it.each([
    ['an error that it returns', 'function main() { return { error: "no", other: 1 }; }', 'no'],
    ['a promise that it rejects', 'function main() { return Promise.reject({ why: 1 }); }', { why: 1 }],
  ])('by %s is an application’s error, and keeps its container', async (what, code, error) => {
    const name = `refuses-${what.replaceAll(/\W/g, '')}`;
    const { status, record } = await run(name, code);
    expect(status).toBe(502);
    expect(record.response).toMatchObject({ status: 'application error', result: { error } });
    expect(Object.keys(record.response.result)).toEqual(['error']);
    const again = await call('POST', `actions/${name}?blocking=true`);
    expect(keysOf(again.json as Activation)).not.toContain('initTime');
    const bare = await call('POST', `actions/${name}?blocking=true&result=true`);
    expect([bare.status, bare.json]).toEqual([502, { error }]);
  });

  it('by a result that is too long is an application’s error with its beginning', async () => {
    const { status, record } = await run('long', 'function main() { return { a: "x".repeat(5000) }; }');
    expect(status).toBe(502);
    expect(record.response).toMatchObject({
      status: 'application error',
      result: {
        error:
          'The action produced a response that exceeded the allowed length: 5008 > 4096 bytes. The truncated response was: {"a":"xxxx',
      },
    });
  });

  it('takes no arguments that are too long', async () => {
    await put('small', 'function main() { return {}; }');
    const body = { a: 'x'.repeat(5000) };
    const { status, json } = await call('POST', 'actions/small', body);
    expect([status, (json as { error: string }).error]).toEqual([
      413,
      'Request larger than allowed: 5008 > 4096 bytes.',
    ]);
  });
});

describe('a record', () => {
  const hello = 'function main() { console.log("out"); console.error("err"); return { a: 1 }; }';

  it('has what clients look for, cold and warm', async () => {
    const { status, record } = await run('recorded', hello);
    expect(status).toBe(200);
    expect(record).toMatchObject({
      namespace: 'guest',
      name: 'recorded',
      version: '0.0.1',
      subject: 'guest',
      publish: false,
      logs: [],
      response: { status: 'success', success: true, result: { a: 1 }, size: 7 },
    });
    expect(record).not.toHaveProperty('statusCode');
    expect(record).not.toHaveProperty('cause');
    expect(record.response).not.toHaveProperty('statusCode');
    expect(keysOf(record).toSorted()).toEqual(['initTime', 'kind', 'limits', 'path', 'timeout', 'waitTime']);
    expect(valueOf(record, 'path')).toBe('guest/recorded');
    expect(valueOf(record, 'limits')).toEqual({ concurrency: 1, logs: 10, memory: 256, timeout: 60_000 });
    expect(record.end - record.start).toBe(record.duration);
    const warm = (await call('POST', 'actions/recorded?blocking=true')).json as Activation;
    expect(keysOf(warm).toSorted()).toEqual(['kind', 'limits', 'path', 'timeout', 'waitTime']);
  });

  it('is a summary in a list, with a number as its status', async () => {
    const { record } = await run('summed', hello);
    const [summary] = (await call('GET', 'activations?name=summed')).json as object[];
    expect(Object.keys(summary ?? {}).toSorted()).toEqual(
      'activationId annotations duration end name namespace publish start statusCode version'.split(' '),
    );
    expect(summary).toMatchObject({ activationId: record.activationId, statusCode: 0 });
  });

  it('has lines with nanoseconds, the stream and the text; none where its action wants none', async () => {
    const { record } = await run('lines', hello);
    const { json } = await call('GET', `activations/${record.activationId}/logs`);
    const time = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`;
    const { logs } = json as { logs: string[] };
    expect(logs.toSorted((a, b) => a.slice(31).localeCompare(b.slice(31)))).toEqual([
      expect.stringMatching(`${time} stderr: err$`),
      expect.stringMatching(`${time} stdout: out$`),
    ]);
    const silent = await run('silent', hello, { limits: { logs: 0 } });
    expect((await call('GET', `activations/${silent.record.activationId}/logs`)).json).toEqual({ logs: [] });
  });

  it('is looked for by an id of 32 small hexadecimal digits', async () => {
    const refusal = async (id: string) => {
      const { status, json } = await call('GET', `activations/${id}`);
      return [status, (json as { error: string }).error];
    };
    expect(await refusal('a'.repeat(31))).toEqual([400, 'Activation id length is 31 but must be 32.']);
    expect(await refusal('A'.repeat(32))).toEqual([400, 'The activation id is not valid.']);
    expect(await refusal('a'.repeat(32))).toEqual([404, 'The requested resource does not exist.']);
  });
});

describe('an action is given', () => {
  const environment = 'function main(args) { return { args, env: process.env }; }';

  it('what it is, who runs it and until when, and a key only where it asks for one', async () => {
    await put('told', environment);
    const { json, headers } = await call(
      'POST',
      'actions/told?blocking=true&result=true',
      {},
      {
        'x-request-id': 'mine',
      },
    );
    const { env } = json as { env: { readonly [name: string]: string } };
    expect(env).toMatchObject({
      __OW_NAMESPACE: 'guest',
      __OW_ACTION_NAME: '/guest/told',
      __OW_ACTION_VERSION: '0.0.1',
      __OW_ACTIVATION_ID: headers.get('x-openwhisk-activation-id'),
      __OW_TRANSACTION_ID: 'mine',
      __OW_DEADLINE: expect.stringMatching(/^\d{13}$/),
      __OW_API_HOST: expect.stringMatching(/^http:/),
    });
    expect(env).not.toHaveProperty('__OW_API_KEY');
    await put('told', environment, { annotations: [{ key: 'provide-api-key', value: true }] });
    const keyed = await call('POST', 'actions/told?blocking=true&result=true');
    expect(keyed.json).toHaveProperty('env.__OW_API_KEY', platform.key);
  });

  it('parameters for its start as texts of its environment, and not among its arguments', async () => {
    const init = (key: string, value: unknown) => ({ key, value, init: true });
    const parameters = [
      init('TEXT', 'a'),
      init('NUMBER', 1.5),
      init('TRUE', true),
      init('NULL', null),
      init('OBJECT', { a: [1] }),
      { key: 'plain', value: 'b' },
    ];
    await put('started', environment, { parameters });
    const { json } = await call('POST', 'actions/started?blocking=true&result=true', { own: 1 });
    expect(json).toMatchObject({
      args: { plain: 'b', own: 1 },
      env: { TEXT: 'a', NUMBER: '1.5', TRUE: 'true', NULL: '', OBJECT: '{"a":[1]}' },
    });
    expect(Object.keys((json as { args: object }).args).toSorted()).toEqual(['own', 'plain']);
  });
});

describe('waiting', () => {
  it('ends when the client wants it to, and the record follows under the same id', async () => {
    const slow =
      'function main() { return new Promise((done) => setTimeout(() => done({ late: true }), 1000)); }';
    await put('slow', slow);
    const reply = await call('POST', 'actions/slow?blocking=true&timeout=50');
    const { activationId } = reply.json as { activationId: string };
    expect(reply).toMatchObject({ status: 202, json: { activationId } });
    expect(reply.headers.get('x-openwhisk-activation-id')).toBe(activationId);
    await expect
      .poll(async () => (await call('GET', `activations/${activationId}/result`)).json)
      .toMatchObject({ status: 'success', success: true, result: { late: true } });
  });

  it('for a list gives the bare list, whatever was asked for', async () => {
    await put('listing', 'function main() { return [1, { a: 2 }]; }');
    for (const query of ['', '&result=true']) {
      expect((await call('POST', `actions/listing?blocking=true${query}`)).json).toEqual([1, { a: 2 }]);
    }
  });
});
