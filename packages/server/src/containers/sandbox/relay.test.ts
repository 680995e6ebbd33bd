import { ManualClock } from '@vibrissa/testkit';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Relay } from './relay.ts';

const directory = mkdtempSync(join(tmpdir(), 'vibrissa-heads-'));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

/** To a server that sends back what it gets. */
async function openRelay(clock: ManualClock) {
  const [target, path] = [join(directory, 'echo.sock'), join(directory, 'relay.sock')];
  const echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket)).listen(target);
  await once(echo, 'listening');
  closing.push(() => echo.close());
  const relay = await Relay.open({
    listen: { path },
    connect: () => connect({ path: target, allowHalfOpen: true }),
    maxConnections: 100,
    head: { withinMs: 10_000, clock },
  });
  closing.push(() => relay.close());
  /** Sends the pieces one by one, each when the former is back. */
  return async (...pieces: string[]): Promise<Socket> => {
    const socket = connect(path);
    closing.push(() => socket.destroy());
    await once(socket, 'connect');
    for (const piece of pieces) {
      const back = once(socket, 'data');
      socket.write(piece);
      await back;
    }
    return socket;
  };
}

test('connections that bring no whole head in time are closed, and others stay', async () => {
  const clock = new ManualClock();
  const dial = await openRelay(clock);
  const whole = await dial('POST /run HTTP/1.1\r\nA: 1\r\n\r', '\nbody');
  const unfinished = await dial('POST /run HTTP/1.1\r\nA: 1\r\n', 'B: 2\r\n');
  await clock.advance(9_999);
  expect(unfinished.closed).toBe(false);
  const closed = once(unfinished, 'close');
  await clock.advance(1);
  await closed;
  const back = once(whole, 'data');
  whole.write('more');
  expect(String((await back)[0])).toBe('more');
  expect(clock.pendingTimers).toBe(0);
});
