import { ClusterNode, staticSeeds, systemClock, WitnessLease } from '@vibrissa/cluster';
import { MesosScheduler } from '@vibrissa/mesos';
import { takeOwnLoopback } from '@vibrissa/testkit';
import { onTestFinished, expect, test } from 'vitest';

import { mesosWitness } from '../src/index.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';
import { Proxy, type Address } from './processes/proxy.ts';

const NAME = 'two';
const SECRET = 'a secret of the two of them';
/** Short, but longer than a busy machine stands still. */
const times = { pollMs: 100, timeoutMs: 500, leaseMs: 1_200, marginMs: 1_500 };

/** What a program of two instances puts together: gossip, the lease with Mesos as its witness, and a scheduler. */
class Instance {
  readonly node: ClusterNode;
  /** Of its terms of office. */
  readonly epochs: number[] = [];
  readonly #witness: ReturnType<typeof mesosWitness>;
  isSubscribed = false;
  readonly #kit: FrameworkKit;
  readonly #mesos: Proxy;
  readonly #gossip: Proxy;
  readonly #masters: string;
  #lease: WitnessLease | undefined;
  #scheduler: MesosScheduler | undefined;

  private constructor(
    kit: FrameworkKit,
    {
      gossip,
      masters,
      mesos,
      node,
    }: {
      readonly gossip: Proxy;
      readonly masters: string;
      readonly mesos: Proxy;
      readonly node: ClusterNode;
    },
  ) {
    this.#kit = kit;
    this.#gossip = gossip;
    this.#masters = masters;
    this.#mesos = mesos;
    this.node = node;
    this.#witness = mesosWitness({ masters, name: NAME, cluster: NAME });
    onTestFinished(async () => {
      await this.die();
      await this.#witness.close();
      await Promise.all([mesos.close(), gossip.close()]);
    });
  }

  static async start(kit: FrameworkKit, slot: number, all: readonly Slot[]): Promise<Instance> {
    const { inner, mesos: front, outer } = all[slot]!;
    const simulator = new URL(kit.simulator.url);
    const gossip = await Proxy.open(outer, inner, () => 1);
    const behind = { host: simulator.hostname, port: Number(simulator.port) };
    const mesos = await Proxy.open(front, behind, () => 1);
    const node = await ClusterNode.open({
      name: NAME,
      secrets: [SECRET],
      listen: inner,
      advertise: outer,
      seeds: staticSeeds(all.map(({ outer }) => `${outer.host}:${outer.port}`)),
      instances: all.length,
      timing: 'fast',
    });
    return new Instance(kit, { gossip, mesos, node, masters: `http://${front.host}:${front.port}` });
  }

  /** From now on it wants the lease, and acts while it holds it. Where both begin before they have met, both may. */
  begin(onAcquired: () => void): void {
    const { id } = this.node;
    const membership = { selfId: id, members: () => this.node.members() };
    this.#lease = new WitnessLease({ membership, witness: this.#witness, ...times });
    this.#lease.watch((event) => {
      if (event.kind === 'lost') return void this.#stop();
      this.epochs.push(event.epoch);
      onAcquired();
      // It says why it has come to nothing: nobody waits for it.
      this.#subscribe(event.epoch).catch((error: unknown) => console.error(error));
    });
  }

  leads(): boolean {
    return this.#lease?.isValid(systemClock.monotonicMs()) ?? false;
  }

  /** Nothing passes any more, and nobody is told. */
  cut(): void {
    for (const way of this.#ways()) way.isShut = true;
  }

  /** The other ends notice. */
  breakConnections(): void {
    this.#mesos.breakConnections();
  }

  heal(): void {
    for (const way of this.#ways()) way.isShut = false;
  }

  /** By its own way to Mesos. */
  async hasSeen(epoch: number): Promise<void> {
    await eventually(async () => (await this.#witness.observe()).epoch >= epoch);
  }

  async die(): Promise<void> {
    await Promise.all([this.#lease?.close(), this.node.close(), this.#stop()]);
  }

  async #subscribe(epoch: number): Promise<void> {
    const [known] = await this.#kit.operator.findFrameworks({ name: NAME });
    const id = known?.framework_info.id?.value;
    if (this.#lease?.current?.epoch !== epoch) return;
    this.#scheduler = await MesosScheduler.open({
      masters: this.#masters,
      framework: {
        name: NAME,
        failoverTimeoutMs: 3_600_000,
        labels: { 'cluster.name': NAME, 'cluster.epoch': String(epoch), 'cluster.member': this.node.id },
        ...(id === undefined ? {} : { id }),
      },
      mayAct: (nowMs) => this.#lease?.current?.epoch === epoch && this.#lease.isValid(nowMs),
      timeouts: { backoffMinMs: 20, backoffMaxMs: 200 },
    });
    await this.#scheduler.subscribe().then(
      () => (this.isSubscribed = true),
      () => {},
    );
  }

  async #stop(): Promise<void> {
    this.isSubscribed = false;
    await this.#scheduler?.close();
    this.#scheduler = undefined;
  }

  #ways() {
    return [this.#mesos, this.#gossip].flatMap(({ back, toward }) => [back, toward]);
  }
}

interface Slot {
  readonly inner: Address;
  readonly outer: Address;
  readonly mesos: Address;
}

/** Two that have met, one of which leads and is subscribed; `both` stays empty unless both held the lease. */
async function startTwo() {
  const kit = await FrameworkKit.open();
  const loopback = await takeOwnLoopback();
  onTestFinished(() => loopback.close());
  const at = (number: number, port: number) => ({ host: loopback.host(number), port });
  const slots = [1, 2].map((number) => ({
    inner: at(number, 7946),
    outer: at(10 + number, 7946),
    mesos: at(20 + number, 5050),
  }));
  const all = await Promise.all([0, 1].map((slot) => Instance.start(kit, slot, slots)));
  await eventually(() => all.every(({ node }) => node.members().length === 2));
  const both: number[] = [];
  // A lease begins here only: were there ever two at once, one of them began while the other lasted.
  const look = () => {
    if (all.every((instance) => instance.leads())) both.push(...all.flatMap(({ epochs }) => epochs));
  };
  for (const one of all) one.begin(look);
  await eventually(() => all.some(({ isSubscribed }) => isSubscribed));
  const leader = all.find(({ isSubscribed }) => isSubscribed)!;
  const other = all.find((one) => one !== leader)!;
  const epoch = leader.epochs.at(-1)!;
  return { kit, both, leader, other, epoch };
}

/** The other one goes on, under the same id and with a higher epoch. */
async function takenOver({ epoch, kit, other }: Awaited<ReturnType<typeof startTwo>>): Promise<void> {
  await eventually(() => other.isSubscribed);
  expect(other.epochs.at(-1)).toBeGreaterThan(epoch);
  expect(new Set(await kit.frameworkIds()).size).toBe(1);
}

test('the second of two goes on with the framework when Mesos has seen the first one die', async () => {
  const two = await startTwo();
  await two.leader.die();
  await takenOver(two);
  expect(two.both).toEqual([]);
});

test('one of two that is cut off leads no more when the other one begins, and one leads when it is back', async () => {
  const two = await startTwo();
  const { both, leader, other } = two;
  leader.cut();
  leader.breakConnections();
  await takenOver(two);
  expect(both).toEqual([]);
  leader.heal();
  await eventually(() => leader.node.members().every(({ state }) => state === 'alive'));
  await leader.hasSeen(other.epochs.at(-1)!);
  // What it had sent when it was cut off may arrive only now, and take the subscription back, to an epoch that was over: they
  // change once more then.
  const leading = () => [leader, other].filter((one) => one.leads());
  await eventually(() => leading().length === 1 && leading().every(({ isSubscribed }) => isSubscribed));
  expect(both).toEqual([]);
});

test('nobody of two leads while Mesos takes one that is cut off for connected', async () => {
  const two = await startTwo();
  const { leader, other } = two;
  const before = [...other.epochs];
  leader.cut();
  await eventually(() => !leader.leads());
  await eventually(() => other.node.members().some(({ state }) => state === 'dead'));
  expect(other.epochs).toEqual(before);
  leader.breakConnections();
  await takenOver(two);
  expect(two.both).toEqual([]);
});
