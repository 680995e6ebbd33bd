import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { aMessage, anAction, aStored } from '@vibrissa/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createJob } from '../job.ts';
import { prepareAction } from '../resolve-action.ts';
import { ContainerClient } from './container-client.ts';
import { ContainerSession } from './init-and-run.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A container on another machine that takes a request and says nothing. */
async function openSilent() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const client = ContainerClient.open({ address, clock: systemClock, onBroken: () => {} });
  endings.push(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const exit = () => Promise.resolve(undefined);
  const session = new ContainerSession({ address, client, clock: systemClock, exit });
  return { server, session };
}

const limits = { timeout: 300, memory: 256, logs: 10, concurrency: 1 };
const job = createJob(aMessage({}), prepareAction(aStored(anAction({ limits }))));
const taken = { maxBytes: 1024, keepBytes: 1024 };

describe('an action whose time is up without an answer', () => {
  test('took too long, where its container can be reached', async () => {
    const { session } = await openSilent();
    const step = await session.run(job, 'token', taken);
    expect(step).toMatchObject({ outcome: 'done', timedOut: true, response: { statusCode: 2 } });
  });

  test('is not to blame where its machine has gone silently: the connection still stands, and nobody takes another', async () => {
    const { server, session } = await openSilent();
    const connected = once(server, 'connection');
    const run = session.run(job, 'token', taken);
    await connected;
    server.close();
    expect(await run).toMatchObject({
      outcome: 'done',
      timedOut: false,
      answered: false,
      response: {
        statusCode: 3,
        resultJson: expect.stringContaining('could not be reached any more') as string,
      },
    });
  });
});
