import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { ContainerMemos } from './container-memos.ts';
import { recoverContainers, type RecoveryDeps } from './recover.ts';

/** Hostile code answers in the place of its runtime. */
vi.mock('./ask-status.ts', () => ({ askStatus: async () => ({ initialised: false, running: 0 }) }));

const record = (number: number) => ({
  id: `whisk-${number}`,
  mesosTaskId: `whisk-${number}`,
  attempt: 1,
  state: 'TASK_RUNNING',
  ran: true,
  spec: { env: { __OW_LOG_STAMPS: '1' } },
  labels: {
    invoker: 'invoker0',
    name: 'wsk0_1_guest_hello',
    kind: 'nodejs:20',
    memoryMb: '256',
    cpuShares: '2',
  },
});

test('a few dozen containers of an earlier life are asked at a time, and all in the end', async () => {
  const asked: string[] = [];
  let inFlight = 0;
  let most = 0;
  /** Each runs, as far as Mesos knows, and none of them answers. */
  const task = (id: string) => {
    asked.push(id);
    most = Math.max(most, (inFlight += 1));
    const running = new Promise((_resolve, reject) => {
      setImmediate(() => {
        inFlight -= 1;
        reject(new Error('silent'));
      });
    });
    return { running };
  };
  const kept: number[] = [];
  const deps = {
    clock: systemClock,
    logger: silentLogger,
    config: { invoker: 0, settings: { frameworkName: 'vibrissa' } },
    connection: {
      scheduler: { task, tasks: () => Array.from({ length: 1000 }, (_, index) => record(index)) },
    },
    memos: {
      keepOnly: async (ids: ReadonlySet<string>) => void kept.push(ids.size),
      read: () => undefined,
    },
    containers: {},
    isAsToday: () => true,
  } as unknown as RecoveryDeps;
  expect(await recoverContainers(deps)).toEqual([]);
  expect(new Set(asked).size).toBe(1000);
  expect(most).toBe(64);
  // Until Mesos no longer knows them: they might be killed late.
  expect(kept).toEqual([1000]);
});

/** What a life of the platform adopts of two containers, the second of which has a memo; and what it warns of. */
async function recoverTwo(directory: string) {
  const warnings: object[] = [];
  const memos = await ContainerMemos.open(directory);
  const deps = {
    clock: systemClock,
    logger: { ...silentLogger, warn: (fields: object) => void warnings.push(fields) },
    config: { invoker: 0, settings: { frameworkName: 'vibrissa' } },
    connection: {
      scheduler: {
        task: (id: string) => ({ id, running: Promise.resolve({}) }),
        tasks: () => [record(1), record(2)],
      },
    },
    memos,
    containers: {
      draft: () => ({ address: {}, logs: { skipToEnd: async () => {} } }),
      make: ({ id }: { id: string }) => ({ id }),
      has: () => true,
    },
    isAsToday: () => true,
  } as unknown as RecoveryDeps;
  const recovered = await recoverContainers(deps);
  await memos.close();
  return { adopted: recovered.map(({ container }) => container.id), warnings };
}

test('a runtime that says it is fresh is not believed where its memo may be lost, in this life or a later one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vbm-recover-'));
  const memos = await ContainerMemos.open(directory);
  await memos.keepOnly(new Set());
  await memos.write('whisk-2', { key: 'guest/hello@1', action: 'guest/hello', capacity: 1 });
  await memos.close();
  expect(await recoverTwo(directory)).toEqual({ adopted: ['whisk-1'], warnings: [] });
  writeFileSync(join(directory, 'memos.jsonl'), '');
  const reason = 'memos.jsonl does not begin as it should';
  expect(await recoverTwo(directory)).toEqual({ adopted: [], warnings: [{ reason }] });
  expect(await recoverTwo(directory)).toEqual({ adopted: [], warnings: [] });
  rmSync(join(directory, 'memos.jsonl'));
  const missing = { reason: 'there is no memos.jsonl' };
  expect(await recoverTwo(directory)).toEqual({ adopted: [], warnings: [missing] });
  rmSync(directory, { recursive: true });
});
