import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { UnsentAnswers, type UnsentAnswersOptions } from './unsent-answers.ts';

const MB = 1024 * 1024;
const sockets: Socket[] = [];
const closers: (() => void)[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const close of closers.splice(0)) close();
});

/** Answers each request with `bytes`; `visit` sends `requests` of them on one connection, and reads nothing before it is told to. */
async function open(bytes: number, options: UnsentAnswersOptions) {
  const unsent = new UnsentAnswers(options);
  const answers: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    answers.push(response);
    response.end(Buffer.alloc(bytes));
    unsent.add(response);
  });
  closers.push(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const visit = async (
    requests = 1,
  ): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> => {
    const socket = connect(port, '127.0.0.1')
      .pause()
      .on('error', () => {});
    sockets.push(socket);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const before = answers.length;
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests));
    while (answers.length < before + requests) await new Promise((resolve) => setImmediate(resolve));
    return { socket, closed };
  };
  return { visit, answers };
}

async function bytesRead(socket: Socket): Promise<number> {
  let bytes = 0;
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes >= 20 * MB) resolve();
    });
    socket.resume();
  });
  return bytes;
}

it('a client that takes nothing of a large answer is cut off', async () => {
  const { visit, answers } = await open(20 * MB, { stallMs: 50 });
  const { socket, closed } = await visit();
  await new Promise((resolve) => answers[0]!.once('close', resolve));
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
  await closed;
  expect(bytes).toBeLessThan(20 * MB);
});

it('answers that nobody takes hold no more than they may together: the oldest goes first', async () => {
  const { visit, answers } = await open(20 * MB, { maxBytes: 50 * MB });
  const all = [await visit(), await visit(), await visit()];
  await new Promise((resolve) => answers[0]!.once('close', resolve));
  expect(answers.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(await bytesRead(all[2]!.socket)).toBeGreaterThanOrEqual(20 * MB);
});

it('nor do those that wait behind one another on a connection, where they are alone', async () => {
  const { visit } = await open(20 * MB, { maxBytes: 50 * MB });
  const { socket, closed } = await visit(4);
  socket.resume();
  await closed;
  expect(socket.bytesRead).toBeLessThan(60 * MB);
});

it('who has taken everything is not cut off for others', async () => {
  const { visit, answers } = await open(20 * MB, { maxBytes: 50 * MB });
  const { socket } = await visit();
  expect(await bytesRead(socket)).toBeGreaterThanOrEqual(20 * MB);
  await visit(2);
  await visit(1);
  await new Promise((resolve) => answers[1]!.once('close', resolve));
  expect(socket.destroyed).toBe(false);
});

it('a single answer may be larger than all may be together, and small ones are not looked at', async () => {
  const large = await open(20 * MB, { maxBytes: 1 });
  expect(await bytesRead((await large.visit()).socket)).toBeGreaterThanOrEqual(20 * MB);
  const small = await open(10, { maxBytes: 1 });
  const { socket } = await small.visit(3);
  const text = await new Promise<string>((resolve) => {
    let read = '';
    socket.on('data', (chunk: Buffer) => {
      read += chunk.toString('latin1');
      if (read.split('HTTP/1.1 200').length === 4) resolve(read);
    });
    socket.resume();
  });
  expect(text).toContain('Content-Length: 10');
});
