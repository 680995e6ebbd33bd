import { agentOrder } from '../../src/faults/operator-orders.ts';
import { frameworkInfo, type World } from './world.ts';
import { RawFramework } from './raw-framework.ts';
import { clientName } from './virtual-client.ts';

interface Mishap {
  readonly name: string;
  /** How often, compared with the others. */
  readonly weight: number;
  run(world: World): void;
}

const later = (world: World, longestMs: number, run: () => void): void => {
  world.cluster.clock.after(world.dice.between(10, longestMs), run);
};

function someAgent(world: World): number {
  const number = world.dice.whole(1, world.agents);
  world.say(`    agent ${number}`);
  return number;
}

const someMaster = ({ dice, masters }: World): number => dice.whole(1, masters);

const mishaps: readonly Mishap[] = [
  { name: 'want a service', weight: 8, run: ({ owner }) => void (owner.size < 15 && owner.want('service')) },
  { name: 'want a group', weight: 2, run: ({ owner }) => void (owner.size < 15 && owner.want('group')) },
  { name: 'want a job', weight: 4, run: ({ owner }) => void (owner.size < 15 && owner.want('job')) },
  { name: 'no longer want something', weight: 4, run: ({ owner }) => owner.unwant() },
  { name: 'reconcile', weight: 1, run: ({ owner }) => owner.reconcile() },
  {
    name: 'a client crashes',
    weight: 2,
    run: (world) => {
      world.crashClient();
      later(world, 120_000, () => world.startClient());
    },
  },
  {
    name: 'a client closes',
    weight: 0.5,
    run: (world) => {
      world.closeClient();
      later(world, 60_000, () => world.startClient());
    },
  },
  { name: 'a client steps down', weight: 0.5, run: (world) => world.stepDown() },
  {
    name: 'another instance subscribes',
    weight: 1,
    run: (world) => {
      if (world.frameworkId === undefined) return;
      const info = { ...frameworkInfo, id: { value: world.frameworkId } };
      const master = world.dice.pick(world.cluster.masterUrls) ?? '';
      const other = new RawFramework(world.cluster, {
        master,
        info: { ...info, name: 'another instance' },
        tasks: 0,
      });
      later(world, 20_000, () => other.close());
    },
  },
  {
    name: 'another framework comes, and is torn down',
    weight: 2,
    run: (world) => {
      const name = `other-${world.nowMs}`;
      const info = { user: 'root', name, roles: ['other'], checkpoint: true, failover_timeout: 1 };
      const master = world.dice.pick(world.cluster.masterUrls) ?? '';
      const other = new RawFramework(world.cluster, { master, info, tasks: world.dice.whole(0, 5) });
      later(world, 60_000, () => other.teardown());
    },
  },
  {
    name: 'the connection freezes',
    weight: 1,
    run: ({ cluster }) => cluster.freezeClient(clientName),
  },
  {
    name: 'a master crashes',
    weight: 1,
    run: (world) => {
      const number = someMaster(world);
      world.say(`    master ${number}`);
      world.cluster.killMaster(number);
      world.ledger.masterChanged();
      later(world, 60_000, () => {
        world.cluster.startMaster(number);
        world.ledger.masterChanged();
      });
    },
  },
  {
    name: 'an agent crashes',
    weight: 2,
    run: (world) => {
      const number = someAgent(world);
      world.cluster.killAgent(number);
      later(world, world.dice.pick([5000, 60_000, 200_000]) ?? 0, () => world.cluster.startAgent(number));
    },
  },
  {
    name: 'an agent leaves',
    weight: 0.5,
    run: (world) => {
      const number = someAgent(world);
      world.cluster.leaveAgent(number);
      later(world, 60_000, () => world.cluster.startAgent(number));
    },
  },
  {
    name: 'an agent is cut off',
    weight: 1,
    run: (world) => {
      const number = someAgent(world);
      world.cluster.partitionAgent(number);
      later(world, world.dice.pick([5000, 60_000, 300_000]) ?? 0, () => world.cluster.healAgent(number));
    },
  },
  {
    name: 'an agent is marked gone',
    weight: 0.5,
    run: (world) => {
      const number = someAgent(world);
      world.cluster.markAgentGone(number);
      // It was told to end its process: what is started in its place is another agent.
      later(world, 60_000, () => world.cluster.startAgent(number));
    },
  },
  {
    name: 'an agent is drained',
    weight: 1,
    run: (world) => {
      const { dice, cluster } = world;
      const number = someAgent(world);
      cluster.drainAgent(number, { markGone: dice.chance(0.3), maxGraceMs: dice.whole(0, 10_000) });
      later(world, 200_000, () => {
        cluster.startAgent(number);
        cluster.reactivateAgent(number);
      });
    },
  },
  {
    name: 'a maintenance is planned',
    weight: 1,
    run: (world) => {
      const { dice, cluster } = world;
      const startInMs = dice.pick([0, 60_000, 7_200_000]) ?? 0;
      const ends = dice.chance(0.5) ? { durationMs: dice.between(60_000, 600_000) } : {};
      cluster.scheduleMaintenance(someAgent(world), { startInMs, ...ends });
      later(world, 300_000, () => cluster.cancelMaintenance());
    },
  },
  { name: 'offers are rescinded', weight: 2, run: ({ cluster }) => cluster.rescindOffers() },
  {
    name: 'a clock is set',
    weight: 0.5,
    run: ({ cluster, dice, outages }) => {
      cluster.jumpClock(dice.between(-3_600_000, 3_600_000));
      outages.clockSet();
    },
  },
  {
    name: 'the disk is slow, or fails',
    weight: 1,
    run: (world) => {
      const { store, dice } = world;
      store.slowestMs = dice.pick([2, 500, 10_000]) ?? 2;
      store.failing = dice.pick([0, 0.1, 0.5]) ?? 0;
      later(world, 60_000, () => {
        store.slowestMs = 2;
        store.failing = 0;
      });
    },
  },
];

const allWeights = mishaps.reduce((sum, { weight }) => sum + weight, 0);

/** One thing that happens, good or bad. */
export function somethingHappens(world: World): void {
  let left = world.dice.next() * allWeights;
  for (const { name, weight, run } of mishaps) {
    left -= weight;
    if (left >= 0) continue;
    world.say(`--- ${name}`);
    run(world);
    return;
  }
}

/** Whatever is down comes up, whatever is cut heals. */
export function calmDown(world: World): void {
  const { cluster, store, owner } = world;
  world.say('--- the faults stop');
  owner.isCalm = true;
  store.failing = 0;
  store.slowestMs = 2;
  for (let number = 1; number <= world.masters; number++) cluster.startMaster(number);
  for (let number = 1; number <= world.agents; number++) cluster.healAgent(number);
  mend(world);
  world.startClient();
}

/**
 * What an operator does from time to time as long as nothing fails: an agent that comes back may be told to go, and one
 * that died before it learned its id leaves one behind, whose tasks nobody can reach until it is said to be gone.
 */
export function mend({ cluster, agents }: World): void {
  const numbers = Array.from({ length: agents }, (_, index) => index + 1);
  for (const number of numbers) cluster.startAgent(number);
  const { agents: known = [], unreachableAgentIds = [] } = cluster.snapshot() ?? {};
  const deactivated = new Set(known.flatMap(({ id, deactivated: is }) => (is ? id : [])));
  for (const number of numbers)
    if (deactivated.has(cluster.agentId(number) ?? '')) cluster.reactivateAgent(number);
  const ours = new Set(numbers.map((number) => cluster.agentId(number)));
  for (const id of unreachableAgentIds)
    if (!ours.has(id)) cluster.operator(agentOrder('MARK_AGENT_GONE', id));
  const { text } = cluster.operator({ type: 'GET_MAINTENANCE_SCHEDULE' });
  if (text.includes('machine_ids')) cluster.cancelMaintenance();
}
