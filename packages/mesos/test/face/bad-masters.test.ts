import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ManualClock } from '@vibrissa/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';

import { systemClock } from '../../src/base/clock.ts';
import { MesosScheduler, type Clock, type Notice, type SchedulerOptions } from '../../src/index.ts';

/** A port that nobody is given, and where nothing listens. */
const nowhere = 'http://127.0.0.1:1';

/** A real server at a port of this machine. */
async function serve(listener: RequestListener, track: (socket: Socket) => void = () => {}): Promise<string> {
  const server = createServer(listener).on('connection', track).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(masters: string | readonly string[], change: Partial<SchedulerOptions> = {}) {
  const notices: Notice[] = [];
  const scheduler = await MesosScheduler.open({
    masters,
    framework: { name: 'test' },
    timeouts: { backoffMinMs: 1, backoffMaxMs: 20 },
    onNotice: (notice) => void notices.push(notice),
    ...change,
  });
  onTestFinished(() => scheduler.close());
  return { scheduler, notices };
}

function record(event: object): string {
  const json = JSON.stringify(event);
  return `${Buffer.byteLength(json)}\n${json}`;
}

const subscribed = record({
  type: 'SUBSCRIBED',
  subscribed: { framework_id: { value: 'fw' }, heartbeat_interval_seconds: 15, master_info: { id: 'm' } },
});

const streamHead = { 'Content-Type': 'application/json', 'Mesos-Stream-Id': 'stream' };

/** Resolves with the first notice of a kind. */
function noticeOf(scheduler: MesosScheduler, kind: Notice['kind']): Promise<Notice> {
  return new Promise((resolve) => {
    const stop = scheduler.onNotice((notice) => {
      if (notice.kind !== kind) return;
      stop();
      resolve(notice);
    });
  });
}

describe('addresses that lead to no master', () => {
  test('nothing listens there: attempts go on, and a deadline says why they fail', async () => {
    const clock = new ManualClock();
    const { scheduler } = await open(nowhere, { clock });
    const lost = noticeOf(scheduler, 'lost');
    const subscribing = scheduler.subscribe({ withinMs: 200 });
    expect(await lost).toMatchObject({ reason: expect.stringContaining(`Nothing listens at ${nowhere}`) });
    await clock.advance(200);
    await expect(subscribing).rejects.toMatchObject({
      code: 'NO_MASTER',
      message: expect.stringContaining('Nothing listens at'),
    });
  });

  test.each([
    ['a page', 200, 'text/html', '<html>welcome</html>'],
    ['a page that does not exist', 404, 'text/html', '<html>no such page</html>'],
    ['another API', 200, 'application/json', '{"status":"ok"}'],
    ['a server without POST', 405, 'text/plain', 'method not allowed'],
  ])('%s is no Mesos: it is told at once', async (_, status, type, body) => {
    const url = await serve(
      (_request, response) => void response.writeHead(status, { 'Content-Type': type }).end(body),
    );
    const { scheduler } = await open(url);
    const error = await scheduler.subscribe().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NOT_A_MESOS_MASTER' });
    expect((error as Error).message).toContain(url);
  });

  test('a master that sends garbage is told as no Mesos, when it goes on doing so', async () => {
    let attempts = 0;
    const url = await serve((_request, response) => {
      attempts += 1;
      response.writeHead(200, streamHead).write('this is no record\n');
    });
    const { scheduler } = await open(url);
    await expect(scheduler.subscribe()).rejects.toMatchObject({ code: 'NOT_A_MESOS_MASTER' });
    expect(attempts).toBe(3);
  });

  test('a master that breaks off in the middle of a record is subscribed again (#5)', async () => {
    let attempts = 0;
    const url = await serve((_request, response) => {
      attempts += 1;
      response.writeHead(200, streamHead);
      if (attempts === 1) response.end(subscribed.slice(0, 40));
      else response.write(subscribed);
    });
    const { scheduler, notices } = await open(url);
    expect(await scheduler.subscribe()).toBe('fw');
    expect(notices.map(({ kind }) => kind)).toEqual(['lost', 'subscribed']);
    expect(notices[0]).toMatchObject({ reason: expect.stringContaining('in the middle of a record') });
  });

  test('garbage after SUBSCRIBED ends that subscription, and the next one is looked for', async () => {
    let attempts = 0;
    const url = await serve((_request, response) => {
      attempts += 1;
      response.writeHead(200, streamHead).write(subscribed);
      if (attempts === 1) setImmediate(() => response.write('x\n'));
    });
    const { scheduler } = await open(url);
    const lost = noticeOf(scheduler, 'lost');
    await scheduler.subscribe();
    await lost;
    expect(await scheduler.subscribe()).toBe('fw');
    expect(attempts).toBe(2);
  });
});

describe('credentials', () => {
  const basic = `Basic ${Buffer.from('fw:secret').toString('base64')}`;
  const guarded: RequestListener = (request, response) => {
    if (request.headers.authorization === basic) response.writeHead(200, streamHead).write(subscribed);
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="m"' }).end('401 Unauthorized.');
  };

  test('that are missing or wrong are told, and never shown (#12)', async () => {
    const url = await serve(guarded);
    for (const auth of [undefined, { principal: 'fw', secret: 'wrong-secret' }]) {
      const { scheduler, notices } = await open(url, auth ? { auth } : {});
      const error = await scheduler.subscribe().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'WRONG_CREDENTIALS' });
      expect(JSON.stringify([notices, String(error)])).not.toContain('wrong-secret');
    }
  });

  test('that are right subscribe', async () => {
    const { scheduler } = await open(await serve(guarded), { auth: { principal: 'fw', secret: 'secret' } });
    expect(await scheduler.subscribe()).toBe('fw');
  });
});

test('after close no socket and no timer of the scheduler is left, whatever it was doing', async () => {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => void sockets.add(socket.once('close', () => sockets.delete(socket)));
  const steady = await serve(
    (_request, response) => void response.writeHead(200, streamHead).write(subscribed),
    track,
  );
  const silent = await serve(() => {}, track);
  let timers = 0;
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => {
      timers += 1;
      let isOver = false;
      const end = () => {
        if (!isOver) timers -= 1;
        isOver = true;
      };
      const timer = systemClock.after(delayMs, () => (end(), run()));
      return { cancel: () => (end(), timer.cancel()) };
    },
  };
  for (const masters of [steady, silent, nowhere]) {
    const { scheduler } = await open(masters, { clock });
    const isBusy =
      masters === silent ? undefined : noticeOf(scheduler, masters === steady ? 'subscribed' : 'lost');
    void scheduler.subscribe({ withinMs: 60_000 });
    scheduler.submit({ command: 'true', cpus: 1, memoryMb: 32 });
    await isBusy;
    expect(timers).toBeGreaterThan(0);
    await scheduler.close();
    expect(timers).toBe(0);
  }
  while (sockets.size > 0) await once([...sockets][0]!, 'close');
});
