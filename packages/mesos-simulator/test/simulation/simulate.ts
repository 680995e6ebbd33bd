import type { TaskRecord } from '@vibrissa/mesos';
import { isTerminal } from '../../src/base/task-states.ts';
import type { TaskSnapshot } from '../../src/master/snapshot.ts';
import { calmDown, mend, somethingHappens } from './mishaps.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;

/** A master forgets after ten minutes whom it waits for, an agent repeats each ten minutes, a client doubts as long. */
const CALM_AT_MOST_MS = 90 * MINUTE_MS;

/** As long as the longest time between two repetitions of an update. */
const SILENCE_MS = 11 * MINUTE_MS;

interface Outcome {
  /** Nothing, if all is well. */
  readonly violations: readonly string[];
  readonly containers: number;
  readonly virtualMs: number;
}

/** Lets a world of faults live for some minutes, then calms it down, and compares what everybody believes. */
export function simulate(seed: number, trace?: Trace): Outcome {
  const world = new World(seed, trace);
  const { ledger } = world;
  try {
    live(world);
    calmDown(world);
    const differences = waitForQuiet(world);
    ledger.violations.push(...differences);
    if (ledger.violations.length === 0) end(world);
  } catch (error) {
    ledger.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { violations: ledger.violations, containers: ledger.containers.size, virtualMs: world.nowMs };
}

/** The same once more, in words. */
export function tell(seed: number): string {
  const trace = new Trace();
  const { violations } = simulate(seed, trace);
  return [...trace.lines, ...violations].join('\n');
}

function live(world: World): void {
  const { dice, cluster, owner } = world;
  // An agent that never learns its id leaves one behind, whose tasks nobody can reach ever.
  cluster.run(1000);
  owner.isCalm = false;
  world.startClient();
  for (let services = dice.whole(1, 8); services > 0; services--) owner.want('service');
  const untilMs = cluster.nowMs + dice.between(1, 15) * MINUTE_MS;
  const paceMs = dice.pick([2000, 10_000, 30_000]) ?? 0;
  while (cluster.nowMs < untilMs && world.ledger.violations.length === 0) {
    cluster.run(dice.between(0, paceMs));
    world.ledger.violations.push(...world.outages.differences());
    somethingHappens(world);
  }
}

/** Until all is as it should be, and no agent has anything to tell. Returns what is not as it should be. */
function waitForQuiet(world: World): readonly string[] {
  const { cluster, ledger } = world;
  const untilMs = cluster.nowMs + CALM_AT_MOST_MS;
  for (;;) {
    // Not always at the same moment of the masters' allocations: offers may be on their way.
    cluster.run(world.dice.between(9000, 11_000));
    mend(world);
    if (ledger.violations.length > 0) return [];
    const isLate = cluster.nowMs > untilMs;
    if (!isLate && world.nowMs - world.lastUpdateMs < SILENCE_MS) continue;
    const differences = compare(world);
    if (differences.length === 0 || isLate) return differences;
  }
}

function compare(world: World): readonly string[] {
  const { cluster, owner, client, store, ledger } = world;
  const differences: string[] = [];
  const framework = cluster.snapshot()?.frameworks.find(({ id }) => id === world.frameworkId);
  const records = [...(client?.core.tasks() ?? [])];
  const differ = (what: string, found: Iterable<string>, expected: Iterable<string>): void => {
    const difference = describeDifference(new Set(found), new Set(expected));
    if (difference !== '') differences.push(`${what}: ${difference}`);
  };
  const running = records.filter(({ state, unwanted }) => state === 'TASK_RUNNING' && !unwanted);
  differ(
    'the client knows, compared with what is wanted',
    records.map(({ id }) => id),
    owner.wanted,
  );
  differ(
    'run for the client, compared with what is wanted',
    running.map(({ id }) => id),
    owner.wanted,
  );
  const mesosIds = running.map(({ mesosTaskId }) => mesosTaskId);
  differ('the master knows, compared with the client', masterTasks(framework?.tasks ?? []), mesosIds);
  const living = ledger.living.filter(({ frameworkId }) => frameworkId === world.frameworkId);
  differ(
    'executors run, compared with the client',
    living.map(({ task }) => task.task_id.value),
    mesosIds,
  );
  if (living.length !== mesosIds.length)
    differences.push(`${living.length} executors run ${mesosIds.length} tasks`);
  differ('are stored, compared with the client', storedTasks(store.load().tasks), storedTasks(running));
  if (store.load().frameworkId !== world.frameworkId) differences.push('another framework id is stored');
  differences.push(...strangers(world), ...leakedOffers(world, framework?.offers ?? []));
  if (owner.jobs > 0) differences.push(`${owner.jobs} jobs have not ended`);
  const silentMs = world.nowMs - world.lastUpdateMs;
  if (silentMs < SILENCE_MS)
    differences.push(`an agent still told an update ${Math.round(silentMs / 1000)} s ago`);
  return differences;
}

/** Tasks of a framework of ours whose id was forgotten. */
function strangers({ ledger, frameworkId, cluster }: World): readonly string[] {
  const ours = new Set(
    cluster.snapshot()?.frameworks.flatMap(({ id, info }) => (info.name === 'simulated' ? id : [])),
  );
  return ledger.living
    .filter((launch) => launch.frameworkId !== frameworkId && ours.has(launch.frameworkId))
    .map(({ task, frameworkId: other }) => `${task.task_id.value} runs in the forgotten framework ${other}`);
}

function leakedOffers(
  { ledger, nowMs, holdMs }: World,
  outstanding: readonly { readonly id: { readonly value: string } }[],
): readonly string[] {
  return outstanding.flatMap(({ id: { value } }) => {
    const sinceMs = ledger.offers.get(value);
    if (sinceMs === undefined) return `offer ${value} is out, and the client does not have it`;
    return nowMs - sinceMs > holdMs + 1000 ? `offer ${value} is held since ${sinceMs}` : [];
  });
}

function masterTasks(tasks: readonly TaskSnapshot[]): readonly string[] {
  return tasks.map(({ id, state }) => (isTerminal(state) ? `${id} (${state})` : id));
}

function storedTasks(records: readonly TaskRecord[]): readonly string[] {
  return records.map(({ mesosTaskId, unwanted }) => `${mesosTaskId}${unwanted ? ' (unwanted)' : ''}`);
}

function describeDifference(found: ReadonlySet<string>, expected: ReadonlySet<string>): string {
  const missing = [...expected].filter((each) => !found.has(each));
  const surplus = [...found].filter((each) => !expected.has(each));
  return [
    ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
    ...(surplus.length > 0 ? [`beyond ${surplus.join(', ')}`] : []),
  ].join('; ');
}

/** A good end: all settles, nothing is left; a framework that is torn down takes its tasks with it. */
function end(world: World): void {
  const { cluster, client, ledger, dice } = world;
  const tearsDown = dice.chance(0.3);
  if (tearsDown) {
    world.owner.pause();
    client?.input({ type: 'teardown', request: -1 });
    cluster.run(30_000);
    const living = ledger.living.filter(({ frameworkId }) => frameworkId === world.frameworkId);
    for (const { task } of living) ledger.violations.push(`${task.task_id.value} has survived the teardown`);
    if (world.store.load().frameworkId !== undefined)
      ledger.violations.push('the id of a framework that is no more is stored');
  }
  world.closeClient();
}
