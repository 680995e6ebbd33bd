import { connect } from 'node:net';

import { anAction, aPackage } from '@vibrissa/testkit';
import { APPLICATION_ERROR, DEVELOPER_ERROR, SUCCESS, WHISK_ERROR, type KeyValue } from '@vibrissa/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guest, openRest, stranger, type CallOptions, type RestFixture } from './rest-fixture.ts';

const DOMAIN = 'faas.example.org';
const activationHeader = 'x-openwhisk-activation-id';

let rest: RestFixture;

/** Stores an action that is exported, unless its annotations say otherwise. */
async function store(name: string, annotations: KeyValue[] = [], over: object = {}): Promise<void> {
  const action = anAction({
    name,
    annotations: [{ key: 'web-export', value: true }, ...annotations],
    ...over,
  });
  await rest.artifacts.put(action, undefined);
}

const web = (method: string, path: string, options: CallOptions = {}) =>
  rest.call(method, `/api/v1/web/${path}`, { as: 'nobody', unchecked: true, ...options });

const lastArguments = () => rest.invocations.requests.at(-1)?.payload?.value;

/** Sends bytes as they stand and resolves with all that came back when the server has closed the connection. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(rest.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => (received += part));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

const get = (target: string, headers = '') =>
  raw(`GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);

beforeAll(async () => {
  rest = await openRest({ vanityDomain: DOMAIN, limits: { payloadMaxBytes: 10_000 } });
  await store('hello');
  await store('raw', [{ key: 'raw-http', value: true }]);
  await store('custom', [
    { key: 'web-custom-options', value: true },
    { key: 'require-whisk-auth', value: 'open sesame' },
  ]);
  await store('private', [{ key: 'web-export', value: false }]);
  await store('truthy', [{ key: 'web-export', value: 'true' }]);
  await store('final', [{ key: 'final', value: true }], { parameters: [{ key: 'key', value: 1 }] });
  for (const [name, value] of [
    ['text', 'open sesame'],
    ['number', 42],
    ['user', true],
    ['nobody', false],
    ['wrong', { a: 1 }],
    ['null', null],
  ] as const) {
    await store(`auth-${name}`, [{ key: 'require-whisk-auth', value: value as KeyValue['value'] }]);
  }
  const exported = { annotations: [{ key: 'web-export', value: true }] };
  await rest.artifacts.put(aPackage({ name: 'box', ...exported }), undefined);
  await store('inside', [], { namespace: 'guest/box' });
  const unmarked = anAction({ namespace: 'guest/box', name: 'unmarked' });
  await rest.artifacts.put(unmarked, undefined);
});
afterAll(() => rest.close());
beforeEach(() => {
  rest.invocations.requests.length = 0;
  rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson: '{"body":"hi"}' } });
});

describe('a web action', () => {
  it('runs for everybody, in the namespace of its address, and is waited for', async () => {
    const reply = await web('GET', 'guest/default/hello');
    expect(reply).toMatchObject({ status: 200, text: 'hi' });
    expect(reply.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(reply.headers.get(activationHeader)).toMatch(/^[0-9a-f]{32}$/);
    expect(rest.invocations.requests[0]).toMatchObject({
      identity: { namespace: { name: 'guest' } },
      waitMs: 60_000,
    });
    expect(lastArguments()).not.toHaveProperty('__ow_user');
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'])('takes %s', async (method) => {
    const reply = await web(method, 'guest/default/hello/a%20b?x=1');
    expect(reply).toMatchObject({ status: 200, text: method === 'HEAD' ? '' : 'hi' });
    expect(lastArguments()).toMatchObject({
      __ow_method: method.toLowerCase(),
      __ow_path: '/a%20b',
      x: '1',
    });
  });

  it('reads a body in chunks, and that of a GET', async () => {
    const text = await raw(
      'GET /api/v1/web/guest/default/hello HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(lastArguments()).toMatchObject({ __ow_body: 'abc' });
  });

  it('may lie in a package, whose own annotations export nothing', async () => {
    expect((await web('GET', 'guest/box/inside.text')).status).toBe(200);
    expect((await web('GET', 'guest/box/unmarked')).status).toBe(404);
  });

  it('hears who called with valid credentials; wrong ones are none', async () => {
    await web('GET', 'guest/default/hello', { as: stranger });
    expect(lastArguments()).toMatchObject({ __ow_user: 'stranger' });
    expect(rest.invocations.requests[0]?.identity.namespace.name).toBe('guest');
    for (const as of [
      { ...guest, key: 'x'.repeat(64) },
      { ...guest, key: 'short' },
    ]) {
      expect((await web('GET', 'guest/default/hello', { as })).status).toBe(200);
      expect(lastArguments()).not.toHaveProperty('__ow_user');
    }
  });

  it('that answers with nothing has neither body nor type', async () => {
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson: '{}' } });
    const text = await get('/api/v1/web/guest/default/hello');
    expect(text).toMatch(/^HTTP\/1\.1 204 /);
    expect(text).not.toMatch(/^content-(?:type|length)/im);
    expect(text).toMatch(/\r\n\r\n$/);
  });

  it('that answers 304 with a body sends none', async () => {
    const resultJson = '{"statusCode":304,"body":"x"}';
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson } });
    expect(await get('/api/v1/web/guest/default/hello')).toMatch(/^HTTP\/1\.1 304 [^]*\r\n\r\n$/);
  });

  it('may set several cookies', async () => {
    const resultJson = '{"headers":{"Set-Cookie":["a=1","b=2"]},"statusCode":200}';
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson } });
    const reply = await web('GET', 'guest/default/hello');
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it.each([
    ['a header', String.raw`{"headers":{"x":"a\r\nHTTP/1.1 200 OK\r\n\r\nsplit"}}`],
    ['a header name', String.raw`{"headers":{"x\r\nsplit: y":"a"}}`],
    ['the content type', String.raw`{"headers":{"content-type":"text/html\r\nsplit: y"},"body":"b"}`],
    ['Transfer-Encoding', '{"headers":{"Transfer-Encoding":"chunked"},"body":"0\\r\\n\\r\\nsplit"}'],
    ['a false length', '{"headers":{"Content-Length":1},"body":"a split answer"}'],
  ])('cannot split its answer by %s', async (_what, resultJson) => {
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson } });
    const text = await get('/api/v1/web/guest/default/hello');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).not.toContain('split');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('sends what is not ASCII in a header as UTF-8', async () => {
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson: '{"headers":{"x":"€ä"}}' } });
    expect(Buffer.from(await get('/api/v1/web/guest/default/hello'), 'latin1').toString()).toContain('x: €ä');
  });
});

describe('what is no web action', () => {
  const missing = 'The requested resource does not exist.';
  const unknown = 'The requested resource could not be found.';

  it.each([
    ['guest/default/none', missing],
    ['guest/default/private', missing],
    ['guest/default/truthy', missing],
    ['guest/default/hello.xyz', missing],
    ['guest/nobox/hello', missing],
    ['nowhere/default/hello', missing],
    ['guest/default', unknown],
    ['guest', unknown],
    ['', unknown],
    ['guest/default/%', unknown],
    ['guest/default/-', unknown],
    ['guest/default/__proto__', missing],
    ['__proto__/default/hello', missing],
  ])('%s is answered 404', async (path, error) => {
    const reply = await web('GET', path);
    expect(reply).toMatchObject({ status: 404, json: { error } });
    expect(reply.text.split('\n')).toHaveLength(4);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    expect(rest.invocations.requests).toHaveLength(0);
  });

  it('other methods are refused with those that there are', async () => {
    const text = await raw(
      'PROPFIND /api/v1/web/guest/default/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
    expect(text).toContain('Allow: GET, DELETE, POST, PUT, HEAD, OPTIONS, PATCH');
  });

  it('an address that is too long is refused', async () => {
    const reply = await web('GET', `guest/default/hello?${'x'.repeat(9000)}`);
    expect(reply.status).toBe(414);
  });
});

describe('who may call', () => {
  const secret = (value: string) => ({ headers: { 'x-require-whisk-auth': value } });

  it.each<[string, CallOptions, number]>([
    ['text', {}, 401],
    ['text', secret('wrong'), 401],
    ['text', { as: guest }, 401],
    ['text', secret('open sesame'), 200],
    ['number', secret('41'), 401],
    ['number', secret('42'), 200],
    ['user', {}, 401],
    ['user', { as: { ...guest, key: 'x'.repeat(64) } }, 401],
    ['user', { as: stranger }, 200],
    ['nobody', {}, 200],
    ['wrong', { as: guest, ...secret('[object Object]') }, 401],
    ['null', { as: guest, ...secret('null') }, 401],
  ])('require-whisk-auth %s, call %j: %i', async (name, options, status) => {
    const reply = await web('GET', `guest/default/auth-${name}`, options);
    expect(reply.status).toBe(status);
    expect(rest.invocations.requests).toHaveLength(status === 200 ? 1 : 0);
    if (status === 200) return;
    expect(reply.json).toMatchObject({
      error: 'Authentication is possible but has failed or not yet been provided.',
    });
    expect(reply.headers.get('www-authenticate')).toBeNull();
  });

  it('nobody, when the owner is blocked, and everybody again afterwards', async () => {
    const other = await openRest();
    const action = anAction({ annotations: [{ key: 'web-export', value: true }] });
    await other.artifacts.put(action, undefined);
    other.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson: '{}' } });
    const status = async () =>
      (await other.call('GET', '/api/v1/web/guest/default/hello', { unchecked: true, as: 'nobody' })).status;
    expect(await status()).toBe(204);
    const subject = await other.auth.getSubject('guest-subject');
    if (!subject) throw new Error('there is no guest');
    await other.auth.putSubject({ ...subject, blocked: true });
    other.clock.advanceSync(1000);
    expect(await status()).toBe(404);
    await other.auth.putSubject(subject);
    other.clock.advanceSync(1000);
    expect(await status()).toBe(204);
    await other.close();
  });

  it('as often as the owner may, whoever calls', async () => {
    await rest.limit('guest', { invocationsPerMinute: 0 });
    const reply = await web('GET', 'guest/default/hello', { as: stranger });
    await rest.limit('guest', {});
    expect(reply.status).toBe(429);
    expect(reply.json).toMatchObject({ error: expect.stringContaining('Too many requests') as unknown });
  });
});

describe('what a request may bring', () => {
  const notAllowed = 'Request defines parameters that are not allowed (e.g., reserved properties).';

  it('not what is reserved, nor what the action keeps for itself', async () => {
    expect(await web('GET', 'guest/default/hello?__ow_user=me')).toMatchObject({
      status: 400,
      json: { error: notAllowed },
    });
    expect((await web('GET', 'guest/default/final?key=2')).status).toBe(400);
    expect((await web('POST', 'guest/default/final', { body: { key: 2 } })).status).toBe(400);
    expect((await web('GET', 'guest/default/final?other=2')).status).toBe(200);
    expect((await web('GET', 'guest/default/raw?__ow_user=me')).status).toBe(200);
  });

  it('no more than a payload, told or in chunks', async () => {
    const text = 'x'.repeat(10_001);
    expect(await web('POST', 'guest/default/hello', { text })).toMatchObject({
      status: 413,
      json: { error: 'Request larger than allowed: 10001 > 10000 bytes.' },
    });
    const chunked = await raw(
      `POST /api/v1/web/guest/default/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    await rest.limit('guest', { maxPayloadSize: 10 });
    const own = await web('POST', 'guest/default/hello', { text: '"12345678901"' });
    await rest.limit('guest', {});
    expect(own.status).toBe(413);
    expect(rest.invocations.requests).toHaveLength(0);
  });

  it('no JSON that is none', async () => {
    const reply = await web('POST', 'guest/default/hello', { text: '{' });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: expect.stringMatching(/^The request content was malformed:\n/) as unknown,
    });
  });
});

describe('an outcome', () => {
  it.each([
    [
      'a developer error',
      DEVELOPER_ERROR,
      '{"error":"x"}',
      400,
      'There was an error processing your request.',
    ],
    ['a whisk error', WHISK_ERROR, '{"error":"x"}', 400, 'There was an error processing your request.'],
    [
      'an error that is text',
      APPLICATION_ERROR,
      '{"error":"x"}',
      400,
      "Response is not valid 'message/http'.",
    ],
    ['no error', APPLICATION_ERROR, '{}', 404, 'Response does not include requested property.'],
  ] as const)('%s', async (_what, statusCode, resultJson, status, error) => {
    rest.invocations.finishWith({ response: { statusCode, resultJson } });
    const reply = await web('GET', 'guest/default/hello');
    expect(reply).toMatchObject({ status, json: { error } });
    expect(reply.headers.get(activationHeader)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('an error may say its status, headers and body', async () => {
    const resultJson = '{"error":{"statusCode":403,"headers":{"x-why":"no"},"body":{"a":1}}}';
    rest.invocations.finishWith({ response: { statusCode: APPLICATION_ERROR, resultJson } });
    const reply = await web('GET', 'guest/default/hello');
    expect(reply).toMatchObject({ status: 403, json: { a: 1 } });
    expect(reply.headers.get('x-why')).toBe('no');
  });

  it('that is not there in time is 202, with the activation that is under way', async () => {
    rest.invocations.outcome = { outcome: 'accepted', activationId: 'c'.repeat(32) };
    const reply = await web('GET', 'guest/default/hello');
    expect(reply).toMatchObject({ status: 202, json: { error: 'Response not yet ready.' } });
    expect(reply.headers.get(activationHeader)).toBe('c'.repeat(32));
  });

  it('that nobody can give is 503', async () => {
    rest.invocations.outcome = { outcome: 'refused', status: 503, message: 'overloaded' };
    expect(await web('GET', 'guest/default/hello')).toMatchObject({
      status: 503,
      json: { error: 'overloaded' },
    });
  });

  it('that the client does not accept is 406, and runs once', async () => {
    const headers = { accept: 'application/json' };
    const reply = await web('GET', 'guest/default/hello', { headers });
    expect(reply).toMatchObject({
      status: 406,
      json: {
        error: 'Resource representation is only available with these types:\ntext/html; charset=UTF-8',
      },
    });
    expect(rest.invocations.requests).toHaveLength(1);
    expect((await web('GET', 'guest/default/hello.json', { headers })).status).toBe(200);
    expect((await web('GET', 'guest/default/hello.json', { headers: { accept: 'text/html' } })).status).toBe(
      406,
    );
  });
});

describe('other origins', () => {
  it('may read the answers, and ask first without running anything', async () => {
    const reply = await web('OPTIONS', 'guest/default/hello');
    expect(reply).toMatchObject({ status: 200, text: '' });
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    expect(reply.headers.get('access-control-allow-methods')).toBe(
      'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH',
    );
    expect(reply.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
    );
    const asked = await web('OPTIONS', 'guest/default/hello', {
      headers: { 'access-control-request-headers': 'x-mine, x-yours' },
    });
    expect(asked.headers.get('access-control-allow-headers')).toBe('x-mine, x-yours');
    expect(rest.invocations.requests).toHaveLength(0);
    expect((await web('GET', 'guest/default/hello')).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('are told what the action says where it says so itself, without its secret for OPTIONS', async () => {
    const reply = await web('OPTIONS', 'guest/default/custom');
    expect(reply).toMatchObject({ status: 200, text: 'hi' });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect(lastArguments()).toMatchObject({ __ow_method: 'options' });
    const refused = await web('GET', 'guest/default/custom');
    expect(refused.status).toBe(401);
    expect(refused.text.split('\n')).toHaveLength(4);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are told once, by the action, where it names them', async () => {
    const resultJson = '{"headers":{"access-control-allow-origin":"https://mine"},"body":"x"}';
    rest.invocations.finishWith({ response: { statusCode: SUCCESS, resultJson } });
    const reply = await web('GET', 'guest/default/hello');
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://mine');
    expect(reply.headers.get('access-control-allow-methods')).toContain('PATCH');
  });
});

describe("a namespace's own host", () => {
  const at = (host: string, target: string) =>
    raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

  it('shows its web actions, and nothing else of the API', async () => {
    expect(await at(`guest.${DOMAIN}`, '/default/hello/a?x=1')).toMatch(/^HTTP\/1\.1 200 /);
    expect(lastArguments()).toMatchObject({ __ow_path: '/a', x: '1' });
    expect(await at(`guest.${DOMAIN}`, '/api/v1/api-docs')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await at(`guest.${DOMAIN}`, '/')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await at(DOMAIN, '/api/v1/web/guest/default/hello')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([`guest.x.${DOMAIN}`, `guest.${DOMAIN}.evil.org`, '%00', '..', `/.${DOMAIN}`, `:${DOMAIN}:`])(
    'is not %s',
    async (host) => {
      expect(await at(host, '/default/hello')).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(rest.invocations.requests).toHaveLength(0);
    },
  );
});
