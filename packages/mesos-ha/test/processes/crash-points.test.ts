import { describe, expect, test } from 'vitest';

import type { CrashPoint } from './instance-process.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

const launches: readonly (readonly [string, CrashPoint])[] = [
  ['between writing a launch down and sending it', { call: 'ACCEPT', when: 'before' }],
  ['between sending a launch and hearing of the task', { call: 'ACCEPT', when: 'answered' }],
  ['between hearing that the task runs and acknowledging it', { call: 'ACKNOWLEDGE', when: 'before' }],
  ['after acknowledging that it runs', { call: 'ACKNOWLEDGE', when: 'answered', skip: 1 }],
];

describe('a leader that is killed', () => {
  test.each(launches)('%s: the task runs once in the end (#76)', async (_, point) => {
    const stage = await Stage.withInstances();
    const leader = await stage.leader();
    await stage.run(['before'], leader);
    await leader.crashAt(point);
    const [other] = stage.others(leader);
    expect(await other!.submit(stage.task('web'))).toMatchObject({ status: 200 });
    await leader.exited;
    await stage.leader();
    await stage.runsOnly(['before', 'web']);
    expect(await stage.violations()).toEqual([]);
  });

  test('after a launch that Mesos never got, though it said so: the task runs once in the end (#76)', async () => {
    const stage = await Stage.withInstances();
    const leader = await stage.leader();
    await leader.crashAt({ call: 'ACCEPT', when: 'answered' });
    await stage.mesos.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
    const [other] = stage.others(leader);
    expect(await other!.submit(stage.task('web'))).toMatchObject({ status: 200 });
    await leader.exited;
    await stage.leader();
    await stage.runsOnly(['web']);
    expect(await stage.violations()).toEqual([]);
  });

  test('between hearing of an end and acknowledging it: the task is over, and not begun again (#76)', async () => {
    const stage = await Stage.withInstances();
    const leader = await stage.leader();
    const [other] = stage.others(leader);
    await stage.run(['job'], leader);
    await leader.crashAt({ call: 'ACKNOWLEDGE', when: 'before' });
    process.kill(stage.pids('job')[0]!, 'SIGTERM');
    await leader.exited;
    await stage.leader();
    await stage.sees(other!, ({ tasks }) => tasks.length === 0);
    await until('Mesos has forgotten it', async () => (await stage.mesos.tasks()).length === 0);
    expect(await stage.violations()).toEqual([]);
  });
});
