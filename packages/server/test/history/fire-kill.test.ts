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

/** A trigger with half a dozen rules: one takes a sequence, one is turned off. */
async function prepare(platform: PlatformProcess): Promise<void> {
  const { call, create } = guestOf(platform);
  const expectOk = async (line: Parameters<typeof call>[0], body: object) => {
    const { status, text } = await call(line, body);
    expect(status, text).toBe(200);
  };
  const code =
    'function main({ mark }) { return new Promise((done) => setTimeout(() => done({ mark }), 5)); }';
  await create('worker', code, { limits: { memory: 128 } });
  const components = ['/_/worker', '/_/worker'];
  await expectOk(`PUT ${collection}/actions/twice`, { exec: { kind: 'sequence', components } });
  await expectOk(`PUT ${collection}/triggers/event`, {});
  for (let at = 0; at <= RULES; at++) {
    const action = at === 1 ? '/_/twice' : '/_/worker';
    await expectOk(`PUT ${collection}/rules/r${at}`, { trigger: '/_/event', action });
  }
  await expectOk(`POST ${collection}/rules/r${RULES}`, { status: 'inactive' });
}

/**
 * Clients that fire until the platform is killed under them, which is as soon as `enough` fires were answered: others are
 * under way then. `told` maps what was answered 202 to its mark.
 */
async function live(
  platform: PlatformProcess,
  told: Map<string, string>,
  { life, enough }: { readonly life: number; readonly enough: number },
): Promise<void> {
  const before = told.size;
  let fired = 0;
  let killed: Promise<void> | undefined;
  const client = async (): Promise<string | undefined> => {
    for (;;) {
      const mark = `${life}-${fired++}`;
      // One that was killed tells nothing.
      const reply = await guestOf(platform)
        .call(`POST ${collection}/triggers/event`, { mark })
        .catch(() => undefined);
      if (reply === undefined) return undefined;
      const { status, body, text } = reply;
      if (status === 202) told.set((body as { activationId: string }).activationId, mark);
      else if (status !== 503) return `${status}: ${text}`;
      if (told.size - before >= enough) killed ??= platform.kill();
    }
  };
  const problems = await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  await killed;
}

it('after kill -9, every activation that the record of an answered fire names has a record of its own', async () => {
  const random = seededRandom(seed);
  const dataDir = temporaryDirectory();
  const told = new Map<string, string>();
  for (let life = 0; life < LIVES; life++) {
    const platform = await startPlatform({ dataDir, args });
    if (life === 0) await prepare(platform);
    await live(platform, told, { life, enough: 1 + Math.floor(random() * 25) });
  }
  console.log(`fires: SOAK_SEED=${seed}: ${LIVES} kills, ${told.size} answered`);
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
});
