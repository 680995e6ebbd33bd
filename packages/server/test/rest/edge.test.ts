import { connect, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guest, openRest, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;
const authorization = `Basic ${Buffer.from(`${guest.uuid}:${guest.key}`).toString('base64')}`;

beforeAll(async () => {
  rest = await openRest();
  await rest.call('PUT', '_/actions/hello', { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
});
afterAll(() => rest.close());

/** Sends bytes as they stand and resolves with all that came back when the server has closed the connection. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(rest.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (received += text));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

/** Announces `announced` bytes, sends them only once the answer is there, and resolves with the answer and how it ended. */
function sendAfterAnswer(announced: number, sent: number): Promise<{ answer: string; error: string }> {
  return new Promise((resolve) => {
    const head = post(`Content-Length: ${announced}\r\nConnection: close\r\n`, '');
    const socket = connect(rest.port, '127.0.0.1', () => socket.write(head));
    let answer = '';
    let error = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (answer === '') socket.write(Buffer.alloc(sent, ' '));
      answer += text;
    });
    socket.on('error', (reason: NodeJS.ErrnoException) => (error = reason.code ?? reason.message));
    socket.on('close', () => resolve({ answer, error }));
  });
}

const post = (headers: string, body: string) =>
  `POST /api/v1/namespaces/_/actions/hello HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;

describe('the edge', () => {
  it.each([
    ['both a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', '0\r\n\r\n')],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{} ')],
    ['two equal lengths', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}')],
    ['a list of lengths', post('Content-Length: 2, 2\r\n', '{}')],
    ['a signed length', post('Content-Length: +2\r\n', '{}')],
    ['a negative length', post('Content-Length: -1\r\n', '{}')],
    ['a length in hexadecimal', post('Content-Length: 0x2\r\n', '{}')],
    ['an unknown encoding last', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
    ['an unknown encoding', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['two encodings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n')],
    ['a space before a colon', post('Content-Length : 2\r\n', '{}')],
    ['a folded header', post('X-A: 1\r\n  2\r\nContent-Length: 2\r\n', '{}')],
    ['a bare carriage return in a header', post('X-A: 1\r2\r\nContent-Length: 2\r\n', '{}')],
    ['a bare line feed at the end of a header', post('X-A: 1\nContent-Length: 2\r\n', '{}')],
    ['a NUL in a header', post('X-A: 1\0\r\nContent-Length: 2\r\n', '{}')],
    ['a space in a header name', post('X A: 1\r\nContent-Length: 2\r\n', '{}')],
    ['bare line feeds throughout', `GET /ping HTTP/1.1\nHost: x\n\n`],
    ['a bad chunk size', post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n')],
    ['a chunk size with a bare line feed', post('Transfer-Encoding: chunked\r\n', '2\n{}\r\n0\r\n\r\n')],
    ['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', '1\r\n{}\r\n0\r\n\r\n')],
    ['headers without end', `GET /ping HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['no host', 'GET /ping HTTP/1.1\r\n\r\n'],
    ['an unknown version', 'GET /ping HTTP/7.3\r\nHost: x\r\n\r\n'],
    ['no HTTP at all', 'hello there\r\n\r\n'],
  ])('refuses %s and reads nothing behind it', async (_what, bytes) => {
    const smuggled = 'GET /ping HTTP/1.1\r\nHost: x\r\nX-Request-ID: smuggled\r\nConnection: close\r\n\r\n';
    const answer = await raw(bytes + smuggled);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('smuggled');
    expect(answer).not.toContain('pong');
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(rest.invocations.requests).toHaveLength(0);
  });

  it('answers what its parser refuses with an error body like any other', async () => {
    const answer = await raw('GET / HTTP/1.1\r\nHost : x\r\n\r\n');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const id = /X-Request-ID: (\S+)/i.exec(head)?.[1];
    expect(JSON.parse(body)).toEqual({
      error: 'The request contains bad syntax or cannot be fulfilled.',
      code: id,
    });
  });

  it('takes the client’s transaction id, but none of the system’s and none that breaks a header', async () => {
    const id = async (given?: string) =>
      (
        await rest.call('GET', '/ping', {
          unchecked: true,
          ...(given === undefined ? {} : { headers: { 'x-request-id': given } }),
        })
      ).headers.get('x-request-id');
    expect(await id('abc-123')).toBe('abc-123');
    expect(await id('sid_invoker')).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await id('x'.repeat(200))).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await id('ä')).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await id()).toMatch(/^[A-Za-z0-9]{32}$/);
    const { json, headers } = await rest.call('GET', '_/actions/none', {
      headers: { 'x-request-id': 'mine' },
    });
    expect(headers.get('x-request-id')).toBe('mine');
    expect(json).toMatchObject({ code: 'mine' });
  });

  it('asks for credentials and refuses wrong ones, each in its words', async () => {
    const realm = 'Basic realm="OpenWhisk secure realm",charset=UTF-8';
    const missing = await rest.call('GET', '_/actions', { as: 'nobody' });
    expect(missing).toMatchObject({
      status: 401,
      json: { error: 'The resource requires authentication, which was not supplied with the request' },
    });
    expect(missing.headers.get('www-authenticate')).toBe(realm);
    for (const as of [
      { ...guest, key: 'x'.repeat(64) },
      { ...guest, key: 'short' },
      { ...guest, uuid: 'nobody' },
    ]) {
      expect(await rest.call('GET', '_/actions', { as })).toMatchObject({
        status: 401,
        json: { error: 'The supplied authentication is invalid' },
      });
    }
  });

  it('tells a wrong path from a wrong method', async () => {
    expect(await rest.call('GET', '/api/v1/nothing')).toMatchObject({
      status: 404,
      json: { error: 'The requested resource could not be found.' },
    });
    expect((await rest.call('GET', '/api/v1/docs/other.js')).status).toBe(404);
    const wrong = await rest.call('POST', '_/activations', { body: {} });
    expect(wrong).toMatchObject({
      status: 405,
      json: { error: 'HTTP method not allowed, supported methods: GET' },
    });
    expect(wrong.headers.get('allow')).toBe('GET');
    expect((await rest.call('PATCH', '_/actions/hello', { body: {} })).status).toBe(405);
    const head = await rest.call('HEAD', '_/actions/hello', { unchecked: true });
    expect(head).toMatchObject({ status: 405, text: '' });
  });

  it('answers OPTIONS to anybody with the CORS headers, which all answers of the API carry', async () => {
    for (const path of ['/api/v1/namespaces/x/actions/y', '/api/v1/anything', '/']) {
      const reply = await rest.call('OPTIONS', path, { as: 'nobody', unchecked: true });
      expect(reply).toMatchObject({ status: 200, text: 'OK' });
      expect(reply.headers.get('access-control-allow-methods')).toBe('GET, DELETE, POST, PUT, HEAD');
    }
    for (const reply of [
      await rest.call('GET', '_/actions'),
      await rest.call('GET', '_/actions', { as: 'nobody' }),
    ]) {
      expect(reply.headers.get('access-control-allow-origin')).toBe('*');
      expect(reply.headers.get('access-control-allow-headers')).toBe(
        'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
      );
      expect(reply.headers.get('content-type')).toBe('application/json');
    }
    const admin = await rest.call('OPTIONS', '/invokers', { unchecked: true });
    expect(admin.headers.get('access-control-allow-methods')).toBe('OPTIONS, GET, POST');
  });

  it('takes JSON only, gives JSON only', async () => {
    const typed = (type: string) =>
      rest.call('PUT', '_/actions/typed', { text: '{}', headers: { 'content-type': type } });
    expect(await typed('text/plain')).toMatchObject({
      status: 415,
      json: {
        error: "The request's Content-Type [text/plain] is not supported. Expected:\napplication/json",
      },
    });
    expect(await typed('application/json; charset=utf-8')).toMatchObject({
      status: 400,
      json: { error: 'The request content was malformed:\nexec undefined' },
    });
    expect((await rest.call('PUT', '_/actions/typed')).json).toMatchObject({
      error: 'Request entity expected but not supplied',
    });
    const accepting = (accept: string) => rest.call('GET', '_/actions', { headers: { accept } });
    for (const accept of ['text/html', 'application/json;q=0', 'image/*, text/*']) {
      expect((await accepting(accept)).status).toBe(406);
    }
    for (const accept of [
      '',
      '*/*',
      'text/html, application/json;q=0.5',
      'application/*',
      'APPLICATION/JSON',
    ]) {
      expect((await accepting(accept)).status).toBe(200);
    }
  });

  it('refuses JSON that is nested too deeply, however it is hidden, and takes what is deep enough', async () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}"\\"]"${']'.repeat(depth)}}`;
    const deep = await rest.call('POST', '_/actions/hello', { text: nested(1000) });
    expect(deep).toMatchObject({
      status: 400,
      json: { error: 'The request content was malformed:\nJSON is nested deeper than 1000 levels.' },
    });
    expect((await rest.call('POST', '_/actions/hello', { text: nested(999) })).status).toBe(202);
    expect((await rest.call('POST', '_/actions/hello', { text: `{"a":${'['.repeat(500_000)}` })).status).toBe(
      400,
    );
    expect((await rest.call('POST', '_/actions/hello', { text: `{"a":"${'['.repeat(5000)}"}` })).status).toBe(
      202,
    );
    rest.invocations.requests.length = 0;
  });

  it('refuses text that is not UTF-8', async () => {
    const answer = await raw(post('Content-Length: 7\r\nConnection: close\r\n', '{"a":\xff}'));
    expect(answer).toContain('not valid UTF-8');
  });

  it('refuses URLs that are too long or cannot be decoded', async () => {
    expect((await rest.call('GET', `_/actions/${'a'.repeat(9000)}`)).status).toBe(414);
    const bad = await rest.call('GET', '_/actions/%zz');
    expect(bad.status).toBe(400);
    expect(bad.json).toMatchObject({ error: expect.stringContaining('bad syntax') as unknown });
  });

  it('says 503 when the store takes nothing', async () => {
    const broken = await openRest({
      overrides: {
        artifacts: new Proxy(rest.artifacts, {
          get: () => async () => {
            throw Object.assign(new Error('disk full'), { code: 'STORE_UNAVAILABLE' });
          },
        }),
      },
    });
    const reply = await broken.call('GET', '_/actions');
    expect(reply).toMatchObject({ status: 503 });
    expect(reply.text).not.toContain('disk');
    await broken.close();
  });

  it('says no more than that something failed when nobody knows why', async () => {
    const broken = await openRest({
      overrides: {
        activations: new Proxy(rest.activations, {
          get: () => async () => {
            throw new Error('secret detail');
          },
        }),
      },
    });
    const reply = await broken.call('GET', '_/activations');
    expect(reply).toMatchObject({ status: 500, json: { error: 'There was an internal server error.' } });
    expect(reply.text).not.toContain('secret');
    await broken.close();
  });
});

describe('the shortest way to an action', () => {
  const short = '/api/v1/namespaces/_/actions/hello';
  const long = '/api/v1/namespaces/_/actions/%68ello';

  it('answers like the ordinary way', async () => {
    const cases: readonly [query: string, options: Parameters<RestFixture['call']>[2]][] = [
      ['', {}],
      ['?blocking=true&timeout=5', { body: { a: 'ü' } }],
      ['?blocking=false&blocking=true', { body: {} }],
      ['?blocking=tr%75e&x=1+2', { body: {} }],
      ['?blocking', {}],
      ['?timeout=0', {}],
      ['?=&&a', {}],
      ['', { text: '{' }],
      ['', { text: '[]' }],
      ['', { text: '{}', headers: { 'content-type': 'text/plain' } }],
      ['', { as: 'nobody' }],
      ['', { as: { ...guest, key: 'x'.repeat(64) } }],
      ['', { headers: { accept: 'text/html' } }],
      ['', { body: { long: 'x'.repeat(1024 * 1024) } }],
      ['', { body: { long: 'x'.repeat(1_000_000) } }],
    ];
    for (const [query, options] of cases) {
      const headers = { 'x-request-id': 'same', ...options?.headers };
      rest.invocations.requests.length = 0;
      const one = await rest.call('POST', short + query, { ...options, headers });
      const other = await rest.call('POST', long + query, { ...options, headers });
      expect({ status: one.status, text: one.text }).toEqual({ status: other.status, text: other.text });
      const names = (reply: typeof one) => [...reply.headers.keys()].filter((name) => name !== 'date').sort();
      expect(names(one)).toEqual(names(other));
      const [first, second] = rest.invocations.requests;
      expect(first).toEqual(second);
    }
    rest.invocations.requests.length = 0;
  });

  it('waits for all of a body that comes in pieces, and keeps the order of requests that come at once', async () => {
    const body = JSON.stringify({ text: 'ü'.repeat(50_000) });
    const bytes = Buffer.from(body).toString('latin1');
    const first = post(`Content-Length: ${bytes.length}\r\nX-Request-ID: first\r\n`, bytes);
    const second = post('Content-Length: 2\r\nX-Request-ID: second\r\nConnection: close\r\n', '{}');
    const answers = await raw(first + second);
    expect(answers.match(/X-Request-ID: \w+/g)).toEqual(['X-Request-ID: first', 'X-Request-ID: second']);
    expect(rest.invocations.requests.map(({ payload }) => payload?.json)).toEqual([body, '{}']);
    rest.invocations.requests.length = 0;
  });

  it('lets a client that is refused early send the rest of its body, and closes without a reset', async () => {
    const bytes = 3 * 1024 * 1024;
    const { answer, error } = await sendAfterAnswer(bytes, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(error).toBe('');
  });

  it('cuts the connection of a refused client that sends and sends', async () => {
    const { answer } = await sendAfterAnswer(1024 ** 3, 80 * 1024 * 1024);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('invokes nothing when the client goes away in the middle of its body', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(rest.port, '127.0.0.1', () => {
        socket.end(post('Content-Length: 100\r\n', '{"half":'), () => socket.destroy());
      });
      socket.on('close', () => resolve());
    });
    // The server has seen the end of that connection when it answers the next one.
    expect((await rest.call('GET', '/ping', { unchecked: true })).status).toBe(200);
    expect(rest.invocations.requests).toHaveLength(0);
  });
});

describe("a request's signal", () => {
  it('is aborted when the client goes away before its answer', async () => {
    let aborted: ((reason: unknown) => void) | undefined;
    const gone = new Promise<unknown>((resolve) => (aborted = resolve));
    let invoked: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => (invoked = resolve));
    const waiting = await openRest({
      overrides: {
        invocations: {
          invoke: (context) => {
            const { signal } = context;
            signal?.addEventListener('abort', () => aborted?.(signal.reason));
            invoked?.();
            return new Promise(() => {});
          },
          inFlight: () => [],
        },
      },
    });
    await waiting.call('PUT', '_/actions/hello', { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
    const socket = connect(waiting.port, '127.0.0.1', () =>
      socket.write(post('Content-Length: 2\r\n', '{}')),
    );
    await arrived;
    socket.destroy();
    expect(await gone).toMatchObject({ code: 'CLIENT_GONE' });
    await waiting.close();
  });
});

describe("the server's own pages", () => {
  it('are shown to this machine', async () => {
    const text = async (path: string) =>
      (await rest.call('GET', path, { as: 'nobody', unchecked: true })).text;
    expect(await text('/metrics')).toBe('# HELP x y\nx 1\n');
    expect(await text('/invokers')).toBe('{"invoker0":"up","invoker1":"unhealthy"}');
    expect(await text('/invokers/')).toBe(await text('/invokers'));
    expect(await text('/invokers/healthy/count')).toBe('1');
    expect(await text('/activation')).toBe(`[["${'b'.repeat(32)}","guest/hello"]]`);
    expect(await text('/activation/count')).toBe('1');
    const ready = await rest.call('GET', '/invokers/ready', { unchecked: true });
    expect(ready).toMatchObject({ status: 500, text: '{"unhealthy":"1/2"}' });
    expect(await rest.call('HEAD', '/invokers/ready', { unchecked: true })).toMatchObject({
      status: 500,
      text: '',
    });
  });

  it.each([
    ['a page in a browser', { origin: 'http://127.0.0.1' }],
    ['a proxy', { 'x-forwarded-for': '10.0.0.1' }],
    ['another proxy', { forwarded: 'for=10.0.0.1' }],
  ])('are not shown to %s on it', async (_who, headers) => {
    for (const path of ['/metrics', '/invokers', '/activation']) {
      expect((await rest.call('GET', path, { headers })).status).toBe(403);
    }
  });

  it('are not shown under a foreign name', async () => {
    const answer = await raw('GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('are never shown to a sandbox, always on the socket of the administrator', async () => {
    const sandboxes = await openRest({ trust: 'no-peer' });
    expect((await sandboxes.call('GET', '/metrics')).status).toBe(403);
    await sandboxes.close();
    const administrators = await openRest({ trust: 'every-peer' });
    const page = await administrators.call('GET', '/metrics', {
      headers: { origin: 'http://x' },
      unchecked: true,
    });
    expect(page.status).toBe(200);
    await administrators.close();
  });
});
