import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { randomIds } from '../base/ids.ts';
import { systemClock } from '../base/clock.ts';
import { noTrails } from '../base/trail.ts';
import { createServer } from './create-server.ts';
import { pino } from 'pino';

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('data', (bytes) => resolve(bytes.toString()));
    socket.on('error', () => {}).on('close', () => resolve('closed'));
  });
}

test('connections that say nothing leave room for nobody else than their listener', async () => {
  const app = createServer({
    clock: systemClock,
    ids: randomIds,
    logger: pino({ level: 'silent' }),
    trails: noTrails,
    trust: 'no-peer',
    authentication: { authenticate: () => 'missing' },
    routes: [],
    maxConnections: 2,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const sockets = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
  const answers = sockets.map(answerOf);
  expect(await answers[2]).toBe('closed');
  sockets[0]?.write('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await answers[0]).toMatch(/^HTTP\/1\.1 404 /);
  for (const socket of sockets) socket.destroy();
  await app.close();
});
