/** Who holds the port of a container that starts, or that an earlier life has left, may be anybody. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { NONCE_HEADER } from '@vibrissa/protocol';
import { ManualClock, ownPort } from '@vibrissa/testkit';
import { afterEach, expect, test } from 'vitest';

import { systemClock } from '../../base/clock.ts';
import { askRuntime } from './ask-runtime.ts';
import { askStatus } from './ask-status.ts';
import { awaitListening } from './await-listening.ts';

const TOKEN = 'the-token-of-this-task';
const runtimes = fileURLToPath(new URL('../../../../../runtimes/', import.meta.url));
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function openSquatter(onData: (socket: Socket) => void) {
  let heard = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      onData(socket);
    });
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  closing.push(() => void close());
  const address = { host: '127.0.0.1', port: await ownPort(), token: TOKEN };
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return { address, sockets, close, heard: () => heard };
}

function startRuntime(
  program: string,
  script: string,
  { port, token }: { port: number; token: string },
): ChildProcess {
  const env = { PATH: process.env['PATH'], __OW_TOKEN: token, __OW_PORT: String(port) };
  const child = spawn(program, [`${runtimes}${script}`], { env, stdio: 'ignore' });
  closing.push(() => child.kill('SIGKILL'));
  return child;
}

const answers: readonly (readonly [string, string])[] = [
  ['that it is idle', 'HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{"initialised":true,"running":0}\n'],
  [
    'a proof',
    'HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n{"proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
  ],
  ['more than a proof may be long', `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${'x'.repeat(9999)}`],
];

test.each(answers)('who says %s, and is not the runtime, is not shown the token', async (_, answer) => {
  const squatter = await openSquatter((socket) => socket.write(answer));
  expect(await askStatus(squatter.address, new ManualClock())).toBeUndefined();
  expect(squatter.heard()).toMatch(/^POST \/prove HTTP\/1\.1\r\n/);
  expect(squatter.heard()).not.toContain(TOKEN);
});

test('who says nothing is not waited for longer than there is patience', async () => {
  const squatter = await openSquatter(() => {});
  const clock = new ManualClock();
  const asked = askRuntime(squatter.address, { clock, patienceMs: 50 });
  await expect.poll(() => squatter.heard()).toContain('/prove');
  await clock.advance(50);
  expect(await asked).toBeUndefined();
});

test('an answer that has come while this process was held up is not too late', async () => {
  const squatter = await openSquatter(() => {});
  const clock = new ManualClock();
  const asked = askRuntime(squatter.address, { clock, patienceMs: 50 });
  await expect.poll(() => squatter.heard()).toContain('\r\n\r\n');
  const nonce = new RegExp(`^${NONCE_HEADER}: (.*)\r$`, 'm').exec(squatter.heard())?.[1];
  const proof = createHmac('sha256', TOKEN).update(`vibrissa-prove:${nonce}`).digest('base64url');
  const body = JSON.stringify({ proof });
  const [socket] = squatter.sockets;
  // As after a turn that took long: timers fire, and then sockets are looked at.
  await new Promise((resolve) => setImmediate(resolve));
  socket?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  clock.advanceSync(50);
  expect(await asked).toEqual({ status: 200, body });
});

test.each(answers)('who says %s never counts as a container that has started', async (_, answer) => {
  const squatter = await openSquatter((socket) => socket.write(answer));
  const over = new AbortController();
  const listening = awaitListening({
    ...squatter.address,
    clock: systemClock,
    signal: over.signal,
    settleMs: 0,
  });
  const ended = listening.then(
    () => 'ready',
    (error: unknown) => error,
  );
  await expect.poll(() => squatter.sockets.size).toBeGreaterThan(2);
  over.abort(new Error('the launch is over'));
  expect(await ended).toEqual(new Error('the launch is over'));
  expect(squatter.heard()).not.toContain(TOKEN);
});

test('a silent one is left at once when the launch is over', async () => {
  const squatter = await openSquatter(() => {});
  const over = new AbortController();
  const listening = awaitListening({
    ...squatter.address,
    clock: systemClock,
    signal: over.signal,
    settleMs: 0,
  });
  await expect.poll(() => squatter.heard()).toContain('/prove');
  over.abort(new Error('the launch is over'));
  await expect(listening).rejects.toThrow('the launch is over');
});

test.each([
  [process.execPath, 'nodejs/runtime.js'],
  ['python3', 'python/runtime.py'],
  [process.execPath, 'actionloop/runtime.js'],
])(
  'a runtime is there when it has proven itself, and then says how it stands: %s %s',
  async (program, script) => {
    const squatter = await openSquatter((socket) => socket.destroy());
    const { address } = squatter;
    const over = new AbortController();
    let isThere = false;
    const listening = awaitListening({
      ...address,
      clock: systemClock,
      signal: over.signal,
      settleMs: 0,
    }).then(() => (isThere = true));
    await expect.poll(() => squatter.sockets.size).toBeGreaterThan(1);
    expect(isThere).toBe(false);
    await squatter.close();
    startRuntime(program, script, address);
    await listening;
    const clock = new ManualClock();
    expect(await askStatus(address, clock)).toEqual({ initialised: false, running: 0 });
    expect(await askStatus({ ...address, token: 'another' }, clock)).toBeUndefined();
    expect(squatter.heard()).not.toContain(TOKEN);
  },
);
