import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { expect, test } from 'vitest';

import { recoverContainers, type RecoveryDeps } from './recover.ts';

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
    memos: { keepOnly: async (ids: ReadonlySet<string>) => void kept.push(ids.size) },
    containers: {},
    isAsToday: () => true,
  } as unknown as RecoveryDeps;
  expect(await recoverContainers(deps)).toEqual([]);
  expect(new Set(asked).size).toBe(1000);
  expect(most).toBe(64);
  expect(kept).toEqual([0]);
});
