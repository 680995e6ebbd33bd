import { join } from 'node:path';

import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { CrashPoint, InstanceProcess } from './instance-process.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

let stage: Stage;
/** All that was submitted so far: it goes on through all crashes to come. */
const ids: string[] = [];

beforeAll(async () => {
  stage = await Stage.open();
  const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
  stage.list(machines);
  await Promise.all(
    machines.map((machine) => stage.start(machine, { directory: join(stage.directory, machine.address) })),
  );
  ids.push('before');
  await stage.run(ids, await stage.isWhole());
  return () => stage.close();
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.tell();
});

/** It kills itself at this point; when another one leads, it is started again. */
async function crash(leader: InstanceProcess, cause: () => Promise<unknown>): Promise<void> {
  await cause();
  await leader.exited;
  await stage.leader();
  await stage.start(leader.machine, { directory: join(stage.directory, leader.machine.address) });
}

const launches: readonly (readonly [string, string, CrashPoint])[] = [
  ['a', 'between writing a launch down and sending it', { call: 'ACCEPT', when: 'before' }],
  ['b', 'between sending a launch and hearing of the task', { call: 'ACCEPT', when: 'answered' }],
  ['c', 'between hearing of the task and acknowledging that', { call: 'ACKNOWLEDGE', when: 'before' }],
  ['d', 'after acknowledging that the task runs', { call: 'ACKNOWLEDGE', when: 'answered', skip: 1 }],
];

describe('a leader that is killed', () => {
  test.each(launches)('(%s) %s: the task runs once in the end (#76)', async (id, _, point) => {
    const leader = await stage.leader();
    await leader.crashAt(point);
    ids.push(id);
    await crash(leader, () => stage.others(leader)[0]!.submit(stage.task(id)));
    await stage.runsOnly(ids);
    expect(await stage.violations()).toEqual([]);
  });

  test('after a launch that Mesos never got, though it said so: the task runs once in the end (#76)', async () => {
    const leader = await stage.leader();
    await leader.crashAt({ call: 'ACCEPT', when: 'answered' });
    await stage.mesos.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
    ids.push('swallowed');
    await crash(leader, () => stage.others(leader)[0]!.submit(stage.task('swallowed')));
    await stage.runsOnly(ids);
    // It bears the mark of who has launched it, not of who had written it down.
    const { labels } = stage.mesos.launched.at(-1)!;
    expect(labels?.labels).toContainEqual({ key: 'cluster.member', value: (await stage.leader()).id });
    expect(await stage.violations()).toEqual([]);
  });

  test('between hearing of an end and acknowledging it: the task is over, and not begun again (#76)', async () => {
    const leader = await stage.leader();
    await stage.run(['job'], leader);
    await leader.crashAt({ call: 'ACKNOWLEDGE', when: 'before' });
    await crash(leader, async () => process.kill(stage.pids('job')[0]!, 'SIGTERM'));
    await stage.sees(await stage.leader(), ({ tasks }) => tasks.every(({ id }) => id !== 'job'));
    await until('Mesos has forgotten it', async () =>
      (await stage.mesos.tasks()).every(({ name }) => name !== 'job'),
    );
    await stage.runsOnly(ids);
    expect(await stage.violations()).toEqual([]);
  });
});
