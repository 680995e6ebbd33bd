import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  recordedConnections,
  readTranscript,
  transcriptNames,
  type RecordedConnection,
} from '@vibrissa/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { closeConnections, subscribe } from './told.ts';

const servers: Server[] = [];
afterEach(async () => {
  closeConnections();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Plays what a real master sent, read by read, to whoever connects. */
async function replay({ reads, closedBy }: RecordedConnection): Promise<string> {
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        const rest = [...reads];
        const next = () => {
          const bytes = rest.shift();
          // A turn between reads, so that they arrive as they were cut.
          if (bytes) socket.write(bytes, () => setImmediate(next));
          else if (closedBy === 'peer') socket.destroy();
        };
        next();
      });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A connection that begins with a SUBSCRIBE for JSON at the scheduler API, refused or not. */
function isSubscription({ exchanges: [first] }: RecordedConnection): boolean {
  const path = first?.request?.path;
  if (path !== '/api/v1/scheduler' && path !== '/master/api/v1/scheduler') return false;
  const asksFor = first?.request?.headers.find(([name]) => name.toLowerCase() === 'accept')?.[1];
  return /"type": ?"SUBSCRIBE"/.test(first?.request?.data ?? '') && asksFor === 'application/json';
}

const known = new Set([
  'SUBSCRIBED',
  'HEARTBEAT',
  'OFFERS',
  'RESCIND',
  'UPDATE',
  'UPDATE_OPERATION_STATUS',
  'INVERSE_OFFERS',
  'RESCIND_INVERSE_OFFER',
  'MESSAGE',
  'FAILURE',
  'ERROR',
]);

const subscriptions = transcriptNames().flatMap((name) =>
  recordedConnections(readTranscript(name))
    .filter(isSubscription)
    .map((connection, index) => [`${name}, ${connection.label} ${index}`, connection] as const),
);

describe('what a real master sent', () => {
  it('is in the transcripts', () => {
    expect(subscriptions.length).toBeGreaterThan(60);
  });

  it.each(subscriptions)('is told as it was: %s (O3)', async (_, connection) => {
    const [exchange] = connection.exchanges;
    if (!exchange) throw new Error('no exchange');
    const records = exchange.records.map((record) => JSON.parse(record.toString()) as { type: string });
    expect(records.every(({ type }) => known.has(type))).toBe(true);
    const { told } = subscribe(await replay(connection));
    await told.heard(records.length);
    expect(told.events).toEqual(records);
    if (exchange.status === 200) {
      if (exchange.complete || connection.closedBy === 'peer') await told.ended();
      expect(told.end?.kind).toBe(
        exchange.complete ? 'ended' : connection.closedBy === 'peer' ? 'unreachable' : undefined,
      );
      expect(told.streamId).toBe(exchange.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1]);
      return;
    }
    await told.ended();
    if (exchange.status === 307) expect(told.end?.kind).toBe('redirected');
    else {
      const text = exchange.body?.toString() ?? '';
      expect(told.end).toEqual({ kind: 'refused', status: exchange.status, text });
    }
  });

  it('at a mistyped path, which is the operator API, is garbage (O6)', async () => {
    const operator = recordedConnections(readTranscript('s14')).find(
      ({ exchanges: [first] }) => first?.request?.path === '/api/v1/nope',
    );
    if (!operator) throw new Error('no such exchange');
    const { told } = subscribe(await replay(operator));
    await told.ended();
    expect(told.all).toEqual(['ended: garbage']);
  });
});
