import { afterEach, describe, expect, test } from 'vitest';

import { MesosScheduler, type Notice, type SchedulerOptions } from '../../src/index.ts';
import { makeCertificates } from './certificates.ts';
import { accepting, aMaster, closeMasters, subscribed, type ScriptedMaster } from './scripted-master.ts';

const opened: MesosScheduler[] = [];

afterEach(async () => {
  for (const scheduler of opened.splice(0)) await scheduler.close();
  await closeMasters();
});

/** A master that names another one as its leader, which may be opened later. */
function redirecting(
  leader: () => ScriptedMaster | undefined,
  tls?: Parameters<typeof ScriptedMaster.open>[1],
): Promise<ScriptedMaster> {
  return aMaster((_, response) => {
    response.writeHead(307, { Location: leader()?.url, 'Content-Length': 0 }).end();
  }, tls);
}

async function open(options: Pick<SchedulerOptions, 'masters'> & Partial<SchedulerOptions>) {
  const scheduler = await MesosScheduler.open({ framework: { name: 'test' }, ...options });
  opened.push(scheduler);
  return scheduler;
}

/** Why the first round over all masters has come to nothing. */
async function reasonOf(options: Parameters<typeof open>[0]): Promise<string> {
  const scheduler = await open(options);
  const lost = new Promise<Notice>((resolve) => {
    scheduler.onNotice((notice) => {
      if (notice.kind === 'lost') resolve(notice);
    });
  });
  scheduler.subscribe().catch(() => {});
  const notice = await lost;
  return 'reason' in notice ? String(notice.reason) : '';
}

describe('redirects', () => {
  test('between two masters end where the circle closes, and each was asked once', async () => {
    let second: ScriptedMaster | undefined;
    const first = await redirecting(() => second);
    second = await redirecting(() => first);
    expect(await reasonOf({ masters: first.url })).toBe(
      `${second.url}: it redirects in a circle, to ${first.url}`,
    );
    expect([first.received.length, second.received.length]).toEqual([1, 1]);
  });

  test('are followed as often as is allowed', async () => {
    const leader = await aMaster(accepting(subscribed));
    const second = await redirecting(() => leader);
    const first = await redirecting(() => second);
    const reason = await reasonOf({ masters: first.url, timeouts: { maxRedirects: 1 } });
    expect(reason).toBe(`${second.url}: more than 1 redirects`);
    expect(leader.received).toEqual([]);
    const scheduler = await open({ masters: first.url, timeouts: { maxRedirects: 2 } });
    await scheduler.subscribe();
    expect(leader.received).toHaveLength(1);
  });

  test('from TLS to a master without it are refused: credentials are not sent there', async () => {
    const { ca, master } = makeCertificates();
    const plain = await aMaster(accepting(subscribed));
    const first = await redirecting(() => plain, master);
    const scheduler = await open({
      masters: first.url,
      auth: { principal: 'p', secret: 'a-long-secret' },
      tls: { ca },
    });
    await expect(scheduler.subscribe()).rejects.toMatchObject({
      code: 'NOT_A_MESOS_MASTER',
      message: expect.stringContaining(`redirects from TLS to ${plain.url}, where credentials`) as unknown,
    });
    expect(plain.connections).toEqual([]);
  });
});
