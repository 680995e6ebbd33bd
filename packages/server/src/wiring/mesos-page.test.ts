import { Value } from 'typebox/value';
import { expect, test } from 'vitest';

import { mesosReportSchema } from '../administration/mesos-report.ts';
import type { MesosStatus } from '../containers/mesos/mesos-status.ts';
import { mesosPage } from './mesos-page.ts';

const task = (name: string) => ({ id: `${name}-4f1c`, name, kind: 'nodejs:20', memoryMb: 256 });

const status: MesosStatus = {
  framework: { id: 'f7a1-0001', name: 'vibrissa', role: '*', failoverTimeoutMs: 1000, teardownOnExit: false },
  masters: 'http://127.0.0.1:5050',
  connection: { subscribed: true, since: 5 },
  agentsUnknown: 'the master answers 403',
  offersHeld: 1,
  tasks: [task('whisk0_1_prewarm_nodejs20'), task('whisk0_2_prewarm_nodejs20'), task('whisk0_3_guest_old')],
  waiting: [],
  failedStarts: [],
};

const pool = { userMemoryMb: 1024 };

const container = { kind: 'nodejs:20', memoryMb: 256, since: 7 };

test('each task is shown with what the pool knows of its container, if it knows it', () => {
  const page = mesosPage(
    status,
    [
      {
        ...container,
        name: 'wsk0_1_prewarm_nodejs20',
        state: 'ready',
        action: 'guest/hello',
        active: 0,
        activations: 3,
      },
      { ...container, name: 'wsk0_2_prewarm_nodejs20', state: 'prewarmed', active: 0, activations: 0 },
      { ...container, name: 'wsk0_4_guest_new', state: 'starting', active: 1, activations: 0 },
    ],
    pool,
  );
  expect(page.tasks.map((each) => each.container)).toEqual([
    { state: 'ready', action: 'guest/hello', active: 0, activations: 3 },
    { state: 'prewarmed', active: 0, activations: 0 },
    undefined,
  ]);
  expect(page.memory).toEqual({ usedMb: 768, userMemoryMb: 1024 });
  expect(Value.Check(mesosReportSchema, page)).toBe(true);
});

test('a task of an earlier life that has the name of a container is not shown as it', () => {
  const name = 'wsk0_1_prewarm_nodejs20';
  const taskName = 'whisk0_1_prewarm_nodejs20';
  const former = task(taskName);
  const tasks = [former, { ...former, id: 'whisk-0-1-99.2' }];
  const page = mesosPage(
    { ...status, tasks },
    [{ ...container, id: 'whisk-0-1-99', name, state: 'prewarmed', active: 0, activations: 0 }],
    pool,
  );
  expect(page.tasks.map((each) => each.container?.state)).toEqual([undefined, 'prewarmed']);
});

test('tasks of the same name are told apart by the ids of their containers', () => {
  const name = 'whisk0_1_prewarm_nodejs20';
  const tasks = ['whisk-a', 'whisk-b.2', 'whisk-c'].map((id) => ({ ...task(name), id }));
  const ready = { ...container, name: 'wsk0_1_prewarm_nodejs20', state: 'ready', active: 0 };
  const page = mesosPage(
    { ...status, tasks },
    [
      { ...ready, id: 'whisk-a', activations: 1 },
      { ...ready, id: 'whisk-b', activations: 2 },
    ],
    pool,
  );
  expect(page.tasks.map((each) => each.container?.activations)).toEqual([1, 2, undefined]);
});
