import { readTranscript, recordedConnections, transcriptNames } from '@vibrissa/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import type { MesosEvent } from '../../src/wire/index.ts';
import { MesosScheduler } from '../../src/scheduler/mesos-scheduler.ts';
import { callOf } from './recorded-streams.ts';
import { ScriptedServer, writeApart } from './scripted-server.ts';

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

/** Every answer that a real master gave to a SUBSCRIBE in JSON, with the bytes as they came. */
const answers = transcriptNames()
  .filter((name) => name !== 's18-content-types')
  .flatMap((name) => recordedConnections(readTranscript(name)))
  .flatMap(({ exchanges, reads }) =>
    exchanges
      .filter((exchange) => exchange.request?.path === '/api/v1/scheduler')
      .filter((exchange) => exchange.request?.method === 'POST' && callOf(exchange)?.type === 'SUBSCRIBE')
      .map((exchange) => ({
        ...exchange,
        reads,
        events: exchange.records.map((record) => JSON.parse(record.toString()) as MesosEvent),
        text: exchange.body?.toString() ?? '',
      })),
  );
type Answer = (typeof answers)[number];

/** A port that nobody is given, and where nothing listens. */
const nowhere = '//127.0.0.1:1';

/** A master that answers every SUBSCRIBE with these bytes and accepts every call. */
async function masterWith(bytes: readonly Buffer[]): Promise<ScriptedServer> {
  const server = await ScriptedServer.open((request, socket) =>
    request.body.includes('"SUBSCRIBE"')
      ? writeApart(socket, bytes)
      : void socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'),
  );
  opened.push(server);
  return server;
}

async function schedulerFor(masters: string | string[]) {
  const notices: string[] = [];
  const scheduler = await MesosScheduler.open({
    masters,
    framework: { name: 'played' },
    timeouts: { backoffMinMs: 1, backoffMaxMs: 5 },
    onNotice: ({ kind }) => void notices.push(kind),
  });
  opened.push(scheduler);
  return { scheduler, notices };
}

/** The code of the error with which `subscribe` rejects. */
async function refusalOf(answer: Answer): Promise<string> {
  const master = await masterWith(answer.reads);
  const { scheduler } = await schedulerFor(master.url);
  const error = await scheduler.subscribe().catch((reason: { code: string }) => reason);
  await scheduler.close();
  await master.close();
  return typeof error === 'string' ? 'subscribed' : error.code;
}

function firstError({ events }: Answer): string {
  return events[0]?.type === 'ERROR' ? events[0].error.message : '';
}

describe('a subscription that a real master did not give', () => {
  test('wrong or missing credentials are named as such (O10, #12)', async () => {
    const refused = answers.filter(({ status }) => status === 401);
    expect(refused).toHaveLength(2);
    for (const answer of refused) expect(await refusalOf(answer)).toBe('WRONG_CREDENTIALS');
  });

  test('a framework that is wrong is refused, by status or by an ERROR, and is not tried again (O2, #13, #20)', async () => {
    const refused = answers.filter(
      (answer) =>
        answer.status === 400 || (firstError(answer) !== '' && !firstError(answer).includes('removed')),
    );
    const texts = new Set(refused.map((answer) => answer.text + firstError(answer)));
    expect(texts.size).toBeGreaterThan(10);
    for (const answer of refused) expect(await refusalOf(answer)).toBe('SUBSCRIPTION_REFUSED');
  });

  test('a framework that was removed is dead (O14, #22, #26)', async () => {
    const removed = answers.filter((answer) => firstError(answer).includes('removed'));
    expect(removed.length).toBeGreaterThan(3);
    for (const answer of removed) expect(await refusalOf(answer)).toBe('FRAMEWORK_REMOVED');
  });

  test('an answer that is none to a scheduler says that the address is wrong (O4)', async () => {
    const wrong = answers.filter(({ status }) => status === 406 || status === 415);
    expect(wrong.length).toBeGreaterThan(1);
    for (const answer of wrong) expect(await refusalOf(answer)).toBe('NOT_A_MESOS_MASTER');
  });

  test('the operator API behind a mistyped path is no scheduler API (O6)', async () => {
    const [operator] = recordedConnections(readTranscript('s14')).filter(
      ({ exchanges }) => exchanges[0]?.request?.path === '/api/v1/nope',
    );
    const master = await masterWith(operator?.reads ?? []);
    const { scheduler } = await schedulerFor(master.url);
    await expect(scheduler.subscribe()).rejects.toMatchObject({ code: 'NOT_A_MESOS_MASTER' });
  });
});

describe('a subscription that a real master gave', () => {
  test('one that is taken over stands down and does not take it back (O11, #21)', async () => {
    const takenOver = answers.filter(
      ({ events, complete }) =>
        events[0]?.type === 'SUBSCRIBED' && events.at(-1)?.type === 'ERROR' && complete,
    );
    expect(takenOver.length).toBeGreaterThan(8);
    for (const answer of takenOver) {
      const master = await masterWith(answer.reads);
      const { scheduler, notices } = await schedulerFor(master.url);
      await scheduler.subscribe();
      await expect.poll(() => notices).toContain('stepped-down');
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(master.calls('SUBSCRIBE')).toHaveLength(1);
      expect(scheduler.isSubscribed).toBe(false);
      await scheduler.close();
    }
  });

  test('a master that does not lead sends it to the one that does (O9, #9)', async () => {
    const [redirect] = answers.filter(({ status }) => status === 307);
    const [accepted] = answers.filter(
      ({ events, complete }) => events[0]?.type === 'SUBSCRIBED' && !complete,
    );
    const leader = await masterWith(accepted?.reads ?? []);
    const address = leader.url.slice('http:'.length);
    const text = redirect?.reads.map((read) => read.toString()).join('') ?? '';
    expect(text).toContain('Location: //127.0.0.4:5050/master/api/v1/scheduler');
    const follower = await masterWith([Buffer.from(text.replace('//127.0.0.4:5050', address))]);
    const { scheduler } = await schedulerFor(follower.url);
    await scheduler.subscribe();
    expect(follower.calls('SUBSCRIBE')).toHaveLength(1);
    expect(leader.calls('SUBSCRIBE')).toHaveLength(1);
  });

  test('a redirect to a leader that is dead leads back to the list of masters (O9, #9)', async () => {
    const [redirect] = answers.filter(({ status }) => status === 307);
    const [accepted] = answers.filter(
      ({ events, complete }) => events[0]?.type === 'SUBSCRIBED' && !complete,
    );
    const text = redirect?.reads.map((read) => read.toString()).join('') ?? '';
    const follower = await masterWith([Buffer.from(text.replace('//127.0.0.4:5050', nowhere))]);
    const next = await masterWith(accepted?.reads ?? []);
    const { scheduler } = await schedulerFor([follower.url, next.url]);
    await scheduler.subscribe();
    expect(next.calls('SUBSCRIBE')).toHaveLength(1);
  });
});
