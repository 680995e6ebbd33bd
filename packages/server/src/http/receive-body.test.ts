import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { HeldMemory } from './held-memory.ts';
import { receiveBody } from './receive-body.ts';

const KB = 1024;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const answerOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => resolve(bytes.toString().split('\r\n\r\n')[1] ?? ''));
    socket.on('close', () => resolve('closed'));
  });

interface Sent {
  readonly socket: Socket;
  /** `closed` where the connection ended without one. */
  readonly answer: Promise<string>;
}

async function open(maxHeldBytes: number) {
  const memory = new HeldMemory(maxHeldBytes);
  const visits: { readonly request: IncomingMessage; received: number }[] = [];
  const server = createServer((request, response) => {
    const visit = { request, received: 0 };
    visits.push(visit);
    request.on('data', (chunk: Buffer) => (visit.received += chunk.length));
    receiveBody(request, { maxBytes: 100 * KB, memory }, (body) =>
      response.end(typeof body === 'string' ? body : `${body?.length ?? 0} bytes`),
    );
  });
  closers.push(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  /** Sends `bytes` of `length`, and resolves when they were received; its answer is listened for from the beginning. */
  const send = async (length: number, bytes: number): Promise<Sent> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    closers.push(() => void socket.destroy());
    const answer = answerOf(socket);
    const before = visits.length;
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
    socket.write(Buffer.alloc(bytes));
    const isThere = (): boolean => {
      const visit = visits[before];
      return visit !== undefined && (visit.received === bytes || visit.request.destroyed);
    };
    while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
    return { socket, answer };
  };
  return { send };
}

it('bodies that are never sent to the end hold no more than they may: the oldest connection goes first', async () => {
  const { send } = await open(250 * KB);
  const slow = [await send(100 * KB, 99 * KB), await send(100 * KB, 99 * KB), await send(100 * KB, 99 * KB)];
  expect(await slow[0]!.answer).toBe('closed');
  slow[1]!.socket.write(Buffer.alloc(KB));
  slow[2]!.socket.write(Buffer.alloc(KB));
  expect(await Promise.all(slow.slice(1).map(({ answer }) => answer))).toEqual([
    '102400 bytes',
    '102400 bytes',
  ]);
});

it('bodies that have come hold nothing any more, and one alone may be larger', async () => {
  const { send } = await open(90 * KB);
  for (let round = 0; round < 5; round++) {
    const { socket, answer } = await send(100 * KB, 99 * KB);
    socket.write(Buffer.alloc(KB));
    expect(await answer).toBe('102400 bytes');
  }
});

it('a body that says it is too large is refused before it comes', async () => {
  const { send } = await open(KB);
  expect(await (await send(100 * KB + 1, 0)).answer).toBe('too large');
});
