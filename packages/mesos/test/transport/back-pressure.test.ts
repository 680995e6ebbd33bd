import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { ServerResponse } from 'node:http';
import { accepting, anUpdate, beginStream, frame, ScriptedMaster, subscribed } from './scripted-master.ts';
import { closeConnections, revive, subscribe } from './told.ts';

const TOTAL = 100_000;
const PAUSE_AFTER = 1000;
/** All these events are work: seconds on an idle machine, many more where others work, too. */
const PATIENCE_MS = 150_000;

let master: ScriptedMaster | undefined;
afterEach(async () => {
  closeConnections();
  await master?.close();
});

/** Writes as fast as the other side takes, and counts what was handed to the socket. */
async function pour(response: ServerResponse, count: { written: number }, total = TOTAL): Promise<void> {
  while (count.written < total) {
    const batch = Array.from({ length: 100 }, (_, at) =>
      anUpdate(`t${count.written + at}${'x'.repeat(400)}`),
    );
    count.written += batch.length;
    if (!response.write(frame(...batch))) await once(response, 'drain');
  }
}

it(
  'a consumer that pauses in a burst of 100,000 updates leaves it with the master, and then gets all (#14)',
  async () => {
    const count = { written: 0 };
    const answers = accepting();
    master = await ScriptedMaster.open((request, response) => {
      if (request.type !== 'SUBSCRIBE') return answers(request, response);
      const stream = beginStream(response);
      stream.write(frame(subscribed));
      void pour(stream, count);
    });
    const { told, connection } = subscribe(master.url);
    let order = 0;
    told.onEach = (event) => {
      if (event.type === 'UPDATE' && event.update.status.task_id.value.startsWith(`t${order}x`)) order += 1;
      if (told.events.length === PAUSE_AFTER) connection.pause?.();
    };
    await told.heard(PAUSE_AFTER);

    // The master is stuck once a while has passed in which it could write nothing more.
    for (let before = -1; before !== count.written;) {
      before = count.written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(told.events).toHaveLength(PAUSE_AFTER);
    expect(count.written).toBeLessThan(TOTAL / 2);

    // Calls go on meanwhile.
    connection.send(1, revive);
    await told.answered(1);
    expect(told.events).toHaveLength(PAUSE_AFTER);

    connection.resume?.();
    await told.heard(TOTAL + 1);
    expect(order).toBe(TOTAL);
    expect(told.end).toBeUndefined();
  },
  PATIENCE_MS,
);

it('a consumer may pause and resume at every event', async () => {
  const updates = Array.from({ length: 500 }, (_, at) => anUpdate(`t${at}`));
  master = await ScriptedMaster.open(
    (_, response) => void beginStream(response).end(frame(subscribed, ...updates)),
  );
  const { told, connection } = subscribe(master.url);
  told.onEach = () => {
    connection.pause?.();
    setImmediate(() => connection.resume?.());
  };
  await told.ended();
  expect(told.events.slice(1)).toEqual(updates);
  expect(told.all.at(-1)).toBe('ended: ended');
});

it('the end of a stream waits for the events before it', async () => {
  master = await ScriptedMaster.open(
    (_, response) => void beginStream(response).end(frame(subscribed, anUpdate('a'))),
  );
  const { told, connection } = subscribe(master.url);
  told.onEach = () => connection.pause?.();
  await told.heard(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
  connection.resume?.();
  connection.resume?.();
  await told.ended();
  expect(told.all).toEqual(['opened', 'SUBSCRIBED', 'UPDATE', 'ended: ended']);
});

it('a connection that was paused before it stood tells nothing until it is resumed', async () => {
  master = await ScriptedMaster.open(accepting(subscribed));
  const { told, connection } = subscribe(master.url);
  connection.pause?.();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told.events).toEqual([]);
  connection.resume?.();
  await told.heard(1);
  expect(told.all).toEqual(['opened', 'SUBSCRIBED']);
});

it(
  'a master that causes more calls than it answers is not heard until it does',
  async () => {
    const total = 30_000;
    const count = { written: 0 };
    const answers = accepting();
    const waiting: (() => void)[] = [];
    let isAnswering = false;
    master = await ScriptedMaster.open((request, response) => {
      if (request.type !== 'SUBSCRIBE') {
        const answer = () => answers(request, response);
        return isAnswering ? answer() : void waiting.push(answer);
      }
      const stream = beginStream(response);
      stream.write(frame(subscribed));
      void pour(stream, count, total);
    });
    const { told, connection } = subscribe(master.url);
    told.onEach = () => connection.send(told.events.length, revive);
    for (let before = -1; before !== count.written || before === 0;) {
      before = count.written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(told.events.length).toBeLessThan(10_000);
    isAnswering = true;
    for (const answer of waiting) answer();
    await told.heard(total + 1);
    await told.until(({ answers: all }) => all.length === total + 1);
    expect(told.end).toBeUndefined();
  },
  PATIENCE_MS,
);
