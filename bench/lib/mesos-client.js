// A process that holds a framework and nothing else, for its memory and its time.
import { FileFrameworkState, MesosScheduler } from '@vibrissa/mesos';
import { nowMs, serve } from './mesos-process.js';
import { mixedSpecs, taskSpec } from './mesos-words.js';

let scheduler;
let subscribedMs;
const told = { TASK_STARTING: 0, TASK_RUNNING: 0, TASK_FAILED: 0, TASK_FINISHED: 0 };
const warnings = [];
let onMarker = () => {};
let onTold = () => {};

/** Resolves when so many updates of a state were handled in all. */
function untilTold(state, count) {
  return new Promise((resolve) => {
    onTold = () => told[state] >= count && resolve();
    onTold();
  });
}

/** A task is the client's until its owner has handled its end and the agent was told so: some time after `untilTold`. */
async function untilGone() {
  const deadlineMs = nowMs() + 30_000;
  while (scheduler.tasks().length > 0 && nowMs() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

serve({
  async open({ url, directory }) {
    scheduler = await MesosScheduler.open({
      masters: url,
      framework: { name: 'bench' },
      state: await FileFrameworkState.open(directory),
      offers: { suppressAfterMs: 3_600_000 },
      tasks: { capacityTimeoutMs: Infinity, impossibleAfterMs: Infinity },
      onTask: ({ status }) => {
        told[status.state]++;
        onTold();
      },
      onNotice: (notice) => {
        if (notice.kind === 'subscribed') subscribedMs = nowMs();
        if (notice.kind === 'warning' || notice.kind === 'lost') warnings.push(notice.text ?? notice.reason);
        if (notice.kind === 'event') onMarker(nowMs());
      },
    });
    return scheduler.tasks().length;
  },
  async subscribe() {
    await scheduler.subscribe({ withinMs: 20_000 });
  },
  /** Subscribes and waits for the master's mark behind its last answer. */
  async reconcile() {
    const marked = new Promise((resolve) => {
      onMarker = resolve;
    });
    await scheduler.subscribe({ withinMs: 20_000 });
    const milliseconds = (await marked) - subscribedMs;
    await new Promise((resolve) => setImmediate(resolve));
    const running = scheduler.tasks().filter(({ state }) => state === 'TASK_RUNNING').length;
    return { milliseconds, running, told, warnings, events: scheduler.stats().events };
  },
  submitAlike({ count, prefix }) {
    for (let index = 0; index < count; index++)
      scheduler.submit(taskSpec(`${prefix}-${String(index).padStart(6, '0')}`));
  },
  submitMixed({ count, seed, prefix }) {
    for (const spec of mixedSpecs(count, { seed, prefix })) scheduler.submit(spec);
  },
  untilTold: ({ state, count }) => untilTold(state, count),
  untilGone,
  state: () => ({ told, warnings, tasks: scheduler.tasks().length, stats: scheduler.stats() }),
  close: () => scheduler.close(),
});
