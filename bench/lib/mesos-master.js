// A master in a process of its own that does as a figure tells it, over HTTP as a real one, and notes when calls arrive.
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { encodeRecord } from '@vibrissa/mesos/wire';
import { expectPlaced, Ledger } from './mesos-ledger.js';
import { nowMs, serve } from './mesos-process.js';
import { agentNumber, frameworkId, offer, offersOf, reconciliation, status, update } from './mesos-words.js';

const PAUSE_MS = 200;
const LIMIT_MS = 60_000;
const LOOK_EVERY = 50;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let stream;
let streams = 0;
let numbers = 0;
/** `collect`: calls are noted and looked at later, so that nothing delays the next; `run`; `finish`: run and end. */
let mode = 'run';
/** Offers that were accepted or declined are replaced. */
let refills = false;
/** Where the framework keeps its state. */
let directory;
let looked = 0;
/** Of launched tasks what was last told, and what is still to be told once that is acknowledged. */
const tasks = new Map();
const arrivals = [];
let collected = [];
let round;
let reconciled = { explicit: 0, implicit: 0, problem: undefined };

const tell = (event) => stream?.write(encodeRecord(JSON.stringify(event)));

function tellOffers(count, build = (number) => offer(number)) {
  const offers = Array.from({ length: count }, () => build(++numbers));
  if (offers.length > 0) tell({ type: 'OFFERS', offers: { offers } });
}

/** As an agent does: the next state when the one before is acknowledged. */
function proceed(taskId, task) {
  const state = task.states.shift();
  if (state === undefined) return tasks.delete(taskId);
  task.told = status(taskId, { agent: task.agent, number: ++numbers, state });
  tell(update(task.told));
}

const onCall = {
  ACCEPT({ accept }, arrivedMs) {
    for (const { launch } of accept.operations) {
      for (const { task_id, agent_id } of launch.task_infos) {
        arrivals.push([task_id.value, arrivedMs]);
        if (directory !== undefined && arrivals.length % LOOK_EVERY === 1) look(task_id.value);
        const states = ['TASK_STARTING', 'TASK_RUNNING', ...(mode === 'finish' ? ['TASK_FINISHED'] : [])];
        const task = { agent: agentNumber(agent_id.value), states, told: undefined };
        tasks.set(task_id.value, task);
        proceed(task_id.value, task);
      }
    }
    if (refills) tellOffers(accept.offer_ids.length);
  },
  ACKNOWLEDGE({ acknowledge }) {
    const taskId = acknowledge.task_id.value;
    const task = tasks.get(taskId);
    if (task?.told.uuid !== acknowledge.uuid) return;
    if (task.states.length > 0 || task.told.state === 'TASK_FINISHED') proceed(taskId, task);
  },
  DECLINE({ decline }) {
    if (refills) tellOffers(decline.offer_ids.length);
  },
  RECONCILE({ reconcile }) {
    const asked = reconcile.tasks.map(({ task_id }) => task_id.value);
    const known = (asked.length > 0 ? asked : [...tasks.keys()]).filter((taskId) => tasks.has(taskId));
    if (asked.length > 0) reconciled.explicit += known.length;
    else reconciled.implicit += known.length;
    for (let from = 0; from < known.length; from += 1000) {
      const answers = known.slice(from, from + 1000).map((taskId) => {
        const { told, failed } = tasks.get(taskId);
        return encodeRecord(
          JSON.stringify(update(reconciliation(told, failed ? 'TASK_FAILED' : told.state))),
        );
      });
      stream.write(Buffer.concat(answers));
    }
    // The client tells of it in its turn, so that it marks the end of the answers.
    if (asked.length === 0)
      tell({
        type: 'MESSAGE',
        message: { agent_id: { value: 'bench' }, executor_id: { value: 'bench' }, data: '' },
      });
  },
};

/** The intent must be on the disk by now. */
function look(taskId) {
  const generation = Math.max(
    ...readdirSync(directory).flatMap((name) => /^state-(\d+)\.jsonl$/.exec(name)?.[1] ?? []),
  );
  const text = readFileSync(path.join(directory, `state-${generation}.jsonl`), 'utf8');
  if (!text.includes(`"mesosTaskId":"${taskId}"`))
    reconciled.problem = `the ACCEPT of ${taskId} came before its record was written`;
  looked++;
}

function subscribe(response) {
  stream?.end();
  stream = response;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Mesos-Stream-Id': `bench-${++streams}` });
  response.socket.setNoDelay(true);
  tell({
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: { value: frameworkId },
      heartbeat_interval_seconds: 15,
      master_info: { id: 'bench', version: '1.11.0' },
    },
  });
}

function take(request, response, { body, arrivedMs }) {
  if (request.headers['mesos-stream-id'] === undefined) {
    if (request.url === '/bare') arrivals.push([request.headers['x-id'], arrivedMs]);
    else return subscribe(response);
  } else if (mode === 'collect') collected.push({ body, arrivedMs });
  response.writeHead(202, { 'Content-Length': 0 }).end();
  if (mode === 'collect' || request.url === '/bare') return;
  const call = JSON.parse(body.toString());
  onCall[call.type]?.(call, arrivedMs);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => take(request, response, { arrivedMs: nowMs(), body: Buffer.concat(parts) }));
});
server.keepAliveTimeout = 600_000;
server.requestTimeout = 0;
setInterval(() => tell({ type: 'HEARTBEAT' }), 15_000).unref();

/** Looks at the calls of a round when none came for a while, until every offer is answered. */
async function readRound() {
  const { ledger, specs } = round;
  const launched = new Set();
  let lastMs = 0;
  let calls = 0;
  for (const untilMs = nowMs() + LIMIT_MS; ledger.openOffers > 0;) {
    if (nowMs() > untilMs) throw new Error(`${ledger.openOffers} offers were never answered`);
    const before = collected.length;
    await pause(PAUSE_MS);
    if (collected.length > before) continue;
    for (const { body, arrivedMs } of collected.splice(0)) {
      const call = JSON.parse(body.toString());
      if (call.type === 'DECLINE') ledger.decline(call.decline.offer_ids.map(({ value }) => value));
      else if (call.type === 'ACCEPT') acceptInRound(call.accept, launched);
      else continue;
      calls++;
      lastMs = Math.max(lastMs, arrivedMs);
    }
  }
  return {
    milliseconds: lastMs - round.sentMs,
    calls,
    launched: launched.size,
    wanted: specs.size,
    accepted: ledger.accepted,
    declined: ledger.declined,
  };
}

function acceptInRound({ offer_ids, operations }, launched) {
  const infos = operations.flatMap(({ launch }) => launch.task_infos);
  const first = round.ledger.accept(
    offer_ids.map(({ value }) => value),
    infos.map(({ resources }) => resources),
  );
  for (const { task_id, agent_id, resources } of infos) {
    if (launched.has(task_id.value)) throw new Error(`${task_id.value} was launched twice`);
    launched.add(task_id.value);
    expectPlaced(round.specs.get(task_id.value), resources, first);
    tasks.set(task_id.value, { agent: agentNumber(agent_id.value), states: [], told: undefined });
  }
}

serve({
  async listen() {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port, url: `http://127.0.0.1:${server.address().port}` };
  },
  behave(wanted) {
    ({ mode = mode, refills = refills, directory = directory } = wanted);
  },
  offer({ count, cpus, mem }) {
    tellOffers(count, (number) => offer(number, { agent: number % count, cpus, mem }));
  },
  /** Offers of so many agents in one event; `specs`: what waits for them. */
  round({ agents, seed, specs }) {
    const offers = offersOf(agents, { seed, first: (numbers += agents) });
    const bytes = encodeRecord(JSON.stringify({ type: 'OFFERS', offers: { offers } }));
    collected = [];
    round = {
      ledger: new Ledger(offers),
      specs: new Map(specs.map((spec) => [spec.id, spec])),
      sentMs: nowMs(),
    };
    stream.write(bytes);
    return bytes.length;
  },
  readRound,
  finishAll() {
    mode = 'run';
    for (const [taskId, task] of tasks) {
      task.states = ['TASK_FINISHED'];
      proceed(taskId, task);
    }
  },
  /** Every so manieth task has failed, and its framework was not there to hear it. */
  fail({ every }) {
    const failed = [...tasks.keys()].filter((_, index) => index % every === 0);
    for (const taskId of failed) tasks.get(taskId).failed = true;
    return failed.length;
  },
  arrivals: () => arrivals.splice(0),
  reconciled() {
    const was = reconciled;
    reconciled = { explicit: 0, implicit: 0, problem: was.problem };
    return { ...was, tasks: tasks.size };
  },
  looked() {
    if (reconciled.problem) throw new Error(reconciled.problem);
    return looked;
  },
});
