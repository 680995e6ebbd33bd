import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { aMessage, anAction, aStored, ManualClock } from '@vibrissa/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createJob } from '../job.ts';
import { prepareAction } from '../resolve-action.ts';
import { ContainerClient } from './container-client.ts';
import { ContainerSession } from './init-and-run.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A container on another machine that takes a request and says nothing; `taken` settles when it has one. */
async function openSilent() {
  const sockets = new Set<Socket>();
  const clock = new ManualClock();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = once(server, 'connection').then(([socket]) => once(socket as Socket, 'data'));
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const client = ContainerClient.open({ address, clock, onBroken: () => {} });
  endings.push(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const exit = () => Promise.resolve(undefined);
  const session = new ContainerSession({ address, client, clock, exit });
  return { clock, server, session, taken };
}

const limits = { timeout: 300, memory: 256, logs: 10, concurrency: 1 };
const job = createJob(aMessage({}), prepareAction(aStored(anAction({ limits }))));
const answerLimits = { maxBytes: 1024, keepBytes: 1024 };

describe('an action whose time is up without an answer', () => {
  test('took too long, where its container can be reached', async () => {
    const { clock, session, taken } = await openSilent();
    const run = session.run(job, 'token', answerLimits);
    await taken;
    await clock.advance(limits.timeout);
    expect(await run).toMatchObject({ outcome: 'done', timedOut: true, response: { statusCode: 2 } });
  });

  test('is not to blame where its machine has gone silently: the connection still stands, and nobody takes another', async () => {
    const { clock, server, session, taken } = await openSilent();
    const run = session.run(job, 'token', answerLimits);
    await taken;
    server.close();
    await clock.advance(limits.timeout);
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
