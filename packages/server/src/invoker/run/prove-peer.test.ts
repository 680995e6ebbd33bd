/** Any process of an agent may hold the port of a container that starts or has died. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { NONCE_HEADER, TOKEN_HEADER } from '@vibrissa/protocol';
import { aMessage, anAction, aStored, ManualClock, ownPort } from '@vibrissa/testkit';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { createJob } from '../job.ts';
import { prepareAction } from '../resolve-action.ts';
import { ContainerClient } from './container-client.ts';
import { ContainerSession } from './init-and-run.ts';

const TOKEN = 'the-token-of-this-task';
const SECRET = 'SECRET-CODE-AND-PARAMETERS';
const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const ok = (body: string, status = '200 OK', headers = '') =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

function proofOf(request: string, token = TOKEN): string {
  const nonce = new RegExp(`^${NONCE_HEADER}: (.*)\r$`, 'm').exec(request)?.[1] ?? '';
  expect(Buffer.from(nonce, 'base64url')).toHaveLength(32);
  const proof = createHmac('sha256', token).update(`vibrissa-prove:${nonce}`).digest('base64url');
  return JSON.stringify({ proof });
}

type Answer = (request: string, count: number) => string | undefined;

/** Keeps all that is sent to it; `answer` is what it says to each piece of a connection. */
async function listen(answer: Answer, at = 0) {
  let heard = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let count = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      const text = answer(bytes.toString(), count++);
      if (text !== undefined) socket.write(text);
    });
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  endings.push(() => void close());
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, sockets, close, heard: () => heard };
}

/** Unless a test says so no time passes: a busy machine could not tell a slow peer from a silent one. */
function open(port: number, clock: Clock = new ManualClock()) {
  const address = { host: '127.0.0.1', port, token: TOKEN, proves: true };
  const client = ContainerClient.open({ address, clock, onBroken: () => {} });
  endings.push(() => client.close());
  return { address, client };
}

const aRequest = {
  head: `POST /init HTTP/1.1\r\n${TOKEN_HEADER}: ${TOKEN}\r\n`,
  body: `{"code":"${SECRET}"}`,
  timeoutMs: 20_000,
  maxBytes: 1_048_576,
  keepBytes: 1_048_576,
};
const unproven = {
  outcome: 'unsent',
  why: 'its peer did not prove that it is the container',
  unreachable: true,
};

/** The runtime of a container, as far as it matters here. */
const runtime: Answer = (text, count) => (count === 0 ? ok(proofOf(text)) : ok(`{"count":${count}}`));

describe('a peer that is not the container', () => {
  it.each<[string, Answer]>([
    ['takes everything for granted', () => ok('{"ok":true}')],
    ['makes up a proof', () => ok('{"proof":"c29tZXRoaW5n"}')],
    ['makes up a proof of the right length', () => ok(JSON.stringify({ proof: 'A'.repeat(43) }))],
    ['has another token', (text) => ok(proofOf(text, 'another token'))],
    ['says the nonce again', (text) => ok(JSON.stringify({ proof: text }))],
    ['has the right proof, and something more', (text) => ok(proofOf(text)) + ok('{}')],
    ['has the right proof, and something wrong', (text) => ok(proofOf(text), '403 Forbidden')],
    ['is a web server', () => ok('<html>', '404 Not Found')],
    ['speaks no HTTP', () => 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['talks without end', () => ok('x'.repeat(100_000))],
    ['says what is no JSON of ours', () => ok('null')],
  ])('gets neither token nor body: one that %s', async (_, answer) => {
    const squatter = await listen(answer);
    expect(await open(squatter.port).client.post(aRequest)).toEqual(unproven);
    expect(squatter.heard()).toMatch(/^POST \/prove HTTP\/1\.1\r\n/);
    expect(squatter.heard()).not.toContain(TOKEN);
    expect(squatter.heard()).not.toContain(SECRET);
    expect(squatter.sockets.size).toBe(1);
  });

  it('gets neither when it keeps silent, and is given up after a second', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const squatter = await listen(() => {
      arrive();
      return undefined;
    });
    const clock = new ManualClock();
    const posted = open(squatter.port, clock).client.post(aRequest);
    let answer: unknown;
    void posted.then((exchange) => (answer = exchange));
    await arrived;
    await clock.advance(999);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    expect(answer).toEqual({ outcome: 'unsent', why: 'ETIMEDOUT', unreachable: true });
    expect(squatter.heard()).not.toContain(TOKEN);
    expect(squatter.heard()).not.toContain(SECRET);
  });

  it('gets neither when it hangs up', async () => {
    const squatter = await listen(() => {
      for (const socket of squatter.sockets) socket.end();
      return undefined;
    });
    expect(await open(squatter.port).client.post(aRequest)).toMatchObject({
      outcome: 'unsent',
      unreachable: true,
    });
    expect(squatter.heard()).not.toContain(SECRET);
  });

  it('gets neither when it takes over the port of a warm container', async () => {
    const container = await listen(runtime, await ownPort());
    const { client } = open(container.port);
    expect(await client.post(aRequest)).toMatchObject({ outcome: 'answered', body: '{"count":1}' });
    const [first] = container.sockets;
    await container.close();
    if (first && !first.closed) await once(first, 'close');
    const squatter = await listen(() => ok('{"forged":true}'), container.port);
    const exchange = await client.post({ ...aRequest, body: `${SECRET} again` });
    expect(exchange).not.toMatchObject({ outcome: 'answered' });
    expect(await client.post(aRequest)).toEqual(unproven);
    expect(squatter.heard()).not.toContain(TOKEN);
    expect(squatter.heard()).not.toContain(SECRET);
  });
});

const isChallenge = (text: string) => text.startsWith('POST /prove ');

test('a container proves itself on its first connection, and on it again after a silence, with another nonce each time', async () => {
  const clock = new ManualClock();
  const container = await listen((text) => ok(isChallenge(text) ? proofOf(text) : '{}'));
  const { client } = open(container.port, clock);
  for (let count = 0; count < 3; count++)
    expect(await client.post(aRequest)).toMatchObject({ outcome: 'answered', body: '{}' });
  expect(container.heard().match(/POST \/prove/g)).toHaveLength(1);
  await clock.advance(1001);
  expect(await client.post(aRequest)).toMatchObject({ outcome: 'answered', body: '{}' });
  const nonces = container.heard().match(new RegExp(`${NONCE_HEADER}: .*`, 'g'));
  expect(new Set(nonces).size).toBe(2);
  expect(container.sockets.size).toBe(1);
});

test('who does not prove itself again after a silence gets nothing more, and a new connection is tried', async () => {
  const clock = new ManualClock();
  let isSilent = false;
  let saidToSilent = '';
  const container = await listen((text) => {
    if (isSilent && container.sockets.size === 1) {
      saidToSilent += text;
      return undefined;
    }
    return ok(isChallenge(text) ? proofOf(text) : '{}');
  });
  const { client } = open(container.port, clock);
  await client.post(aRequest);
  isSilent = true;
  await clock.advance(1001);
  const posted = client.post(aRequest);
  await expect.poll(() => saidToSilent).toContain('\r\n\r\n');
  await clock.advance(249);
  expect(container.sockets.size).toBe(1);
  await clock.advance(1);
  expect(await posted).toMatchObject({ outcome: 'answered', body: '{}' });
  expect(saidToSilent).not.toContain(SECRET);
  expect(saidToSilent).not.toContain(TOKEN);
  expect(container.sockets.size).toBe(2);
});

test('a container that is about to be asked proves itself ahead, and is asked on that connection', async () => {
  const clock = new ManualClock();
  const container = await listen((text) => ok(isChallenge(text) ? proofOf(text) : '{}'));
  const { client } = open(container.port, clock);
  const proofs = () => container.heard().match(/POST \/prove/g)?.length;
  await client.post(aRequest);
  await clock.advance(1001);
  const heard = container.heard().length;
  client.getReady();
  await expect.poll(proofs).toBe(2);
  expect(container.heard().slice(heard)).not.toContain(TOKEN);
  expect(await client.post(aRequest)).toMatchObject({ outcome: 'answered', body: '{}' });
  expect(proofs()).toBe(2);
  expect(container.sockets.size).toBe(1);
});

test('a container whose thread is kept by one request has time to prove itself for the next', async () => {
  const clock = new ManualClock();
  const container = await listen((text, count) => {
    const isFirst = container.sockets.size === 1;
    return count === 0 && isFirst ? ok(proofOf(text)) : undefined;
  });
  const { client } = open(container.port, clock);
  const first = client.post(aRequest);
  await expect.poll(() => container.heard()).toContain(SECRET);
  const heard = container.heard().length;
  const second = client.post({ ...aRequest, body: '{}' });
  await expect.poll(() => container.heard().slice(heard)).toContain('/prove');
  await clock.advance(5000);
  const [one, other] = container.sockets;
  one?.write(ok('{"first":true}'));
  expect(await first).toMatchObject({ outcome: 'answered', body: '{"first":true}' });
  other?.write(ok(proofOf(container.heard().slice(heard))));
  await expect.poll(() => container.heard().slice(heard)).toContain(TOKEN);
  other?.write(ok('{"second":true}'));
  expect(await second).toMatchObject({ outcome: 'answered', body: '{"second":true}' });
});

test('a proof in pieces is one', async () => {
  const container = await listen(() => undefined);
  const { client } = open(container.port);
  const posted = client.post(aRequest);
  await expect.poll(() => container.heard()).toContain('\r\n\r\n');
  const [socket] = container.sockets;
  for (const byte of ok(proofOf(container.heard()))) {
    socket?.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => container.heard()).toContain(SECRET);
  socket?.write(ok('{"done":true}'));
  expect(await posted).toMatchObject({ outcome: 'answered', body: '{"done":true}' });
});

test('an image of somebody else is asked for no proof', async () => {
  const container = await listen(() => ok('{"ok":true}'));
  const address = { host: '127.0.0.1', port: container.port, token: TOKEN };
  const client = ContainerClient.open({ address, clock: new ManualClock(), onBroken: () => {} });
  endings.push(() => client.close());
  expect(await client.post(aRequest)).toMatchObject({ outcome: 'answered', body: '{"ok":true}' });
  expect(container.heard()).not.toContain('/prove');
});

test('a container that refuses its token has not run the code, and is not used on', async () => {
  const refusal = '{"error":"The access token of this container is missing or wrong."}';
  const container = await listen((text, count) =>
    count === 0 ? ok(proofOf(text)) : ok(refusal, '403 Forbidden'),
  );
  const { address, client } = open(container.port);
  const session = new ContainerSession({
    client,
    address,
    clock: new ManualClock(),
    exit: async () => undefined,
  });
  const job = createJob(aMessage(), prepareAction(aStored(anAction())));
  const notRun = { outcome: 'not-run', why: 'it refused its access token', unreachable: true };
  expect(await session.initialise(job, '"code"', 'mark')).toEqual(notRun);
  expect(await session.run(job, 'mark', { maxBytes: 1000, keepBytes: 100 })).toEqual(notRun);
});

test('an answer that has come while this process was held up beats the time limit', async () => {
  const clock = new ManualClock();
  const container = await listen((text, count) => (count === 0 ? ok(proofOf(text)) : undefined));
  const { client } = open(container.port, clock);
  const posted = client.post(aRequest);
  await expect.poll(() => container.heard()).toContain(SECRET);
  const [socket] = container.sockets;
  // As after a turn that took long: timers fire, and then sockets are looked at.
  await new Promise((resolve) => setImmediate(resolve));
  socket?.write(ok('{"late":true}'));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  clock.advanceSync(aRequest.timeoutMs);
  expect(await posted).toMatchObject({ outcome: 'answered', body: '{"late":true}' });
});
