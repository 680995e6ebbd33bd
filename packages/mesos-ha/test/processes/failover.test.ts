import { expect, test } from 'vitest';

import type { InstanceProcess } from './instance-process.ts';
import { Stage, timing } from './stage.ts';

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

/** What an instance has sent to Mesos from then on, until it was elected anew if it ever was, and Mesos has accepted. */
function acceptedSince({ said }: InstanceProcess, since: number): readonly string[] {
  const later = said.filter(({ at }) => at >= since);
  const elected = later.findIndex(({ kind, line }) => kind === 'leading' && !line.includes(' no more '));
  const inOffice = elected < 0 ? later : later.slice(0, elected);
  const calls = inOffice.filter(({ kind }) => kind === 'call');
  const accepted = new Set(said.filter(({ status = 0 }) => status === 202).map(({ number }) => number));
  return calls.filter(({ number }) => accepted.has(number)).map(({ line }) => line);
}

/** Elections after this epoch though the former leader had just been heard, as whoever leads knows them. */
async function needlessElections(leader: InstanceProcess, epoch: number): Promise<readonly unknown[]> {
  const { cluster } = await leader.state();
  return cluster.changes.filter((change) => change.epoch > epoch && change.tookMs! < timing.electionMinMs);
}

test('a leader that stands still until another leads finds itself fenced, and follows (#71)', async () => {
  const stage = await Stage.withInstances();
  const pids = await stage.run(['a'], stage.running[0]!);
  const former = await stage.leader();
  former.signal('SIGSTOP');
  const next = await stage.leader(stage.others(former));
  const { framework } = await next.state();
  const wokenAt = Date.now();
  former.signal('SIGCONT');
  await stage.sees(former, ({ cluster }) => cluster.standing === 'following');
  expect(acceptedSince(former, wokenAt)).toEqual([]);
  await stage.run(['b'], former);
  expect(acceptedSince(former, wokenAt)).toEqual([]);
  // On a machine that stands still the next one may lose its office, too; but nobody takes it away.
  expect(await needlessElections(await stage.leader(), framework.epoch!)).toEqual([]);
  await stage.runsOnly(['a', 'b']);
  expect(stage.pidsOf(['a'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});
