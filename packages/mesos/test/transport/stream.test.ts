import { ManualClock } from '@vibrissa/testkit';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Deferred } from '../../src/transport/detectors/deferred.ts';
import { MasterUnreachable, NotAMaster } from '../../src/transport/transport-error.ts';
import { encodeRecord } from '../../src/wire/index.ts';
import {
  accepting,
  aMaster,
  anUpdate,
  beginStream,
  closeMasters,
  frame,
  heartbeat,
  refusing,
  STREAM_ID,
  subscribed,
} from './scripted-master.ts';
import { closeConnections, subscribe, subscribeCall } from './told.ts';

const servers: { server: Server; sockets: Set<Socket> }[] = [];

/** A server that is no HTTP server. */
async function aServer(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer(onConnection);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  closeConnections();
  await closeMasters();
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

const head = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nMesos-Stream-Id: ${STREAM_ID}\r\nContent-Type: application/json\r\n\r\n`;

describe('SUBSCRIBE', () => {
  it('is posted to the scheduler API as JSON, without a stream id (#7)', async () => {
    const master = await aMaster(accepting(subscribed));
    const { told } = subscribe(master.url);
    await told.heard(1);
    const [request] = master.received;
    expect(request).toMatchObject({ method: 'POST', path: '/api/v1/scheduler' });
    // Any parameter, such as a charset, would be answered with 415.
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers['accept']).toBe('application/json');
    expect(request?.headers['user-agent']).toBe('vibrissa-mesos');
    expect(request?.headers['mesos-stream-id']).toBeUndefined();
    expect(JSON.parse(request?.text ?? '')).toEqual(subscribeCall);
    expect(told.streamId).toBe(STREAM_ID);
  });

  it('tells events in order, whatever of them shares a chunk (O3)', async () => {
    const master = await aMaster(accepting(subscribed, heartbeat, anUpdate('a'), anUpdate('b'), heartbeat));
    const { told } = subscribe(master.url);
    await told.heard(5);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'HEARTBEAT', 'UPDATE', 'UPDATE', 'HEARTBEAT']);
    expect(told.events[3]).toEqual(anUpdate('b'));
    expect(told.signsOfLife).toBeGreaterThan(0);
  });

  it('tells the same events when the master writes them byte by byte (#1)', async () => {
    const text = { type: 'ERROR', error: { message: 'zwölf\n\n√ 🐟' } };
    const master = await aMaster((_, response) => {
      beginStream(response);
      for (const byte of frame(subscribed, text)) response.write(Buffer.of(byte));
    });
    const { told } = subscribe(master.url);
    await told.heard(2);
    expect(told.events).toEqual([subscribed, text]);
  });

  it('takes the last chunk for the end of the stream, though the connection stays open (O1)', async () => {
    const master = await aMaster((_, response) => {
      beginStream(response).end(
        frame(subscribed, { type: 'ERROR', error: { message: 'Framework failed over' } }),
      );
    });
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'ERROR', 'ended: ended']);
    // It was the master that left the connection open, and is this side that closes it.
    const [socket] = master.connections;
    if (socket && !socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  });

  it('passes on a refusal that comes as an ERROR event with status 200 (O2)', async () => {
    const error = { type: 'ERROR', error: { message: 'Framework has been removed' } };
    const master = await aMaster((_, response) => void beginStream(response).end(frame(error)));
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['opened', 'ERROR', 'ended: ended']);
    expect(told.events).toEqual([error]);
  });

  it.each([
    [400, 'Failed to validate scheduler::Call: Expecting stream id not to be set', '(#7)'],
    [
      400,
      "Failed to validate scheduler::Call: Authenticated principal 'fw' does not match principal 'other' set in `FrameworkInfo`",
      '(#13)',
    ],
    [503, 'No leader elected', '(#10)'],
    [404, '', '(#11)'],
    [401, '401 Unauthorized.', '(O2)'],
    [415, "Expecting 'Content-Type' of application/json or application/x-protobuf", '(O4)'],
  ])('tells a refusal with %i and its text: %s %s', async (status, text) => {
    const master = await aMaster(refusing(status, text));
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['ended: refused']);
    expect(told.end).toEqual({ kind: 'refused', status, text });
  });

  it('is accepted at the next attempt by a master that leads by then (#10)', async () => {
    let hasLeader = false;
    const master = await aMaster((request, response) => {
      (hasLeader ? accepting(subscribed) : refusing(503, 'No leader elected'))(request, response);
    });
    expect((await subscribe(master.url).told.ended()).end).toMatchObject({ kind: 'refused', status: 503 });
    hasLeader = true;
    expect((await subscribe(master.url).told.heard(1)).events).toEqual([subscribed]);
  });

  it('tells 4 KiB of a long text, and does not wait for the rest', async () => {
    const master = await aMaster((_, response) => {
      response.writeHead(500, { 'Content-Type': 'text/html' }).write('x'.repeat(10_000));
    });
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.end).toEqual({ kind: 'refused', status: 500, text: 'x'.repeat(4096) });
  });

  it('tells a refusal whose text never comes', async () => {
    const master = await aMaster((_, response) => {
      response.writeHead(503, { 'Content-Length': 100 }).write('No lea');
    });
    const clock = new ManualClock();
    const { told } = subscribe(master.url, { clock, answerTimeoutMs: 7000 });
    // Head and text come in one piece; from then on the rest is waited for.
    while (master.received.length === 0 || clock.pendingTimers === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(6999);
    expect(told.all).toEqual([]);
    await clock.advance(1);
    await told.ended();
    expect(told.end).toEqual({ kind: 'refused', status: 503, text: 'No lea' });
  });
});

describe('a redirect', () => {
  it.each([
    ['//10.0.0.4:5050/master/api/v1/scheduler', 'http://10.0.0.4:5050', '(O9)'],
    ['//10.0.0.4:5050', 'http://10.0.0.4:5050', '(O9)'],
    ['10.0.0.4:5050', 'http://10.0.0.4:5050', '(#9)'],
    ['leader.mesos:5050/api/v1/scheduler', 'http://leader.mesos:5050', '(#9)'],
    ['http://10.0.0.4:5050/api/v1/scheduler', 'http://10.0.0.4:5050', '(#9)'],
    ['https://10.0.0.4:5050/api/v1/scheduler', 'https://10.0.0.4:5050', '(#9)'],
  ])('to %s names the leader %s %s', async (location, leader) => {
    const master = await aMaster((_, response) => void response.writeHead(307, { Location: location }).end());
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['ended: redirected']);
    expect(told.end).toEqual({ kind: 'redirected', leader });
  });

  it('to itself is told as any other: who follows redirects counts them (#9)', async () => {
    const master = await aMaster((request, response) => {
      const location = `//${String(request.headers['host'])}/master/api/v1/scheduler`;
      response.writeHead(307, { Location: location, 'Content-Length': 0 }).end();
    });
    const { told } = subscribe(master.url);
    expect((await told.ended()).end).toEqual({ kind: 'redirected', leader: master.url });
  });

  it.each([['/master/api/v1/scheduler'], [''], ['ftp://10.0.0.4/'], ['//']])(
    "to '%s' leads to no master",
    async (location) => {
      const master = await aMaster(
        (_, response) => void response.writeHead(307, { Location: location }).end(),
      );
      const { told } = subscribe(master.url);
      await told.ended();
      expect(told.end?.kind).toBe('garbage');
    },
  );
});

describe('what is no stream of a master', () => {
  it.each([
    [
      'another content type (#6)',
      { 'Mesos-Stream-Id': 'x', 'Content-Type': 'text/html' },
      /content type text\/html/,
    ],
    ['no content type (#6)', { 'Mesos-Stream-Id': 'x' }, /has no content type instead/],
    ['protobuf (#6)', { 'Mesos-Stream-Id': 'x', 'Content-Type': 'application/x-protobuf' }, /x-protobuf/],
    ['no stream id (O6)', { 'Content-Type': 'application/json' }, /no Mesos-Stream-Id/],
  ])('is told as garbage: %s', async (_, headers, message) => {
    const master = await aMaster(
      (__, response) => void response.writeHead(200, headers).write('20\n{"type":"HEARTBEAT"}'),
    );
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['ended: garbage']);
    expect(told.end).toMatchObject({ error: expect.any(NotAMaster) as unknown });
    expect(told.end).toMatchObject({ error: { message: expect.stringMatching(message) as unknown } });
  });

  it.each([
    [
      'an operator event',
      { type: 'SUBSCRIBED', subscribed: { get_state: {} } },
      /framework_id of SUBSCRIBED/,
    ],
    ['an event of another API', { type: 'TASK_ADDED', task_added: {} }, /first event is of an unknown type/],
    ['an event out of turn', heartbeat, /first event is HEARTBEAT/],
  ])('is told as garbage: a stream that begins with %s (O6)', async (_, event, message) => {
    const master = await aMaster(accepting(event));
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['opened', 'ended: garbage']);
    expect(told.end).toMatchObject({ error: { message: expect.stringMatching(message) as unknown } });
  });

  it.each([
    ['a length of letters', Buffer.from('hello world'), /no RecordIO/],
    ['an oversized length', Buffer.from('99999999\n'), /over the maximum/],
    ['a record that is no JSON', encodeRecord('{"type":'), /no JSON/],
    ['an event without its fields', encodeRecord('{"type":"UPDATE"}'), /UPDATE must be an object/],
  ])('is told as garbage after the events before it: %s (#4)', async (_, bytes, message) => {
    const master = await aMaster((__, response) => {
      beginStream(response).write(Buffer.concat([frame(subscribed, heartbeat), bytes]));
    });
    const { told } = subscribe(master.url, { maxRecordBytes: 1_000_000 });
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'HEARTBEAT', 'ended: garbage']);
    expect(told.end).toMatchObject({ error: { message: expect.stringMatching(message) as unknown } });
    const [socket] = master.connections;
    if (socket && !socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  });

  it('skips empty records and events that it does not know, once the stream has begun (#4)', async () => {
    const master = await aMaster((_, response) => {
      const unknown = { type: 'UPDATE_OF_THE_FUTURE', x: 1 };
      beginStream(response).write(
        Buffer.concat([Buffer.from('0\n\n\n'), frame(subscribed, unknown, heartbeat)]),
      );
    });
    const { told } = subscribe(master.url);
    await told.heard(2);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'HEARTBEAT']);
  });

  it('is told as garbage: an end in good order in the middle of a record (#5)', async () => {
    const master = await aMaster((_, response) => {
      beginStream(response).end(Buffer.concat([frame(subscribed), Buffer.from('20\n{"type":')]));
    });
    const { told } = subscribe(master.url);
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'ended: garbage']);
  });

  it('is told as garbage: a server that does not speak HTTP', async () => {
    const url = await aServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
    const { told } = subscribe(url);
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'garbage',
      error: { message: expect.stringMatching(/no HTTP/) as unknown },
    });
  });

  it('is told as garbage: chunks whose sizes are none', async () => {
    const url = await aServer((socket) => void socket.write(`${head}zz\r\n`));
    const { told } = subscribe(url);
    expect((await told.ended()).all).toEqual(['opened', 'ended: garbage']);
  });
});

describe('a connection', () => {
  it('that breaks in the middle of a record is unreachable (#5)', async () => {
    const url = await aServer((socket) => {
      const part = frame(subscribed, heartbeat).subarray(0, -5);
      socket.write(`${head}${part.length.toString(16)}\r\n${part.toString()}\r\n`, () => socket.destroy());
    });
    const { told } = subscribe(url);
    await told.ended();
    expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'ended: unreachable']);
    expect(told.end).toMatchObject({ error: expect.any(MasterUnreachable) as unknown });
  });

  it('that nobody takes is unreachable, and the error says what to look at', async () => {
    // A port that nobody is given.
    const { told } = subscribe('http://127.0.0.1:1');
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'unreachable',
      error: {
        code: 'ECONNREFUSED',
        message: expect.stringContaining('Nothing listens at http://127.0.0.1:1') as unknown,
      },
    });
  });

  it('to a name that does not exist is unreachable', async () => {
    const { told } = subscribe('http://no-such-master.invalid:5050');
    await told.ended();
    expect(told.end).toMatchObject({
      kind: 'unreachable',
      error: { code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as unknown },
    });
  });

  it('to what is no address is unreachable', async () => {
    const { told } = subscribe('http://a b:5050');
    await told.ended();
    expect(told.end).toMatchObject({ kind: 'unreachable', error: { master: 'http://a b:5050' } });
  });

  it('that is closed at once is unreachable', async () => {
    const url = await aServer((socket) => void socket.end());
    expect((await subscribe(url).told.ended()).end).toMatchObject({
      kind: 'unreachable',
      error: { message: expect.stringContaining('closed the connection') as unknown },
    });
  });

  it('that is taken and never answered is given up', async () => {
    const url = await aServer(() => undefined);
    const { told } = subscribe(url, { answerTimeoutMs: 100 });
    await told.ended();
    expect(told.end).toMatchObject({ kind: 'unreachable', error: { code: 'UND_ERR_HEADERS_TIMEOUT' } });
  });

  it('whose stream has fallen silent is left to who watches it, and is gone when that one closes it (#18)', async () => {
    const master = await aMaster(accepting(subscribed));
    const clock = new ManualClock();
    const { told, connection } = subscribe(master.url, { clock });
    await told.heard(1);
    const [socket] = master.connections;
    const isGone = new Promise((resolve) => socket?.once('close', resolve));
    await clock.advance(3_600_000);
    expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
    connection.close();
    connection.close();
    await isGone;
    expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
  });

  it('tells nothing after it was closed, not even what had come', async () => {
    const master = await aMaster(accepting(subscribed, heartbeat, heartbeat));
    const { told, connection } = subscribe(master.url);
    told.onEach = () => connection.close();
    await told.heard(1);
    await new Promise((resolve) => master.connections[0]?.once('close', resolve));
    expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
  });

  it('that is taken and never becomes TLS is given up in time', async () => {
    const clock = new ManualClock();
    const accepted = new Deferred<unknown>();
    const url = await aServer(() => accepted.resolve(true));
    const { told } = subscribe(url.replace('http:', 'https:'), { clock, connectTimeoutMs: 7000 });
    await accepted.promise;
    await clock.advance(6999);
    expect(told.all).toEqual([]);
    await clock.advance(1);
    await told.ended();
    expect(told.end).toMatchObject({ kind: 'unreachable', error: { code: 'CONNECT_TIMEOUT' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer and no socket when it is closed half way', async () => {
    const clock = new ManualClock();
    const closed = new Deferred<unknown>();
    const accepted = new Deferred<unknown>();
    const url = await aServer((socket) => {
      socket.once('close', closed.resolve);
      accepted.resolve(true);
    });
    const { told, connection } = subscribe(url.replace('http:', 'https:'), { clock });
    await accepted.promise;
    connection.close();
    await closed.promise;
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
    expect(told.all).toEqual([]);
  });

  it('can be closed while it is made', async () => {
    let accepted = 0;
    const url = await aServer(() => (accepted += 1));
    const { told, connection } = subscribe(url);
    connection.close();
    const second = subscribe(url);
    await new Promise<void>((resolve) => {
      const look = () => (accepted > 0 ? resolve() : void setImmediate(look));
      look();
    });
    second.connection.close();
    expect(told.all).toEqual([]);
  });
});
