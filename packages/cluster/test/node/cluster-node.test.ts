import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { staticSeeds } from '../../src/discovery/static-seeds.ts';
import { ClusterNode } from '../../src/node/cluster-node.ts';
import { PROTOCOL_VERSION } from '../../src/wire/packet.ts';
import { Instances, SECRET, until } from './instances.ts';

let instances: Instances;

beforeEach(() => {
  instances = new Instances();
});
afterEach(() => instances.close());

async function three(options: { readonly disk?: boolean } = {}): Promise<ClusterNode> {
  await instances.reserve(3);
  await Promise.all([0, 1, 2].map((slot) => instances.start(slot, options)));
  return until(() => instances.leader());
}

describe('three instances over real sockets', () => {
  test('found one cluster, and all name the same leader', async () => {
    await three();
    await until(() => {
      const [leader, ...others] = instances.all.map((node) => node.view().leader?.id);
      return leader !== undefined && others.every((id) => id === leader);
    });
    expect(new Set(instances.all.map((node) => node.view().clusterId)).size).toBe(1);
    await until(() =>
      instances.all.every((node) => node.members().filter(({ state }) => state === 'alive').length === 3),
    );
    const told = instances.all[0]!.view().members.map(({ meta }) => meta['protocol']);
    expect(told).toEqual([PROTOCOL_VERSION, PROTOCOL_VERSION, PROTOCOL_VERSION]);
  });

  test('share a map: what one has written all can read, and who comes second is told so', async () => {
    await three();
    const [a, b, c] = instances.all as [ClusterNode, ClusterNode, ClusterNode];
    const { version } = await a.map.write({ if: [{ key: 'x', version: 0 }], put: { x: 1 } });
    expect([...(await b.map.read('x'))]).toEqual([['x', { value: 1, version }]]);
    const second = b.map.write({ if: [{ key: 'x', version: 0 }], put: { x: 2 } });
    await expect(second).rejects.toMatchObject({ code: 'CONFLICT', keys: ['x'] });
    const seen: unknown[] = [];
    c.map.watch('y', ({ removed, values }) => seen.push([...values], removed));
    await a.map.write({ put: { y1: true, z: 0 } });
    await a.map.write({ remove: ['y1'] });
    await c.map.read('y');
    expect(seen).toEqual([[['y1', true]], [], [], ['y1']]);
  });

  test('elect another leader when one dies, with a higher epoch and everything that was written', async () => {
    const former = await three();
    const { epoch } = former.lease.current!;
    await former.map.write({ put: { kept: 'yes' } });
    await instances.stop(instances.slotOf(former));
    const leader = await until(() => instances.leader());
    expect(leader.lease.current!.epoch).toBeGreaterThan(epoch);
    expect((await leader.map.read('')).get('kept')?.value).toBe('yes');
    expect(leader.view().changes.at(-1)).toMatchObject({ leader: leader.id, former: former.id });
  });

  test('a leader that leaves hands over before it is gone', async () => {
    const former = await three({ disk: true });
    const lost: string[] = [];
    former.lease.watch((event) => event.kind === 'lost' && lost.push(event.why));
    await former.leave();
    expect(lost).toEqual(['this instance ends']);
    const leader = await until(() => instances.all.find((node) => node !== former && node.lease.current));
    expect(leader.id).not.toBe(former.id);
  });

  test('a leader that resigns counts from its last day in office how long nobody led, not from its first', async () => {
    const former = await three();
    const from = former.lease.current!.validUntilMs;
    await until(() => (former.lease.current?.validUntilMs ?? 0) > from + 500);
    former.lease.resign('for the test');
    const [first, second] = await until(() => {
      const { changes } = former.view();
      return changes.length > 1 && changes;
    });
    expect(second!.former).toBe(former.id);
    expect(second!.tookMs).toBeLessThan(second!.at - first!.at - 400);
  });

  test('one that comes back with its disk is the same member, one without is a new one (#81)', async () => {
    await three({ disk: true });
    const follower = instances.all.find((node) => node.lease.current === undefined)!;
    const slot = instances.slotOf(follower);
    await instances.stop(slot);
    const again = await instances.start(slot, { disk: true });
    expect(again.id).toBe(follower.id);
    await until(() => again.view().leader);
    await instances.stop(slot);
    const reborn = await instances.start(slot);
    expect(reborn.id).not.toBe(follower.id);
    const roles = () => new Map(reborn.view().members.map(({ id, role }) => [id, role]));
    await until(() => roles().get(reborn.id) === 'voter');
    await until(() => reborn.view().members.every(({ id, state }) => id !== follower.id || state === 'dead'));
  });

  test('all of them begin again with what was written, after all of them had ended', async () => {
    const leader = await three({ disk: true });
    const { epoch } = leader.lease.current!;
    await leader.map.write({ put: { kept: [1, 2] } });
    for (const slot of [0, 1, 2]) await instances.stop(slot);
    await Promise.all([0, 1, 2].map((slot) => instances.start(slot, { disk: true })));
    const next = await until(() => instances.leader());
    expect(next.lease.current!.epoch).toBeGreaterThan(epoch);
    expect((await next.map.read('')).get('kept')?.value).toEqual([1, 2]);
  });
});

describe('bad settings', () => {
  test('who has another secret neither joins nor disturbs, and both sides say so', async () => {
    await instances.reserve(3);
    await instances.start(0);
    await instances.start(1);
    await until(() => instances.leader());
    const stranger = await instances.start(2, { secrets: ['quite another secret'] });
    const codes = () => stranger.view().problems.map(({ code }) => code);
    await until(() => codes().includes('WRONG_SECRET'));
    const inside = instances.all[0]!;
    await until(() => inside.view().problems.some(({ code }) => code === 'WRONG_SECRET'));
    expect(stranger.view()).toMatchObject({ standing: 'founding' });
    expect(inside.members().map(({ id }) => id)).not.toContain(stranger.id);
  });

  test('a single seed that is itself, where three are to be, founds nothing and says what it waits for', async () => {
    await instances.reserve(1);
    const alone = await instances.start(0, { instances: 3 });
    const problem = await until(() => alone.view().problems.find(({ code }) => code === 'ONLY_SELF'));
    expect(problem.mend).not.toBe('');
    expect(alone.view()).toMatchObject({ standing: 'founding', instances: 3 });
    await expect(alone.map.write({ put: { a: 1 } }, { withinMs: 50 })).rejects.toMatchObject({
      code: 'NO_LEADER',
    });
  });

  test('an even count works, and is told to be no better', async () => {
    await instances.reserve(2);
    await instances.start(0);
    await instances.start(1);
    const leader = await until(() => instances.leader());
    const problem = await until(() => leader.view().problems.find(({ code }) => code === 'EVEN_COUNT'));
    expect(problem.message).toContain('both are needed');
  });

  test('a port that somebody has, and a data directory of another cluster, are refused by name', async () => {
    await instances.reserve(1);
    const first = await instances.start(0, { instances: 1, disk: true });
    await until(() => first.lease.current);
    await expect(instances.start(0, { instances: 1 })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await instances.stop(0);
    await expect(instances.start(0, { name: 'other', disk: true })).rejects.toMatchObject({
      code: 'OTHER_CLUSTER',
    });
  });

  test.each([
    [{ name: ' ' }, '`name` is missing'],
    [{ secrets: [] }, '`secrets` is missing'],
    [{ secrets: ['short'] }, 'less than 16 characters'],
    [{ instances: 0 }, '`instances` is 0'],
    [{ meta: { text: 'x'.repeat(600) } }, 'more than 512 bytes'],
    [{ meta: { leaving: false } }, '`meta.leaving`'],
    [{ timing: { leaseMs: 10_000 } }, 'timing.leaseMs (10000)'],
  ])('options that make no sense are refused: %j', async (wrong, words) => {
    const options = {
      name: 'test',
      secrets: [SECRET],
      listen: { host: '127.0.0.1', port: 0 },
      seeds: staticSeeds(['127.0.0.1:1']),
    };
    await expect(ClusterNode.open({ ...options, ...wrong })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(words) as string,
    });
  });
});

test('a single instance leads at once', async () => {
  await instances.reserve(1);
  const node = await instances.start(0);
  const { epoch } = await until(() => node.lease.current);
  expect(epoch).toBeGreaterThan(0);
  await node.map.write({ put: { a: 1 }, epoch });
  await expect(node.map.write({ put: { a: 2 }, epoch: epoch - 1 })).rejects.toMatchObject({
    code: 'EPOCH_OVER',
  });
  expect(node.map.get('a')?.value).toBe(1);
});
