import type { Socket } from 'node:net';
import {
  readTranscript,
  recordedConnections,
  transcriptNames,
  type RecordedExchange,
} from '@vibrissa/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpTransport } from '../../src/transport/http-transport.ts';
import type { CallAnswer, MasterConnection, StreamEnd } from '../../src/transport/transport.ts';
import type { FrameworkCall, MesosEvent, SubscribeCall } from '../../src/wire/index.ts';
import { callOf, header, recordedStreams, type RecordedStream } from './recorded-streams.ts';
import { ScriptedServer, writeApart } from './scripted-server.ts';

const subscribe: SubscribeCall = {
  type: 'SUBSCRIBE',
  subscribe: { framework_info: { user: 'root', name: 'played', roles: ['*'] } },
};
const revive: FrameworkCall = { type: 'REVIVE', framework_id: { value: 'played' } };

let server: ScriptedServer | undefined;
let connection: MasterConnection | undefined;

afterEach(async () => {
  connection?.close();
  await server?.close();
  server = connection = undefined;
});

/** What one subscription has told, in order. */
interface Told {
  readonly opened: string[];
  readonly events: MesosEvent[];
  readonly answers: CallAnswer[];
  readonly ends: StreamEnd[];
}

/** Subscribes and resolves when `enough`. */
function follow(url: string, enough: (told: Told) => boolean): Promise<Told> {
  const told: Told = { opened: [], events: [], answers: [], ends: [] };
  return new Promise((resolve) => {
    const check = () => {
      if (enough(told)) resolve(told);
    };
    const record = <Item>(list: Item[], item: Item) => {
      list.push(item);
      check();
    };
    connection = new HttpTransport().subscribe(url, subscribe, {
      onOpened: ({ streamId }) => record(told.opened, streamId),
      onAlive: () => {},
      onEvent: (event) => record(told.events, event),
      onAnswered: (answer) => record(told.answers, answer),
      onEnded: (end) => record(told.ends, end),
    });
  });
}

const streams = recordedStreams().filter(
  ({ exchange }) =>
    callOf(exchange)?.type === 'SUBSCRIBE' &&
    exchange.request?.path.includes('api/v1/scheduler') &&
    header(exchange, 'content-type') === 'application/json',
);

/** How the client must see that a recorded stream ended. */
function expectedEnd({ connection: recorded, exchange }: RecordedStream): StreamEnd['kind'] | undefined {
  if (exchange.complete) return 'ended';
  return recorded.closedBy === 'peer' ? 'unreachable' : undefined;
}

async function play(stream: RecordedStream, socket: Socket): Promise<void> {
  await writeApart(socket, stream.connection.reads);
  // The end of a stream leaves the connection open; the end of a master does not.
  if (expectedEnd(stream) === 'unreachable') socket.destroy();
}

describe('the transport and what a real master answered', () => {
  test.each(transcriptNames().filter((name) => streams.some((each) => each.transcript === name)))(
    '%s: each subscription tells its events in order, and its end as that of the response (O1, O3)',
    async (name) => {
      for (const stream of streams.filter((each) => each.transcript === name)) {
        server = await ScriptedServer.open((_request, socket) => play(stream, socket));
        const events = stream.exchange.records.map((record) => JSON.parse(record.toString()) as MesosEvent);
        const end = expectedEnd(stream);
        const told = await follow(
          server.url,
          ({ events: { length }, ends }) => ends.length > 0 || (!end && length === events.length),
        );
        expect(told.opened).toEqual([header(stream.exchange, 'mesos-stream-id')]);
        expect(told.events).toEqual(events);
        expect(told.ends.map((each) => each.kind)).toEqual(end ? [end] : []);
        connection?.close();
        await server.close();
      }
    },
  );

  test('each refusal of SUBSCRIBE is told with its status and its text (O2, O4, O8, O10)', async () => {
    const refusals = exchanges(
      (exchange) => callOf(exchange)?.type === 'SUBSCRIBE' && exchange.status >= 400,
    );
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([400, 401, 406, 415]));
    for (const refusal of refusals) {
      server = await ScriptedServer.open((_request, socket) => void socket.write(answerOf(refusal)));
      const told = await follow(server.url, ({ ends }) => ends.length > 0);
      expect(told.ends).toEqual([
        { kind: 'refused', status: refusal.status, text: refusal.body?.toString() },
      ]);
      expect(told.opened).toEqual([]);
      connection?.close();
      await server.close();
    }
  });

  test('a master that does not lead names the one that does (O9)', async () => {
    const redirects = exchanges(
      (exchange) => callOf(exchange)?.type === 'SUBSCRIBE' && exchange.status === 307,
    );
    expect(redirects.map((each) => header(each, 'location'))).toEqual([
      '//127.0.0.4:5050/master/api/v1/scheduler',
    ]);
    for (const redirect of redirects) {
      server = await ScriptedServer.open((_request, socket) => void socket.write(answerOf(redirect)));
      const told = await follow(server.url, ({ ends }) => ends.length > 0);
      expect(told.ends).toEqual([{ kind: 'redirected', leader: 'http://127.0.0.4:5050' }]);
      connection?.close();
      await server.close();
    }
  });

  test('calls are answered in order, each with what a real master said (O7, O8)', async () => {
    const answered = exchanges(
      (exchange) => callOf(exchange) !== undefined && callOf(exchange)?.type !== 'SUBSCRIBE',
    ).filter((exchange) => exchange.body !== undefined);
    const accepted = streams.find((each) => expectedEnd(each) === undefined);
    let next = 0;
    server = await ScriptedServer.open((request, socket) => {
      if (request.body.includes('"SUBSCRIBE"') && accepted) return play(accepted, socket);
      const answer = answered[next++];
      if (answer) socket.write(answerOf(answer));
      return undefined;
    });
    const told = await new Promise<Told>((resolve) => {
      const following = follow(server?.url ?? '', ({ answers }) => answers.length === answered.length);
      for (const index of answered.keys()) connection?.send(index, revive);
      void following.then(resolve);
    });
    expect(answered.length).toBeGreaterThan(400);
    expect(told.answers).toEqual(
      answered.map(({ status, body }, callId) => ({ callId, status, text: body?.toString() })),
    );
    const streamId = accepted && header(accepted.exchange, 'mesos-stream-id');
    const [first, ...others] = server.requests;
    expect(first?.headers['mesos-stream-id']).toBeUndefined();
    expect(new Set(others.map((each) => each.headers['mesos-stream-id']))).toEqual(new Set([streamId]));
  });
});

/** Answers of the scheduler's path that fit, of every transcript but the one with bodies in protobuf. */
function exchanges(fits: (exchange: RecordedExchange) => boolean): RecordedExchange[] {
  return transcriptNames()
    .filter((name) => name !== 's18-content-types')
    .flatMap((name) => recordedConnections(readTranscript(name)).flatMap((each) => each.exchanges))
    .filter(({ request }) => request?.path === '/api/v1/scheduler' && request.method === 'POST')
    .filter(fits);
}

/** The bytes of a response with a length. */
function answerOf({ status, headers, body }: RecordedExchange): Buffer {
  const head = [
    `HTTP/1.1 ${status} Recorded`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body ?? Buffer.alloc(0)]);
}
