import { ManualClock, seededRandom, settle } from '@vibrissa/testkit';
import { onTestFinished } from 'vitest';

import { MesosScheduler, type Notice, type SchedulerOptions, type TaskUpdate } from '../../src/index.ts';
import { ScriptedMaster } from './scripted-master.ts';

/** A scheduler, the master that it talks to, and all that it has told. */
export async function openScheduler(change: Partial<SchedulerOptions> = {}) {
  const clock = new ManualClock();
  const master = new ScriptedMaster();
  const notices: Notice[] = [];
  const updates: TaskUpdate[] = [];
  const random = seededRandom(1);
  const scheduler = await MesosScheduler.open({
    masters: 'http://127.0.0.1:5050',
    framework: { name: 'test' },
    clock,
    random: { next: random },
    transport: master,
    onNotice: (notice) => void notices.push(notice),
    onTask: (update) => void updates.push(update),
    ...change,
  });
  onTestFinished(() => scheduler.close());
  return { scheduler, master, clock, notices, updates };
}

/** Lets everything that is ready happen: a few turns, because each message takes one. */
export async function turns(count = 8): Promise<void> {
  for (let turn = 0; turn < count; turn++) await settle();
}

/** What a promise has come to by now: its value, its error, or `pending`. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'pending';
  promise.then(
    (value) => (outcome = value),
    (error: unknown) => (outcome = error),
  );
  await turns();
  return outcome;
}
