import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@vibrissa/testkit';
import { afterAll, expect, it } from 'vitest';

import {
  cleanUp,
  guestOf,
  startPlatform,
  temporaryDirectory,
  type Activation,
  type PlatformProcess,
} from '../platform/platform-process.ts';

afterAll(cleanUp);

const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));
const LIVES = 4;
const RULES = 5;
const CLIENTS = 6;
const FIRES_A_LIFE = 60;
const collection = '/api/v1/namespaces/_';

const args = [
  ['limits.actions.invokes.perMinute', '1000000'],
  ['limits.actions.invokes.concurrent', '10000'],
  ['limits.triggers.fires.perMinute', '1000000'],
  ['containerPool.userMemoryMb', '1024'],
  ['containers.factory', 'process'],
  ['log.level', 'warn'],
].flatMap(([key, value]) => ['--set', `${key}=${value}`]);

interface Line {
  readonly rule: string;
  readonly success: boolean;
  readonly activationId?: string;
}

/** A trigger whose fires take half a dozen rules, one of them turned off. */
async function prepare(platform: PlatformProcess): Promise<void> {
  const { call, create } = guestOf(platform);
  const expectOk = async (line: Parameters<typeof call>[0], body: object) => {
    const { status, text } = await call(line, body);
    expect(status, text).toBe(200);
  };
  const code =
    'function main({ mark }) { return new Promise((done) => setTimeout(() => done({ mark }), 5)); }';
  await create('worker', code, { limits: { memory: 128 } });
  await expectOk(`PUT ${collection}/triggers/event`, {});
  for (let at = 0; at <= RULES; at++) {
    await expectOk(`PUT ${collection}/rules/r${at}`, { trigger: '/_/event', action: '/_/worker' });
  }
  await expectOk(`POST ${collection}/rules/r${RULES}`, { status: 'inactive' });
}

/** Clients that fire until the platform is killed under them; `told` maps what was answered 202 to its mark. */
async function live(
  platform: PlatformProcess,
  told: Map<string, string>,
  options: { readonly life: number; readonly killAfterMs: number },
): Promise<void> {
  let fired = 0;
  const client = async () => {
    try {
      while (fired < FIRES_A_LIFE) {
        const mark = `${options.life}-${fired++}`;
        const { status, body, text } = await guestOf(platform).call(`POST ${collection}/triggers/event`, {
          mark,
        });
        if (status === 202) told.set((body as { activationId: string }).activationId, mark);
        else if (status !== 503) return `${status}: ${text}`;
      }
    } catch {
      // It was killed, and nothing was told.
    }
    return undefined;
  };
  const clients = Array.from({ length: CLIENTS }, client);
  await sleep(options.killAfterMs);
  await platform.kill();
  expect((await Promise.all(clients)).filter((problem) => problem !== undefined)).toEqual([]);
}

it('after kill -9, every activation that the record of an answered fire names has a record of its own', async () => {
  console.log(`fires and kills: SOAK_SEED=${seed}`);
  const random = seededRandom(seed);
  const dataDir = temporaryDirectory();
  const told = new Map<string, string>();
  for (let life = 0; life < LIVES; life++) {
    const platform = await startPlatform({ dataDir, args });
    if (life === 0) await prepare(platform);
    await live(platform, told, { life, killAfterMs: 30 + random() * 300 });
  }
  expect(told.size).toBeGreaterThan(0);

  const last = await startPlatform({ dataDir, args });
  const { call, record } = guestOf(last);
  const activations = new Set<string>();
  for (const [id, mark] of told) {
    const fire = (await call(`GET ${collection}/activations/${id}`)).body as Activation;
    expect(fire, `the record of fire ${mark}`).toMatchObject({
      name: 'event',
      response: { status: 'success', result: { mark } },
    });
    expect(fire).not.toHaveProperty('end');
    const lines = fire.logs.map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ rule, success }) => [rule, success])).toEqual(
      Array.from({ length: RULES + 1 }, (_, at) => [`guest/r${at}`, at < RULES]),
    );
    for (const { activationId, success } of lines) {
      if (!success || activationId === undefined) continue;
      activations.add(activationId);
      const { response } = await record(activationId);
      // What had begun when the kill came is not begun again, and says so.
      if (response.status === 'success') expect(response.result).toMatchObject({ mark });
      else expect(response.status).toBe('whisk internal error');
    }
  }
  expect(activations.size).toBe(told.size * RULES);
  await last.stop();
}, 120_000);
