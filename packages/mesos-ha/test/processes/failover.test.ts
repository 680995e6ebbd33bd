import { expect, test } from 'vitest';

import type { InstanceProcess } from './instance-process.ts';
import { Stage } from './stage.ts';

test('when leader after leader is killed, another one goes on with the same framework id and the same processes (#70)', async () => {
  const stage = await Stage.withInstances();
  const first = await stage.leader();
  const ids = ['a', 'b', 'c'];
  const pids = await stage.run(ids, stage.others(first)[0]!);
  const { framework } = await first.state();
  for (const id of ['d', 'e', 'f']) {
    const leader = await stage.leader();
    await leader.kill();
    const next = await stage.leader();
    expect((await next.state()).framework.id).toBe(framework.id);
    ids.push(id);
    await stage.run([id], stage.others(next)[0]!);
    // Without a disk it is a new member; once that votes, one more can die.
    await stage.start(leader.machine);
    await stage.isWhole();
  }
  await stage.runsOnly(ids);
  expect(stage.pidsOf(['a', 'b', 'c'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});

/** What an instance has sent to Mesos from then on, and Mesos has accepted. */
function acceptedSince({ said }: InstanceProcess, since: number): readonly string[] {
  const calls = said.filter(({ kind, at }) => kind === 'call' && at >= since);
  const accepted = new Set(said.filter(({ status = 0 }) => status === 202).map(({ number }) => number));
  return calls.filter(({ number }) => accepted.has(number)).map(({ line }) => line);
}

test('a leader that stands still until another leads finds itself fenced, and follows (#71)', async () => {
  const stage = await Stage.withInstances();
  const former = await stage.leader();
  const pids = await stage.run(['a'], former);
  former.signal('SIGSTOP');
  const next = await stage.leader(stage.others(former));
  const subscriptions = () =>
    stage.instances.flatMap(({ said }) => said.filter(({ kind }) => kind === 'subscribe')).length;
  const before = subscriptions();
  const wokenAt = Date.now();
  former.signal('SIGCONT');
  await stage.sees(former, ({ cluster }) => cluster.standing === 'following');
  await stage.run(['b'], former);
  expect(acceptedSince(former, wokenAt)).toEqual([]);
  expect(subscriptions()).toBe(before);
  expect(await stage.leader()).toBe(next);
  await stage.runsOnly(['a', 'b']);
  expect(stage.pidsOf(['a'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});
