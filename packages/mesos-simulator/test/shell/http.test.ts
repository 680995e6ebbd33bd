import { connect } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send, sendJson } from './framework-client.ts';

let simulator: MesosSimulator;

beforeAll(async () => {
  simulator = await MesosSimulator.open({
    agents: [{ attributes: 'rack:r1;zone:z1', resources: 'cpus:8;mem:16384;disk:10000;ports:[31000-32000]' }],
    cluster: 'test',
  });
});
afterAll(() => simulator.stop());

/** Writes bytes to the master and collects what comes back until `enough`, or until it closes. */
function raw(bytes: string, enough: (text: string) => boolean): Promise<string> {
  const { hostname, port } = new URL(simulator.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString();
      if (enough(text)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
    socket.write(bytes);
  });
}

function post(body: string, ...headers: string[]): string {
  return [
    'POST /api/v1/scheduler HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}

function answersIn(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 \d+ [A-Za-z ]+/g)].map(([line]) => line);
}

const subscribe = JSON.stringify({
  type: 'SUBSCRIBE',
  subscribe: { framework_info: { user: 'root', name: 'raw', failover_timeout: 0 } },
});

describe('a subscription', () => {
  it('answers with the headers of a master and one chunk for each record (O3)', async () => {
    const text = await raw(post(subscribe), (all) => all.includes('HEARTBEAT'));
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    expect(head.split('\r\n').map((line) => line.split(':')[0])).toEqual([
      'HTTP/1.1 200 OK',
      'Date',
      'Transfer-Encoding',
      'Mesos-Stream-Id',
      'Content-Type',
    ]);
    expect(head).toMatch(/Content-Type: application\/json$/);
    const [, size = '', length = ''] = /^([0-9a-f]+)\r\n(\d+)\n\{"type":"SUBSCRIBED"/.exec(body) ?? [];
    expect(parseInt(size, 16)).toBe(Number(length) + length.length + 1);
  });

  it('ends with the last chunk and leaves the connection open for the next request (O1)', async () => {
    const refused = subscribe.replace('"name":"raw"', '"name":"raw","role":"a/../b"');
    const text = await raw(`${post(refused)}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`, (all) =>
      /0\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/.test(all),
    );
    expect(answersIn(text)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(text).toContain('"type":"ERROR"');
  });
});

describe('the scheduler path', () => {
  let framework: FrameworkClient;
  beforeAll(async () => {
    framework = await FrameworkClient.subscribe(simulator.url);
  });
  afterAll(() => framework.close());

  const revive = () => JSON.stringify({ framework_id: { value: framework.frameworkId }, type: 'REVIVE' });

  it('accepts a call by an empty 202 without a type (O7)', async () => {
    const answer = await framework.call({ type: 'REVIVE' });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.rawHeaders.filter((_, index) => index % 2 === 0)).toEqual(['Date', 'Content-Length']);
  });

  it.each(['/api/v1/scheduler/', '/master/api/v1/scheduler'])('is %s, too (O6)', async (path) => {
    const answer = await sendJson(
      `${simulator.url}${path}`,
      { framework_id: { value: framework.frameworkId }, type: 'REVIVE' },
      { 'Mesos-Stream-Id': framework.streamId },
    );
    expect(answer.status).toBe(202);
  });

  it('serves a mistyped path as the operator API, whose stream holds the whole state (O6)', async () => {
    const body = subscribe;
    const bytes = post(body).replace('/api/v1/scheduler', '/api/v1/nope');
    const text = await raw(bytes, (all) => all.includes('HEARTBEAT'));
    expect(text).toContain('{"type":"SUBSCRIBED","subscribed":{"get_state":');
    expect(text).not.toContain('Mesos-Stream-Id');
  });

  it.each([
    [
      'application/json; charset=utf-8',
      415,
      "Expecting 'Content-Type' of application/json or application/x-protobuf",
    ],
    ['text/plain', 415, "Expecting 'Content-Type' of application/json or application/x-protobuf"],
  ])('refuses the type %s (O4)', async (type, status, text) => {
    const answer = await send(`${simulator.url}/api/v1/scheduler`, {
      headers: { 'Content-Type': type, 'Mesos-Stream-Id': framework.streamId },
      body: revive(),
    });
    expect([answer.status, answer.text]).toEqual([status, text]);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('refuses another method than POST by 405 (O6)', async () => {
    const answer = await send(`${simulator.url}/api/v1/scheduler`);
    expect([answer.status, answer.text, answer.headers['allow']]).toEqual([
      405,
      "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.",
      'POST',
    ]);
  });

  it('understands gzip bodies, chunked bodies and lower-case headers (O5)', async () => {
    const gzipped = await send(`${simulator.url}/api/v1/scheduler`, {
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'mesos-stream-id': framework.streamId,
      },
      body: gzipSync(revive()),
    });
    expect(gzipped.status).toBe(202);
    const chunked = await new Promise<number>((resolve, reject) => {
      const call = request(`${simulator.url}/api/v1/scheduler`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Transfer-Encoding': 'chunked',
          'Mesos-Stream-Id': framework.streamId,
        },
      });
      call.once('error', reject);
      call.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      for (const letter of revive()) call.write(letter);
      call.end();
    });
    expect(chunked).toBe(202);
  });

  it('answers pipelined calls in order (O5)', async () => {
    const stream = `Mesos-Stream-Id: ${framework.streamId}`;
    const bytes = post(revive(), stream) + post('{}', stream) + post(revive(), stream);
    const text = await raw(bytes, (all) => answersIn(all).length === 3 && all.endsWith('\r\n\r\n'));
    expect(answersIn(text)).toEqual([
      'HTTP/1.1 202 Accepted',
      'HTTP/1.1 400 Bad Request',
      'HTTP/1.1 202 Accepted',
    ]);
  });

  it('ignores `Expect: 100-continue` (O5)', async () => {
    const bytes = post(revive(), `Mesos-Stream-Id: ${framework.streamId}`, 'Expect: 100-continue');
    const text = await raw(bytes, (all) => all.endsWith('\r\n\r\n'));
    expect(answersIn(text)).toEqual(['HTTP/1.1 202 Accepted']);
  });

  it('closes the connection on what is no HTTP, without a word', async () => {
    expect(await raw('this is not HTTP\r\n\r\n', () => false)).toBe('');
  });
});

describe('credentials', () => {
  it('are wanted for every call, and name the principal (O10)', async () => {
    const guarded = await MesosSimulator.open({ agents: 0, credentials: { app: 'secret' } });
    try {
      const nobody = await sendJson(`${guarded.url}/api/v1/scheduler`, { type: 'SUBSCRIBE' });
      expect([nobody.status, nobody.text, nobody.headers['www-authenticate']]).toEqual([
        401,
        '401 Unauthorized.',
        'Basic realm="mesos-master-scheduler"',
      ]);
      const wrong = { Authorization: `Basic ${Buffer.from('app:wrong').toString('base64')}` };
      expect((await sendJson(`${guarded.url}/api/v1/scheduler`, {}, wrong)).status).toBe(401);
      const right = { Authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` };
      const framework = await FrameworkClient.subscribe(guarded.url, { headers: right });
      const state = JSON.parse((await send(`${guarded.url}/state`)).text) as {
        frameworks: { principal: string }[];
      };
      expect(state.frameworks[0]?.principal).toBe('app');
      framework.close();
    } finally {
      await guarded.stop();
    }
  });
});

describe('the operator endpoints', () => {
  const get = async (path: string) =>
    JSON.parse((await send(`${simulator.url}${path}`)).text) as Record<string, unknown>;

  it('show the state under both of its paths, and not under its old one (O44)', async () => {
    const state = await get('/master/state');
    expect(state).toMatchObject({ version: '1.12.0', cluster: 'test', activated_slaves: 1 });
    expect(Object.keys(await get('/state'))).toEqual(Object.keys(state));
    const [agent] = state['slaves'] as Record<string, unknown>[];
    expect(agent).toMatchObject({
      attributes: { rack: 'r1', zone: 'z1' },
      resources: { cpus: 8, mem: 16_384, disk: 10_000, gpus: 0, ports: '[31000-32000]' },
      active: true,
    });
    const old = await send(`${simulator.url}/master/state.json`);
    expect([old.status, old.text]).toEqual([404, '404 Not Found.']);
  });

  it('compress what is long for who wants it', async () => {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      request(`${simulator.url}/state`, { headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('end', () => resolve(Buffer.concat(pieces)));
      })
        .once('error', reject)
        .end();
    });
    expect(JSON.parse(gunzipSync(answer).toString())).toHaveProperty('slaves');
  });

  it.each([
    '/slaves',
    '/frameworks',
    '/tasks',
    '/roles',
    '/state-summary',
    '/flags',
    '/version',
    '/metrics/snapshot',
  ])('serve %s', async (path) => {
    const answer = await send(`${simulator.url}${path}`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(Object.keys(JSON.parse(answer.text) as object)).not.toEqual([]);
  });

  it('answer health by an empty 200, and send the leader to itself', async () => {
    const health = await send(`${simulator.url}/health`);
    expect([health.status, health.text]).toEqual([200, '']);
    const redirect = await send(`${simulator.url}/redirect`);
    expect([redirect.status, redirect.headers.location]).toEqual([307, simulator.url.replace('http:', '')]);
  });

  it('wrap an answer for who wants JSONP', async () => {
    const answer = await send(`${simulator.url}/version?jsonp=f`);
    const state = await send(`${simulator.url}/master/slaves?jsonp=cb`);
    expect(answer.status).toBe(200);
    expect([state.headers['content-type'], state.text.slice(0, 4)]).toEqual(['text/javascript', 'cb({']);
  });

  it('show tasks, the latest first, page by page', async () => {
    const framework = await FrameworkClient.subscribe(simulator.url, { failoverTimeout: 0 });
    await framework.launch({ id: 't1', command: { value: 'true' } });
    await framework.state('t1', 'TASK_FINISHED');
    await framework.launch({ id: 't2', command: { value: 'sleep 1000' } });
    await framework.state('t2', 'TASK_RUNNING');
    const ids = async (query: string) =>
      ((await get(`/tasks?framework_id=${framework.frameworkId}${query}`))['tasks'] as { id: string }[]).map(
        ({ id }) => id,
      );
    expect(await eventually(async () => (await ids('')).length === 2 && ids(''))).toEqual(['t2', 't1']);
    expect(await ids('&order=asc&limit=1')).toEqual(['t1']);
    expect(await ids('&offset=1')).toEqual(['t1']);
    framework.close();
  });
});

describe("what the simulator's master leaves out", () => {
  it('is refused by name, as something that it lacks', async () => {
    const { status, text } = await sendJson(`${simulator.url}/api/v1`, {
      type: 'UPDATE_QUOTA',
      update_quota: { quota_configs: [] },
    });
    expect({ status, text }).toEqual({
      status: 501,
      text: "The simulator leaves out UPDATE_QUOTA; its README says what else it can't do.",
    });
  });
});
