// OpenWhisk as a Mesos framework, step by step, on a simulated cluster of three agents: each step says what it shows, does it
// with the commands that a user types, and is checked. Exits 0 when all held; leaves nothing behind, whatever happens.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './demo-mesos-world.js';
import { check, eventually } from './story.js';

const END_MARK = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
/** Before each line of an action: a byte, and the time in nanoseconds. */
const STAMP = new RegExp(`^${String.fromCharCode(0x1e)}\\d{19} `);
const AGENT_TIMEOUT_MS = 90_000;

const code = `function main({ name = 'stranger' }) {
  console.log('greeting', name);
  return { greeting: \`Hello, \${name}!\`, task: process.env.MESOS_TASK_ID };
}
`;

let steps = 0;
function step(text) {
  steps += 1;
  console.log(`\n${String(steps).padStart(2)}. ${text}`);
}

function listed(tasks, world) {
  for (const task of tasks) console.log(`     ${task.id}  on agent ${world.agentOf(task).number}`);
}

async function invoke(world, name) {
  const printed = await world.npx('wsk', 'action', 'invoke', 'hello', '--result', '--param', 'name', name);
  const result = JSON.parse(printed);
  check(result.greeting === `Hello, ${name}!`, `the result is wrong: ${printed}`);
  return result.task;
}

/** The tasks, as soon as there are so many. */
function tasksWhen(world, count) {
  return eventually(`${count} running tasks`, async () => {
    const tasks = await world.tasks();
    return tasks.length === count && tasks;
  });
}

async function beginning(world) {
  step('Start the platform with its containers on Mesos.');
  const platform = await world.startPlatform();

  step('It is a framework now: the master knows it.');
  const [framework, ...others] = await world.frameworks();
  check(framework && others.length === 0, 'there is not exactly one framework');
  console.log(`     ${framework.name}  ${framework.id}`);

  step('Prewarmed containers are Mesos tasks: in each a runtime waits for an action.');
  const status = await eventually('prewarmed containers', async () => {
    const tasks = await world.tasks();
    return tasks.length >= 2 && tasks;
  });
  check(
    status.every(({ name }) => name.startsWith('whisk')),
    `not all tasks are called whisk…: ${status.map(({ name }) => name).join(', ')}`,
  );
  listed(status, world);
  return { platform, frameworkId: framework.id, prewarmed: status.length };
}

async function firstCalls(world, prewarmed) {
  step('Set up the command line. There are no actions yet.');
  const url = `http://127.0.0.1:${world.port}`;
  await world.npx('wsk', 'property', 'set', '--apihost', url, '--auth', { secret: world.guestKey });
  const empty = await world.npx('wsk', 'action', 'list');
  check(!empty.includes('hello'), 'there is an action before one was created');

  step('Create the action hello: it returns the name of the Mesos task that it runs in.');
  const file = join(world.directory, 'hello.js');
  writeFileSync(file, code);
  await world.npx('wsk', 'action', 'create', 'hello', file);

  step('Invoke it: its code goes into a prewarmed container, and the result names the task.');
  const id = await invoke(world, 'you');
  const task = await eventually(`task ${id} in Mesos`, async () =>
    (await world.tasks()).find((each) => each.id === id),
  );

  step(
    "The task's sandbox log has the action's line; a mark follows what /init wrote, and what the activation wrote.",
  );
  const log = await eventually('the log lines', async () => {
    const text = await world.sandboxFile(task, 'stdout');
    return text.includes(END_MARK) && text;
  });
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(STAMP, ''));
  for (const line of lines) console.log(`     ${line}`);
  check(lines.includes('greeting you'), "the action's line is not in the log");
  const logs = await eventually("the activation's logs", async () => {
    const printed = await world.npx('wsk', 'activation', 'logs', '--last');
    return printed.includes('greeting you') && printed;
  });
  check(!logs.includes(END_MARK), "the mark is in the activation's logs");

  step(`A used prewarmed container is replaced: there are ${prewarmed + 1} tasks now.`);
  listed(await tasksWhen(world, prewarmed + 1), world);

  step('Invoke again: the same task, which is warm.');
  check((await invoke(world, 'you again')) === id, 'another task ran it');
  const told = await world.vibrissa('mesos', 'status');
  check(/warm/.test(told) && told.includes('/hello'), 'the status shows no warm container of hello');
  return task;
}

async function takeover(world, before, task) {
  step('Kill the platform (kill -9). Its tasks live on in the cluster.');
  const tasks = await world.tasks();
  await world.killPlatform(before.platform);
  check((await world.tasks()).length === tasks.length, 'tasks ended with the platform');
  console.log(`     ${tasks.length} tasks run`);

  step('Start it again: the same framework takes its tasks over, warm ones too.');
  const platform = await world.startPlatform();
  const [framework] = await world.frameworks();
  check(framework?.id === before.frameworkId, `it is another framework: ${framework?.id}`);
  check(
    (await invoke(world, 'after the restart')) === task.id,
    'another task ran it: nothing was taken over',
  );
  return platform;
}

async function lostAgent(world, task, prewarmed) {
  const { number } = world.agentOf(task);
  step(
    `Agent ${number}, where that task runs, is lost: Mesos says so when it has been silent for 75 seconds.`,
  );
  await world.simulator.control.killAgent(number);
  await world.simulator.control.advanceClock(AGENT_TIMEOUT_MS);

  step('Invoke again: another task on another agent runs it.');
  const id = await invoke(world, 'from elsewhere');
  check(id !== task.id, 'the task of the lost agent ran it');
  const other = await eventually(`task ${id} in Mesos`, async () =>
    (await world.tasks()).find((each) => each.id === id),
  );
  check(other.slave_id !== task.slave_id, 'it runs on the lost agent');
  listed([other], world);

  step(
    `The status tells it: the tasks of the lost agent are unreachable, and ${prewarmed} prewarmed ones are there again.`,
  );
  const reserve = () => tasksWhen(world, prewarmed + 1);
  await reserve();
  const told = await world.vibrissa('mesos', 'status');
  check(told.includes('Mesos: unreachable'), 'the status does not say what is unreachable');

  step(`Agent ${number} comes back: what still runs there is wanted by nobody any more, and is killed.`);
  await world.simulator.control.startAgent(number);
  await eventually('the end of the tasks on the agent that was lost', async () => {
    const left = await world.tasksOn(task.slave_id);
    return left.length > 0 && left.every(({ state }) => state === 'TASK_KILLED') && left;
  });
  await reserve();
  listed(await world.tasks(), world);
}

async function ending(world, platform) {
  step('Stop the platform: its last lines say what stays, and how to remove it.');
  const said = await world.stopPlatform(platform);
  console.log(said.replaceAll(/^/gm, '     '));
  check(said.includes('mesos teardown --yes'), 'the stop does not say how to remove the framework');

  step('Remove the framework and its tasks.');
  await world.vibrissa('mesos', 'teardown', '--yes', '--mesos-master', world.simulator.url);
  check((await world.frameworks()).length === 0, 'the framework is still there');
  await tasksWhen(world, 0);
}

async function tour(world) {
  const { simulator, confined } = world;
  console.log(`A simulated Mesos master at ${simulator.url} with ${simulator.agents.length} agents.`);
  if (!confined) console.log('Without bubblewrap on this machine, actions run unconfined here.');
  const before = await beginning(world);
  const task = await firstCalls(world, before.prewarmed);
  const platform = await takeover(world, before, task);
  await lostAgent(world, task, before.prewarmed);
  await ending(world, platform);
}

const interrupted = new Promise((_, reject) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(name, () => reject(new Error(`interrupted by ${name}`)));
  }
  process.once('uncaughtException', reject);
});
interrupted.catch(() => {});

const world = await World.open();
try {
  await Promise.race([tour(world), interrupted]);
  console.log('\nEvery step held; the cluster and all data are removed. Your turn: docs/mesos.md');
} catch (error) {
  console.error(`\ndemo failed in step ${steps}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await world.close();
}
process.exit();
