import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, temporaryDirectory } from '../platform/platform-process.ts';
import { recordWith, roomy, type Record } from './fault-platform.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** Loaded before the platform: its wall clock then runs beside the real one by as much as the file says. */
const preload = `
import { readFileSync } from 'node:fs';
const real = Date.now;
Date.now = () => real() + Number(readFileSync(process.env.TEST_CLOCK_OFFSET, 'utf8') || 0);
`;

const directory = temporaryDirectory();
const offsetFile = join(directory, 'offset');
const setClock = (offsetMs: number) => writeFileSync(offsetFile, String(offsetMs));

let platform: ReturnType<typeof guestOf>;
let dataDir: string;
let end: () => Promise<unknown>;

async function start(): Promise<void> {
  const process = await startPlatform({
    ...(dataDir === undefined ? {} : { dataDir }),
    args: roomy,
    env: { NODE_OPTIONS: `--import ${join(directory, 'clock.mjs')}`, TEST_CLOCK_OFFSET: offsetFile },
  });
  dataDir = process.dataDir;
  platform = guestOf(process);
  end = () => process.stop();
}

beforeAll(async () => {
  writeFileSync(join(directory, 'clock.mjs'), preload);
  setClock(0);
  await start();
  await platform.create('hello', `function main({ n }) { console.log('n', n); return { n }; }`);
});
afterAll(cleanUp);

async function invoke(n: number): Promise<Record> {
  const { status, body, text } = await platform.invoke('hello', { n });
  expect(status, text).toBe(200);
  const { activationId } = body as Record;
  return recordWith({ call: platform.call }, activationId, ({ logs }) => logs.length > 0);
}

/** Sane in itself, and of the time that the platform's clock showed. */
function expectSane(record: Record, offsetMs: number): void {
  expect(record.response.result).toMatchObject({ n: expect.any(Number) as number });
  expect(record.duration).toBeGreaterThanOrEqual(0);
  expect(record.end).toBe(record.start + record.duration);
  const wait = record.annotations.find(({ key }) => key === 'waitTime')?.value;
  expect(wait).toBeGreaterThanOrEqual(0);
  const shown = Date.now() + offsetMs;
  expect(Math.abs(record.start - shown)).toBeLessThan(DAY);
  const logged = Date.parse(record.logs[0]!.slice(0, 23) + 'Z');
  expect(Math.abs(logged - record.start)).toBeLessThan(DAY);
}

describe('a clock that is wrong', () => {
  const kept: string[] = [];

  it.each([
    ['right', 0],
    ['a year ahead', YEAR],
    ['right again', 0],
    ['ten years behind', -10 * YEAR],
    ['at 1970', 1000 - Date.now()],
    ['right in the end', 0],
  ])('and set while the platform runs (%s) disturbs no activation', async (_, offsetMs) => {
    setClock(offsetMs);
    for (let n = 0; n < 3; n++) {
      const record = await invoke(n);
      expectSane(record, offsetMs);
      kept.push(record.activationId);
    }
    for (const id of kept) {
      expect((await platform.call(`GET /api/v1/namespaces/_/activations/${id}`)).status).toBe(200);
    }
  });

  it('and set in the middle of calls ends none of them early or late', async () => {
    const code = `function main({ ms }) { return new Promise((r) => setTimeout(() => r({ ms }), ms)); }`;
    await platform.create('sleeper', code, { limits: { timeout: 5000 } });
    const calls = [600, 700, 800].map((ms) => platform.invoke('sleeper', { ms }));
    for (const offsetMs of [YEAR, -YEAR, 0]) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      setClock(offsetMs);
    }
    const replies = await Promise.all(calls);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { body } of replies) expect((body as Record).duration).toBeGreaterThanOrEqual(500);
  });

  it('and set between two starts keeps actions, records and keys', async () => {
    setClock(0);
    const before = await invoke(1);
    await end();
    setClock(-YEAR);
    await start();
    expectSane(await invoke(2), -YEAR);
    const read = await platform.call(`GET /api/v1/namespaces/_/activations/${before.activationId}`);
    expect((read.body as Record).response).toEqual(before.response);
    const page = await platform.call('GET /api/v1/namespaces/_/activations?limit=1&docs=true');
    expect((page.body as Record[])[0]!.start).toBeGreaterThan(Date.now() - DAY);
    await end();
    setClock(0);
    await start();
    expectSane(await invoke(3), 0);
  });
});
