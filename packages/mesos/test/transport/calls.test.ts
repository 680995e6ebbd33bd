import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ManualClock } from '@vibrissa/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { FrameworkCall } from '../../src/wire/index.ts';
import {
  accepting,
  aMaster,
  beginStream,
  closeMasters,
  frame,
  refusing,
  STREAM_ID,
  subscribed,
} from './scripted-master.ts';
import { closeConnections, revive, subscribe } from './told.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  closeConnections();
  for (const socket of sockets) socket.destroy();
  await closeMasters();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const framework_id = { value: 'F1' };
const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n';

/** A master's bare TCP side: `onCalls` gets the call connection and the bytes that came on it. */
async function aBareMaster(
  onCalls: (socket: Socket, text: string, connection: number) => void,
): Promise<string> {
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    let connection: number | undefined;
    socket.on('data', (data) => {
      const text = data.toString();
      if (text.includes('"SUBSCRIBE"')) {
        const record = frame(subscribed).toString();
        socket.write(
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nMesos-Stream-Id: ${STREAM_ID}\r\n` +
            `Content-Type: application/json\r\n\r\n${record.length.toString(16)}\r\n${record}\r\n`,
        );
      } else onCalls(socket, text, (connection ??= connections++));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('calls', () => {
  it('go on one connection of their own, with the id of the stream (#8)', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    connection.send(7, revive);
    await told.answered(1);
    connection.send(8, { type: 'SUPPRESS', framework_id });
    await told.answered(2);
    expect(told.answers).toEqual([
      { callId: 7, status: 202, text: '' },
      { callId: 8, status: 202, text: '' },
    ]);
    expect(master.received.map(({ type, connection: number }) => `${type} on ${number}`)).toEqual([
      'SUBSCRIBE on 0',
      'REVIVE on 1',
      'SUPPRESS on 1',
    ]);
    const call = master.received[1];
    expect(call?.headers).toMatchObject({ 'mesos-stream-id': STREAM_ID, 'content-type': 'application/json' });
    expect(JSON.parse(call?.text ?? '')).toEqual(revive);
  });

  it('keep their order, and so do their answers (#15)', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    const calls: FrameworkCall[] = [
      { type: 'DECLINE', framework_id, decline: { offer_ids: [{ value: 'O1' }] } },
      revive,
      { type: 'ACCEPT', framework_id, accept: { offer_ids: [{ value: 'O2' }], operations: [] } },
    ];
    const total = 3000;
    for (let id = 0; id < total; id++) connection.send(id, calls[id % 3] ?? revive);
    await told.answered(total);
    expect(told.answers.map(({ callId }) => callId)).toEqual(Array.from({ length: total }, (_, id) => id));
    expect(master.received.slice(1).map(({ type }) => type)).toEqual(
      Array.from({ length: total }, (_, id) => calls[id % 3]?.type),
    );
    expect(master.connections).toHaveLength(2);
  });

  it('are written without waiting for the answers to those before (O5)', async () => {
    const arrived: string[] = [];
    const url = await aBareMaster((socket, text) => {
      arrived.push(...(text.match(/"REVIVE"/g) ?? []));
      // Only all ten together are answered.
      if (arrived.length === 10) socket.write(accepted.repeat(10));
    });
    const { told, connection } = subscribe(url);
    await told.heard(1);
    for (let id = 0; id < 10; id++) connection.send(id, revive);
    await told.answered(10);
    expect(told.answers.map(({ callId, status }) => [callId, status])).toEqual(
      Array.from({ length: 10 }, (_, id) => [id, 202]),
    );
  });

  it('that are made before the stream stands leave when it does', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.all).toContain('answered 1: 202');
    expect(master.received.map(({ type }) => type)).toEqual(['SUBSCRIBE', 'REVIVE']);
  });

  it('may be made by whoever is told an event or an answer', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    told.onEach = () => connection.send(1, revive);
    await told.answered(1);
    expect(told.answers).toEqual([{ callId: 1, status: 202, text: '' }]);
  });

  it.each([
    [200, '', '(O7)'],
    [400, 'The stream ID included in this request did not match the stream ID currently associated', '(#8)'],
    [400, 'Framework cannot be found', '(O8)'],
    [403, 'Framework is not subscribed', '(O8)'],
    [503, 'No leader elected', '(#10)'],
  ])('are answered with the status and text of the master: %i %s %s', async (status, text) => {
    const master = await aMaster((request, response) => {
      if (request.type === 'SUBSCRIBE') beginStream(response).write(frame(subscribed));
      else refusing(status, text)(request, response);
    });
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    expect(told.answers).toEqual([{ callId: 1, status, text }]);
    expect(told.end).toBeUndefined();
  });

  it('are not redirected: a master that no longer leads says so (O9)', async () => {
    const master = await aMaster((request, response) => {
      if (request.type === 'SUBSCRIBE') beginStream(response).write(frame(subscribed));
      else response.writeHead(307, { Location: '//10.0.0.4:5050', 'Content-Length': 0 }).end();
    });
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    connection.send(1, revive);
    expect((await told.answered(1)).answers).toEqual([{ callId: 1, status: 307, text: '' }]);
  });

  it('carry large bodies', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    const data = 'ü'.repeat(400_000);
    const message = { agent_id: { value: 'S1' }, executor_id: { value: 'e' }, data };
    connection.send(1, { type: 'MESSAGE', framework_id, message });
    await told.answered(1);
    expect(JSON.parse(master.received[1]?.text ?? '')).toMatchObject({ message: { data } });
  });
});

describe('a call channel that breaks', () => {
  it('answers 0 to what was under way and behind it, in order, and sends none of it twice', async () => {
    const heard: string[] = [];
    const url = await aBareMaster((socket, text, connection) => {
      for (const call of text.match(/"\w+_?\w*","framework_id"/g) ?? []) heard.push(`${connection} ${call}`);
      if (connection > 0) return void socket.write(accepted);
      socket.write(accepted, () => socket.destroy());
    });
    const { told, connection } = subscribe(url);
    await told.heard(1);
    for (let id = 0; id < 1000; id++) connection.send(id, revive);
    await told.answered(1000);
    expect(told.answers.map(({ callId }) => callId)).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    expect(told.answers[0]?.status).toBe(202);
    expect(told.answers.slice(1).every(({ status, text }) => status === 0 && text.includes('closed'))).toBe(
      true,
    );
    connection.send(1000, { type: 'SUPPRESS', framework_id });
    await told.answered(1001);
    expect(told.answers.at(-1)).toMatchObject({ callId: 1000, status: 202 });
    expect(heard.filter((each) => each.startsWith('1'))).toEqual(['1 "SUPPRESS","framework_id"']);
    expect(told.end).toBeUndefined();
  });

  it('by a silent master answers 0 as well', async () => {
    let hear = () => {};
    const heard = new Promise<void>((resolve) => (hear = resolve));
    const url = await aBareMaster(() => hear());
    const clock = new ManualClock();
    const { told, connection } = subscribe(url, { clock });
    await told.heard(1);
    connection.send(1, revive);
    connection.send(2, revive);
    await heard;
    await clock.advance(29_000);
    expect(told.answers).toEqual([]);
    await clock.advance(10_000);
    await told.answered(2);
    expect(told.answers.map(({ callId, status }) => [callId, status])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('by an answer that is no HTTP answers 0 as well', async () => {
    const url = await aBareMaster((socket) => void socket.write('nonsense\r\n'));
    const { told, connection } = subscribe(url);
    await told.heard(1);
    connection.send(1, revive);
    expect((await told.answered(1)).answers).toMatchObject([{ callId: 1, status: 0 }]);
  });

  it('because it was idle is opened anew by the next call', async () => {
    const url = await aBareMaster((socket, _, connection) => {
      socket.write(accepted);
      if (connection === 0) socket.end();
    });
    const { told, connection } = subscribe(url);
    await told.heard(1);
    connection.send(1, revive);
    await told.answered(1);
    const [first] = [...sockets].slice(-1);
    if (first && !first.destroyed) await new Promise((resolve) => first.once('close', resolve));
    connection.send(2, revive);
    await told.answered(2);
    expect(told.answers.map(({ status }) => status)).toEqual([202, 202]);
  });
});

describe('the end of a stream', () => {
  it('that a TEARDOWN brings is told after its answer, though it comes first', async () => {
    let endStream = () => {};
    const master = await aMaster(({ type }, response) => {
      if (type === 'SUBSCRIBE') {
        beginStream(response).write(frame(subscribed));
        endStream = () => void response.end();
      } else {
        endStream();
        setTimeout(() => response.writeHead(202, { 'Content-Length': 0 }).end(), 50);
      }
    });
    // Its time stands still: the answer is waited for as long as this machine needs.
    const { told, connection } = subscribe(master.url, { clock: new ManualClock() });
    await told.heard(1);
    connection.send(1, { type: 'TEARDOWN', framework_id });
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'answered 1: 202', 'ended: ended']);
  });

  it('is told although a call is never answered', async () => {
    const master = await aMaster(({ type }, response) => {
      if (type === 'SUBSCRIBE') {
        beginStream(response).write(frame(subscribed));
        setTimeout(() => response.end(), 50);
      }
    });
    const { told, connection } = subscribe(master.url);
    await told.heard(1);
    connection.send(1, revive);
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'ended: ended']);
  });

  it('ends the call connection', async () => {
    let endStream = () => {};
    const master = await aMaster(({ type }, response) => {
      if (type !== 'SUBSCRIBE') return response.writeHead(202, { 'Content-Length': 0 }).end();
      beginStream(response).write(frame(subscribed));
      endStream = () => void response.end();
    });
    const { told, connection } = subscribe(master.url);
    connection.send(1, revive);
    await told.answered(1);
    endStream();
    await told.ended();
    for (const socket of master.connections)
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
    connection.send(2, revive);
    expect(told.all.at(-1)).toBe('ended: ended');
    expect(master.connections).toHaveLength(2);
  });
});
