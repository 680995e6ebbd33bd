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

/** False: it leads no more, and lives. */
async function isStruck(leader: InstanceProcess): Promise<boolean> {
  const { died } = await until('it has died, or leads no more', async () => {
    if (!leader.isRunning) return { died: true };
    return (await leader.state()).framework.leads ? undefined : { died: false };
  });
  return died;
}

/**
 * The leader kills itself at this point, which `cause` brings it to; when another one leads, it is started again. One that
 * loses its office before, as on a machine that stands still, is spared, and the next leader's turn comes.
 */
async function crash(
  point: CrashPoint,
  cause: (leader: InstanceProcess, attempt: number) => Promise<void>,
): Promise<InstanceProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const leader = await stage.leader();
    await leader.crashAt(point);
    await cause(leader, attempt);
    if (!(await isStruck(leader)) && (await isSpared(leader))) continue;
    await leader.exited;
    await stage.leader();
    await stage.start(leader.machine, { directory: join(stage.directory, leader.machine.address) });
    return leader;
  }
}

async function isSpared(leader: InstanceProcess): Promise<boolean> {
  try {
    await leader.crashAt(undefined);
    return true;
  } catch {
    // It has died meanwhile.
    return false;
  }
}

/** Wants one more task, by way of another instance than the leader. */
async function submit(leader: InstanceProcess, id: string): Promise<void> {
  ids.push(id);
  await stage.others(leader)[0]!.submit(stage.task(id));
}

const launches: readonly (readonly [string, string, CrashPoint])[] = [
  ['a', 'between writing a launch down and sending it', { call: 'ACCEPT', when: 'before' }],
  ['b', 'between sending a launch and hearing of the task', { call: 'ACCEPT', when: 'answered' }],
  ['c', 'between hearing of the task and acknowledging that', { call: 'ACKNOWLEDGE', when: 'before' }],
  ['d', 'after acknowledging that the task runs', { call: 'ACKNOWLEDGE', when: 'answered', skip: 1 }],
];

describe('a leader that is killed', () => {
  test.each(launches)('(%s) %s: the task runs once in the end (#76)', async (id, _, point) => {
    await crash(point, (leader, attempt) => submit(leader, `${id}-${attempt}`));
    await stage.runsOnly(ids);
    expect(await stage.violations()).toEqual([]);
  });

  test('after a launch that Mesos never got, though it said so: the task runs once in the end (#76)', async () => {
    const dead = await crash({ call: 'ACCEPT', when: 'answered' }, async (leader, attempt) => {
      await stage.mesos.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
      await submit(leader, `swallowed-${attempt}`);
    });
    await stage.runsOnly(ids);
    // It bears the mark of who has launched it, not of who had written it down.
    const { labels } = stage.mesos.launched.find(({ name }) => name === ids.at(-1))!;
    const marks = new Map(labels!.labels.map(({ key, value }) => [key, value]));
    const former = dead.said.findLast(({ kind }) => kind === 'leading')!.line;
    expect(Number(marks.get('cluster.epoch'))).toBeGreaterThan(Number(/epoch (\d+)/.exec(former)![1]));
    const { cluster } = await (await stage.leader()).state();
    const office = cluster.changes.find(({ epoch }) => epoch === Number(marks.get('cluster.epoch')));
    expect(marks.get('cluster.member')).toBe(office!.leader);
    expect(await stage.violations()).toEqual([]);
  });

  test('between hearing of an end and acknowledging it: the task is over, and not begun again (#76)', async () => {
    // The second one is for a leader that loses its office at the wrong time.
    const jobs = ['job-1', 'job-2'];
    await stage.run(jobs, await stage.leader());
    await crash({ call: 'ACKNOWLEDGE', when: 'before' }, async () => {
      process.kill(stage.pids(jobs.shift()!)[0]!, 'SIGTERM');
    });
    for (const id of jobs)
      await until('it is deleted', async () => (await (await stage.leader()).delete(id)).status === 200);
    await stage.sees(await stage.leader(), ({ tasks }) => tasks.every(({ id }) => !id.startsWith('job-')));
    await until('Mesos has forgotten it', async () =>
      (await stage.mesos.tasks()).every(({ name }) => !name?.startsWith('job-')),
    );
    await stage.runsOnly(ids);
    expect(await stage.violations()).toEqual([]);
  });
});
