import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiRelay } from './api-relay.ts';

const directory = mkdtempSync(join(tmpdir(), 'vibrissa-relay-'));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

/** The first byte that a connection brings, or `closed`. */
function firstOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('data', (bytes) => resolve(bytes.toString()));
    socket.on('error', () => {}).on('close', () => resolve('closed'));
  });
}

test('connections beyond the most are closed, and there is room again when one ends', async () => {
  const target = join(directory, 'api.sock');
  const api = createServer((socket) => void socket.on('error', () => {}).write('!'));
  await new Promise<void>((resolve) => api.listen(target, resolve));
  closing.push(() => api.close());
  const relay = await ApiRelay.open(join(directory, 'relay.sock'), target, 2);
  closing.push(() => relay.close());
  const dial = () => {
    const socket = connect(relay.path);
    closing.push(() => socket.destroy());
    return socket;
  };
  const first = dial();
  expect(await firstOf(first)).toBe('!');
  expect(await firstOf(dial())).toBe('!');
  expect(await firstOf(dial())).toBe('closed');
  first.destroy();
  let again = 'closed';
  while (again === 'closed') again = await firstOf(dial());
  expect(again).toBe('!');
});
