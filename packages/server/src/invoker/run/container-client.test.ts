import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, ownPort } from '@vibrissa/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../base/clock.ts';
import { ContainerClient } from './container-client.ts';
import type { ContainerRequest } from './container-connection.ts';

let directory: string;
let clients: ContainerClient[];
let endings: (() => void)[];
let servers: { server: Server; sockets: Set<Socket> }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vbc-'));
  clients = [];
  endings = [];
  servers = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const end of endings) end();
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  await rm(directory, { recursive: true, force: true });
});

/** A container that does with each request what it is told; a request is what has come since the last one. */
async function serve(onRequest: (socket: Socket, text: string, count: number) => void, onTcp = false) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString();
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1] ?? 0);
      if (Buffer.byteLength(text.slice(text.indexOf('\r\n\r\n') + 4)) < length) return;
      const request = text;
      text = '';
      onRequest(socket, request, count++);
    });
  });
  servers.push({ server, sockets });
  const path = join(directory, `${servers.length}.sock`);
  await new Promise<void>((resolve) =>
    onTcp ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  const port = onTcp ? (server.address() as AddressInfo).port : 0;
  return { address: onTcp ? { host: '127.0.0.1', port } : { socketPath: path }, sockets };
}

function openClient(address: Awaited<ReturnType<typeof serve>>['address'], clock: Clock = systemClock) {
  const broken: true[] = [];
  const client = ContainerClient.open({ address, clock, onBroken: () => void broken.push(true) });
  clients.push(client);
  return { client, broken };
}

function aRequest(over: Partial<ContainerRequest> = {}): ContainerRequest {
  return {
    head: 'POST /run HTTP/1.1\r\nHost: action\r\n',
    body: '{"value":{}}',
    timeoutMs: 20_000,
    maxBytes: 1_048_576,
    keepBytes: 1_048_576,
    ...over,
  };
}

function ok(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

test('requests in sequence share one connection', async () => {
  const { address, sockets } = await serve((socket, _, count) => socket.write(ok(`{"count":${count}}`)));
  const { client } = openClient(address);
  for (let count = 0; count < 5; count++) {
    expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered', body: `{"count":${count}}` });
  }
  expect(sockets.size).toBe(1);
});

test('requests at the same time have a connection each, which later ones reuse', async () => {
  const waiting: Socket[] = [];
  const { address, sockets } = await serve((socket) => {
    waiting.push(socket);
    if (waiting.length === 3) for (const other of waiting.splice(0)) other.write(ok('{}'));
  });
  const { client } = openClient(address);
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all([1, 2, 3].map(() => client.post(aRequest())));
    expect(answers.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered']);
  }
  expect(sockets.size).toBe(3);
});

test.each(['{"name":"Ada"}', '{"name":"Åsa €"}', `{"long":"${'x'.repeat(200_000)}"}`])(
  'the request arrives as it is (%#)',
  async (body) => {
    let seen = '';
    const { address } = await serve((socket, text) => {
      seen = text;
      socket.write(ok('{}'));
    });
    await openClient(address).client.post(aRequest({ body }));
    expect(seen).toBe(
      `POST /run HTTP/1.1\r\nHost: action\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  },
);

test('a long answer in many pieces arrives whole', async () => {
  const body = `{"long":"${'€'.repeat(100_000)}"}`;
  const { address } = await serve((socket) => {
    const bytes = Buffer.from(ok(body));
    for (let at = 0; at < bytes.length; at += 7001) socket.write(bytes.subarray(at, at + 7001));
  });
  expect(await openClient(address).client.post(aRequest())).toMatchObject({ outcome: 'answered', body });
});

test('a container that closes after its answer is connected to again', async () => {
  const { address, sockets } = await serve((socket) => socket.end(ok('{}', 'Connection: close\r\n')));
  const { client, broken } = openClient(address);
  for (let count = 0; count < 3; count++) {
    expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered' });
  }
  expect(sockets.size).toBe(3);
  expect(broken).toEqual([]);
});

test('a container that closes an idle connection is connected to again', async () => {
  const { address, sockets } = await serve((socket) => socket.write(ok('{}')));
  const { client } = openClient(address);
  await client.post(aRequest());
  const [first] = sockets;
  const closed = new Promise((resolve) => first?.once('close', resolve));
  first?.end();
  await closed;
  expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered' });
});

test.each([
  ['text that is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
  ['a body without a length', 'HTTP/1.1 200 OK\r\n\r\n{}'],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['headers without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(5000)}`],
])('%s is no answer', async (_, text) => {
  const { address } = await serve((socket) => socket.write(text));
  expect(await openClient(address).client.post(aRequest())).toMatchObject({ outcome: 'no-answer' });
});

test('a container that hangs up in the middle of its answer gave none', async () => {
  const { address } = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}'));
  expect(await openClient(address).client.post(aRequest())).toMatchObject({ outcome: 'no-answer' });
});

test('a container that reads a request and hangs up may have started the code', async () => {
  const { address } = await serve((socket) => socket.end());
  expect(await openClient(address).client.post(aRequest())).toMatchObject({ outcome: 'no-answer' });
});

test('a container that hangs up without reading has not started the code', async () => {
  const path = join(directory, 'deaf.sock');
  const server = createServer({ pauseOnConnect: true }, (socket) => setImmediate(() => socket.destroy()));
  servers.push({ server, sockets: new Set() });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const { client } = openClient({ socketPath: path });
  expect(await client.post(aRequest({ body: 'x'.repeat(500_000) }))).toMatchObject({ outcome: 'unsent' });
});

test('a container that is not there has not started the code', async () => {
  const { client } = openClient({ socketPath: join(directory, 'nobody.sock') });
  expect(await client.post(aRequest())).toEqual({ outcome: 'unsent', why: 'ENOENT' });
});

test('a second answer that nobody asked for breaks the container, and the first one counts', async () => {
  const { address } = await serve((socket) => socket.write(ok('{"is":1}') + ok('{"is":2}')));
  const { client, broken } = openClient(address);
  expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered', body: '{"is":1}' });
  expect(broken).toEqual([true]);
});

test('bytes on an idle connection break the container', async () => {
  const { address, sockets } = await serve((socket) => socket.write(ok('{}')));
  let tell = () => {};
  const told = new Promise<void>((resolve) => (tell = resolve));
  const client = ContainerClient.open({ address, clock: systemClock, onBroken: tell });
  clients.push(client);
  await client.post(aRequest());
  for (const socket of sockets) socket.write('boo');
  await told;
  expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered' });
  expect(sockets.size).toBe(2);
});

test('the time limit ends a request, and the next one has all of its own', async () => {
  const clock = new ManualClock();
  let arrive = () => {};
  const { address } = await serve((socket, _, count) => (count === 1 ? arrive() : socket.write(ok('{}'))));
  const { client } = openClient(address, clock);
  await client.post(aRequest({ timeoutMs: 1000 }));
  await clock.advance(900);
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const slow = client.post(aRequest({ timeoutMs: 1000 }));
  await arrived;
  await clock.advance(999);
  let ended = false;
  void slow.then(() => (ended = true));
  await clock.advance(0);
  expect(ended).toBe(false);
  await clock.advance(1);
  expect(await slow).toEqual({ outcome: 'timed-out' });
  expect(await client.post(aRequest({ timeoutMs: 1000 }))).toMatchObject({ outcome: 'answered' });
});

test('an answer over the limit is cut, and its connection serves the next', async () => {
  const { address, sockets } = await serve((socket) => socket.write(ok('0123456789'.repeat(1000))));
  const { client } = openClient(address);
  for (let count = 0; count < 2; count++) {
    expect(await client.post(aRequest({ maxBytes: 100, keepBytes: 10 }))).toMatchObject({
      outcome: 'answered',
      body: '0123456789',
      length: 10_000,
      truncated: true,
    });
  }
  expect(sockets.size).toBe(1);
});

/** Moves time on in pauses between attempts only: how long the refusal of one takes is the machine's matter. */
async function retryUntil(clock: ManualClock, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await clock.advance(0);
    // An attempt has two, of its connection and of its request.
    if (clock.pendingTimers === 1) await clock.advance(50);
  }
}

test('a remote container that listens late is asked again', async () => {
  const port = await ownPort();
  const clock = new ManualClock();
  const { client } = openClient({ host: '127.0.0.1', port }, clock);
  const posted = client.post(aRequest());
  await retryUntil(clock, () => clock.monotonicMs() >= 100);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', () => socket.write(ok('{"late":true}')));
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  let answer: unknown;
  void posted.then((exchange) => (answer = exchange));
  await retryUntil(clock, () => answer !== undefined);
  expect(answer).toMatchObject({ outcome: 'answered', body: '{"late":true}' });
});

test.each([
  ['within a second, whatever time the action has', 60_000, 1000],
  ['within the time that the action has', 500, 500],
])(
  'a remote container that never listens has not started the code: known %s',
  async (_, timeoutMs, knownMs) => {
    const clock = new ManualClock();
    const { client } = openClient({ host: '127.0.0.1', port: await ownPort() }, clock);
    let answer: unknown;
    void client.post(aRequest({ timeoutMs })).then((exchange) => (answer = exchange));
    await retryUntil(clock, () => answer !== undefined);
    expect(answer).toEqual({ outcome: 'unsent', why: 'ECONNREFUSED', unreachable: true });
    expect(clock.monotonicMs()).toBeLessThanOrEqual(knownMs);
    expect(clock.pendingTimers).toBe(0);
  },
);

/** A port whose queue of connections is full: who dials it hears nothing, as from a machine that is gone. */
async function openSilentPort(): Promise<number> {
  const code = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port) + '\\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => {
    child.stdout.on('data', (bytes) => resolve(Number(String(bytes))));
  });
  const queued = [1, 2].map(() => connect({ host: '127.0.0.1', port }));
  endings.push(() => {
    for (const socket of queued) socket.on('error', () => {}).destroy();
    child.kill('SIGKILL');
  });
  await Promise.all(queued.map((socket) => once(socket, 'connect')));
  return port;
}

test.each([
  ['after a second', 60_000, 1000],
  ['at the time limit, which is no fault of the code', 500, 500],
])('a machine that is silent when it is dialled is given up %s', async (_, timeoutMs, knownMs) => {
  const port = await openSilentPort();
  const clock = new ManualClock();
  const { client } = openClient({ host: '127.0.0.1', port }, clock);
  let answer: unknown;
  void client.post(aRequest({ timeoutMs })).then((exchange) => (answer = exchange));
  await clock.advance(knownMs - 1);
  expect(answer).toBeUndefined();
  await clock.advance(1);
  expect(answer).toEqual({ outcome: 'unsent', why: 'ETIMEDOUT', unreachable: true });
});

test('a connection to a host that has been silent for over a second is replaced by a new one', async () => {
  const { address, sockets } = await serve((socket) => socket.write(ok('{}')), true);
  const clock = new ManualClock();
  const { client } = openClient(address, clock);
  await client.post(aRequest());
  await clock.advance(1000);
  await client.post(aRequest());
  expect(sockets.size).toBe(1);
  const [first] = sockets;
  const closed = once(first as Socket, 'close');
  await clock.advance(1001);
  expect(await client.post(aRequest())).toMatchObject({ outcome: 'answered' });
  expect(sockets.size).toBe(2);
  await closed;
});

test('a remote container is asked again after 5 ms, then after twice as long, up to 50 ms', async () => {
  const clock = new ManualClock();
  const { client } = openClient({ host: '127.0.0.1', port: await ownPort() }, clock);
  const pauses: number[] = [];
  clock.sleep = async (delayMs) => {
    pauses.push(delayMs);
    clock.advanceSync(delayMs);
  };
  expect(await client.post(aRequest({ timeoutMs: 200 }))).toMatchObject({ outcome: 'unsent' });
  expect(pauses).toEqual([5, 10, 20, 40, 50, 50]);
});

test('closing the client loses the answers that are awaited', async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const { address } = await serve(() => arrive());
  const { client } = openClient(address);
  const posted = client.post(aRequest());
  await arrived;
  client.close();
  expect(await posted).toMatchObject({ outcome: 'no-answer' });
});
