// A framework of three instances that take over from each other, step by step, on a simulated Mesos with a Marathon: each step says
// what it shows, does it with real processes, and is checked. Exits 0 when all held; leaves nothing behind, whatever happens.
import { setTimeout as sleep } from 'node:timers/promises';
import { check, eventually } from './story.js';
import { HaWorld } from './demo-mesos-ha-world.js';
import { printed, said, seconds, step, stepNumber, told, typed } from './demo-mesos-ha-words.js';

const APP = '/mesos-ha-framework';
const INSTANCES = 3;
const TASKS = 3;
/** Of a machine that has much else to do. */
const LIMIT_MS = 240_000;
const STOPPED_MS = 60_000;
/** Some leases, and some attempts to subscribe. */
const CALM_MS = 3000;
/** Without a word of the leader for so long others elect one; who is elected sooner has taken its office away. */
const SHORTEST_ELECTION_MS = 2000;

/** The instance that leads, when all of these say the same of it and it is subscribed. */
function leaderAmong(instances) {
  const leader = instances.find(({ view }) => view?.framework?.leads);
  const { epoch } = leader?.view.leader ?? {};
  const agree = instances.every(({ view }) => view?.leader?.epoch === epoch && view?.framework?.subscribed);
  return epoch !== undefined && agree ? { ...leader, epoch, id: leader.view.self.id } : undefined;
}

/** Whoever leads of these instances; the others, which may be dead or stopped, are not asked. */
function leaderWhen(what, world, isAsked = () => true) {
  return eventually(
    what,
    async () => {
      const asked = await world.instances(APP, isAsked);
      return asked.length > 1 && leaderAmong(asked);
    },
    LIMIT_MS,
  );
}

/** Resolves when there are three, one of them leads, and all of them vote and see each other alive. */
function wholeWhen(what, world) {
  return eventually(
    what,
    async () => {
      const instances = await world.instances(APP);
      const leader = instances.length === INSTANCES && leaderAmong(instances);
      if (!leader) return false;
      const ids = instances.map(({ view }) => view.self.id).toSorted();
      const voters = leader.view.members.filter(({ role, state }) => role === 'voter' && state === 'alive');
      return (
        voters
          .map(({ id }) => id)
          .toSorted()
          .join() === ids.join() && { instances, leader }
      );
    },
    LIMIT_MS,
  );
}

function asText(tasks) {
  return tasks
    .map(({ agent, id, pid, since }) => `${id} agent ${agent} process ${pid} since ${since}`)
    .join('\n');
}

/** The framework's id and its tasks are what they were: the same ids, processes and beginnings. */
async function sameAsBefore(world, before) {
  const frameworks = await world.frameworks();
  check(
    frameworks.length === 1 && frameworks[0].id === before.frameworkId,
    `expected the framework ${before.frameworkId} alone, and Mesos has ${frameworks.map(({ id }) => id).join(', ') || 'none'}`,
  );
  const now = asText(await world.tasks());
  check(now === asText(before.tasks), `expected the tasks\n${asText(before.tasks)}\nand there are\n${now}`);
}

async function sameStill(world, before) {
  await sameAsBefore(world, before);
  said(`Framework ${before.frameworkId}, and the same ${TASKS} processes: as before.`);
}

function status(world, { address }) {
  return world.vibrissa('cluster', 'status', address);
}

async function beginning(world) {
  step('Marathon starts three instances from one app definition.');
  await world.curl('POST', `${world.marathon.url}/v2/apps`, {
    shown: ' -d @deploy/marathon/mesos-ha-framework.json',
    body: JSON.stringify(world.app()),
  });
  const started = await eventually(
    'three instances that run',
    async () => {
      const instances = await world.instances(APP);
      return instances.length === INSTANCES && instances.every(({ pid }) => pid !== undefined) && instances;
    },
    LIMIT_MS,
  );
  for (const { address, pid } of started) said(`process ${pid}, asked how it is at ${address}`);

  step(
    'They find each other in what Marathon lists, found a cluster, and elect one that leads. It alone is subscribed at Mesos. Any of them tells who it is: no log has to be read.',
  );
  const { instances, leader } = await wholeWhen('one leads, and all three vote', world);
  const follower = instances.find(({ taskId }) => taskId !== leader.taskId);
  const shown = await status(world, follower);
  const now = await leaderWhen('one leads', world);
  check(
    [leader, now].some(({ view }) => shown.includes(`leader     ${view.self.address} `)),
    `expected the status to name ${leader.view.self.address} as the leader`,
  );

  step('Whoever leads keeps three tasks running. These are their processes:');
  const tasks = await eventually(
    'three tasks that run',
    async () => {
      const running = await world.tasks();
      return running.length === TASKS && running.every(({ pid }) => pid !== undefined) && running;
    },
    LIMIT_MS,
  );
  for (const { agent, name, pid } of tasks) said(`${name}  on agent ${agent}  process ${pid}`);
  const [framework] = await world.frameworks();
  return { frameworkId: framework.id, tasks };
}

async function killed(world, before) {
  const leader = await leaderWhen('one leads', world);
  const old = new Set((await world.instances(APP)).map(({ taskId }) => taskId));
  step(`Kill the leader, ${leader.view.self.address}: process ${leader.pid}, with SIGKILL.`);
  typed(`kill -KILL ${leader.pid}`);
  process.kill(leader.pid, 'SIGKILL');
  const at = Date.now();
  const next = await leaderWhen('another leads', world, ({ id }) => id !== leader.taskId && old.has(id));
  check(next.epoch > leader.epoch, `expected an epoch above ${leader.epoch}, and it is ${next.epoch}`);
  said(
    `${seconds(Date.now() - at)} later ${next.view.self.address} leads, and is subscribed (epoch ${next.epoch}).`,
  );
  await sameStill(world, before);

  step(
    'Marathon has seen it, too, and starts another one in its place. That one follows, and gets the vote of the dead one when Marathon has not listed that for a while.',
  );
  const whole = await wholeWhen('the new instance votes', world);
  const newcomer = whole.instances.find(({ taskId }) => !old.has(taskId));
  check(newcomer, 'expected an instance that was not there before');
  check(!newcomer.view.framework.leads, 'expected the new instance to follow, and it leads');
  said(`${newcomer.view.self.address} follows and votes, ${seconds(Date.now() - at)} after the kill.`);
  await status(world, whole.leader);
  await sameAsBefore(world, before);
}

/** Nobody has led since this epoch but who was elected because the one before was not heard of. */
function noneWasOusted({ view }, { epoch }) {
  for (const { epoch: later, leader, tookMs } of view.changes.filter((change) => change.epoch > epoch))
    check(
      tookMs >= SHORTEST_ELECTION_MS,
      `expected that epoch ${epoch} goes on, and ${leader} was elected in epoch ${later} after ${tookMs} ms`,
    );
}

/**
 * Resolves with the leader when for so long nothing has changed: the same one leads in the same epoch, by one subscription,
 * and the tasks run. On a machine that has much else to do there may be an election, and it begins anew.
 */
async function calm(world, before, from) {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const leader = await leaderWhen('one leads', world);
    noneWasOusted(leader, from);
    const subscription = await subscribedAt(world);
    const until = Date.now() + CALM_MS;
    let isCalm = true;
    while (isCalm && Date.now() < until) {
      await sleep(500);
      await sameAsBefore(world, before);
      const epochs = (await world.instances(APP)).map(({ view }) => view?.leader?.epoch);
      isCalm = epochs.every((one) => one === leader.epoch) && (await subscribedAt(world)) === subscription;
    }
    if (isCalm) return leader;
    check(Date.now() < deadline, `expected calm, and leader or subscription have changed all the time`);
  }
}

async function stopped(world, before) {
  const leader = await leaderWhen('one leads', world);
  step(
    `Stop the leader, ${leader.view.self.address}, for a minute, as a machine that freezes does: process ${leader.pid}, with SIGSTOP. It doesn't know, and nobody can tell it.`,
  );
  const saidBefore = world.stdout(leader.taskId).length;
  typed(`kill -STOP ${leader.pid}`);
  process.kill(leader.pid, 'SIGSTOP');
  const at = Date.now();
  const isAwake = ({ id }) => id !== leader.taskId;
  const second = await leaderWhen('another leads', world, isAwake);
  said(
    `${seconds(Date.now() - at)} later ${second.view.self.address} leads, and is subscribed (epoch ${second.epoch}).`,
  );
  while (Date.now() - at < STOPPED_MS) {
    await sameAsBefore(world, before);
    await sleep(Math.min(500, Math.max(0, STOPPED_MS - (Date.now() - at))));
  }
  // On a machine that has much else to do there may have been another election.
  const next = await leaderWhen('one leads at the end of the minute', world, isAwake);
  said(`A minute has passed, and ${next.view.self.address} leads (epoch ${next.epoch}).`);
  await sameStill(world, before);

  step(
    'Wake it. For itself it has led all the time: its lease, which has ended by its own clock, keeps it from doing anything; then it hears who leads, and follows. These are its lines:',
  );
  const subscription = await subscribedAt(world);
  typed(`kill -CONT ${leader.pid}`);
  process.kill(leader.pid, 'SIGCONT');
  const whole = await wholeWhen('the one that was woken follows', world);
  const awake = whole.instances.find(({ taskId }) => taskId === leader.taskId);
  check(awake?.pid === leader.pid, 'expected the process that was stopped, and it is gone');
  noneWasOusted(whole.leader, next);
  printed(
    world
      .stdout(leader.taskId)
      .slice(saidBefore)
      .replaceAll(/^\S+T(\S+)Z /gm, '$1  '),
  );
  const { epoch } = await calm(world, before, next);
  const isSame = (await subscribedAt(world)) === subscription;
  check(isSame || epoch > next.epoch, 'expected one subscription, and there was another one');
  said(`For ${CALM_MS / 1000} s nothing moves: one leader, epoch ${epoch}, one subscription.`);
  await sameStill(world, before);
}

/** When the master has last taken a subscription of the framework. */
async function subscribedAt(world) {
  const [framework] = await world.frameworks();
  return framework?.reregistered_time;
}

async function rolled(world, before) {
  step(
    'Replace all of them: Marathon starts three new instances beside the three old ones, and ends an old one for each new one that is healthy.',
  );
  const old = new Set((await world.instances(APP)).map(({ taskId }) => taskId));
  await world.curl('POST', `${world.marathon.url}/v2/apps${APP}/restart`);
  const at = Date.now();
  const counts = [INSTANCES];
  await eventually(
    'three new instances alone',
    async () => {
      const listed = await world.marathon.tasks(APP);
      if (listed.length !== counts.at(-1)) counts.push(listed.length);
      const isDone = listed.length === INSTANCES && listed.every(({ id }) => !old.has(id));
      return isDone && (await world.marathon.deployments()).length === 0;
    },
    LIMIT_MS,
  );
  const most = Math.max(...counts);
  check(most === 2 * INSTANCES, `expected ${2 * INSTANCES} instances in between, and there were ${most}`);
  const whole = await wholeWhen('one of the new instances leads, and all of them vote', world);
  said(`Instances: ${counts.join(' → ')}, in ${seconds(Date.now() - at)}.`);
  await status(world, whole.leader);
  await sameStill(world, before);
}

async function ending(world, before) {
  step('Remove the app. The instances go; the framework waits for them in Mesos, and its tasks run on.');
  await world.curl('DELETE', `${world.marathon.url}/v2/apps${APP}`);
  await eventually(
    'the end of all instances',
    async () => (await world.marathon.tasks()).length === 0,
    LIMIT_MS,
  );
  await sameStill(world, before);

  step('Tear the framework down: now its tasks end.');
  await world.curl('POST', `${world.simulator.url}/teardown`, {
    shown: ` -d frameworkId=${before.frameworkId}`,
    body: new URLSearchParams({ frameworkId: before.frameworkId }),
  });
  await eventually('the end of the framework', async () => (await world.frameworks()).length === 0, LIMIT_MS);
  await eventually('the end of all tasks', () => world.processes().length === 0, LIMIT_MS);
  await world.close();
  const left = world.leftovers();
  check(left.length === 0, `expected that nothing is left, and there is ${left.join(', ')}`);
  said('No process and no directory is left.');
}

async function tour(world) {
  const { simulator, marathon } = world;
  told(
    `A simulated Mesos master at ${simulator.url} with ${simulator.agents.length} agents, and a Marathon at ${marathon.url}. The app is deploy/marathon/mesos-ha-framework.json; it runs from this checkout, its instances are asked for their health after 3 s, a dead one loses its vote after 4 s instead of 60, and they are replaced all at once, as Marathon does it by default. Leases and elections have their usual times.`,
  );
  const before = await beginning(world);
  await killed(world, before);
  await stopped(world, before);
  await rolled(world, before);
  await ending(world, before);
}

const interrupted = new Promise((_, reject) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(name, () => reject(new Error(`interrupted by ${name}`)));
  }
  process.once('uncaughtException', reject);
});
interrupted.catch(() => {});

const world = await HaWorld.open();
const began = Date.now();
try {
  await Promise.race([tour(world), interrupted]);
  console.log(`\nEvery step held, in ${seconds(Date.now() - began)}. Your turn: docs/cluster.md`);
} catch (error) {
  console.error(`\ndemo failed in step ${stepNumber()}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await world.close();
}
process.exit();
