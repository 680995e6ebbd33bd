// Runs what takes a fixed share in `npm test` without bound: platforms that are killed at random moments, with a check of
// what they had promised, and fuzzing. Each round has a seed of its own; a failure names the command that replays it.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const MINUTE_MS = 60_000;
const SHARE_SECONDS = 60;

/** Name and test file. */
const surfaces = [
  ['kill', 'packages/server/test/history/kill-loop.test.ts'],
  ['fuzz', 'packages/server/test/faults/fuzz.test.ts'],
  ['fuzz-web-actions', 'packages/server/test/faults/fuzz-web-actions.test.ts'],
  ['fuzz-apis', 'packages/server/test/gateway/api-fuzz.test.ts'],
  ['mesos-fuzz', 'packages/mesos/test/transport/fuzz.test.ts'],
  ['cluster-wire', 'packages/cluster/test/fuzz/wire.test.ts'],
  ['cluster-simulation', 'packages/cluster/test/simulation/simulation.test.ts'],
  ['mesos-platform', 'packages/server/test/mesos-faults/mesos-faults.test.ts'],
  ['mesos-ha', 'packages/mesos-ha/test/processes/mishap-loop.test.ts'],
  ['mesos-simulation', 'packages/mesos-simulator/test/simulation/simulation.test.ts'],
];

const help = `Usage: npm run soak -- [options]

Kills real platforms at random moments and checks what they had promised (kill), fuzzes HTTP, JSON, archives, answers of
containers and the journal (fuzz), requests and results of web actions (fuzz-web-actions), API documents and addresses (fuzz-apis), what a Mesos master sends (mesos-fuzz) and what instances of a cluster send to each
other and keep (cluster-wire), kills agents, tasks, the master and the platform of a simulated cluster (mesos-platform),
kills, stops and cuts off instances of a clustered framework (mesos-ha), and runs instances of a cluster
(cluster-simulation) and the Mesos scheduler (mesos-simulation) in simulated worlds where everything fails, in turns,
until it is stopped (Ctrl-C) or something is found.

  --seed N        first seed; each round takes the next. Default: random
  --minutes M     stop after M minutes. Default: never
  --only NAME     ${surfaces.map(([name]) => name).join(', ')}: one of these alone
  --seconds S     share of each test in a round. Default: ${SHARE_SECONDS}
  --keep-going    go on after a failure
  --help          this text

Exit code: 0 when nothing was found, 1 when something was, 2 for a wrong option.
The output of every round that failed is kept in ${join(tmpdir(), 'vibrissa-soak')}.`;

function fail(text) {
  console.error(`${text}\n\n${help}`);
  process.exit(2);
}

function positive(name, text) {
  const value = Number(text);
  if (!(value > 0)) fail(`--${name} takes a positive number, not '${text}'.`);
  return value;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string' },
        only: { type: 'string' },
        seconds: { type: 'string' },
        'keep-going': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const chosen = surfaces.filter(([name]) => values.only === undefined || name === values.only);
    if (chosen.length === 0)
      fail(`--only takes ${surfaces.map(([name]) => name).join(', ')}, not '${values.only}'.`);
    return {
      seed: values.seed === undefined ? Math.floor(Math.random() * 1e9) : positive('seed', values.seed),
      untilMs:
        values.minutes === undefined
          ? Infinity
          : Date.now() + positive('minutes', values.minutes) * MINUTE_MS,
      seconds: values.seconds === undefined ? SHARE_SECONDS : positive('seconds', values.seconds),
      keepGoing: values['keep-going'] === true,
      chosen,
    };
  } catch (error) {
    return fail(error.message);
  }
}

let child;

/** Runs one test file with a seed; resolves with whether it passed, what it found out and all it printed. */
function round(file, seed, seconds) {
  return new Promise((resolve) => {
    const env = { ...process.env, SOAK_SEED: String(seed), SOAK_SECONDS: String(seconds), NO_COLOR: '1' };
    // A group of its own: Ctrl-C is ours to pass on, so that platforms are ended and not orphaned.
    child = spawn('npx', ['vitest', 'run', file], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('close', (code) => {
      child = undefined;
      const facts = output
        .split('\n')
        .filter((line) => /^(kill loop|mesos loop|mishap loop|fuzzed|simulated)[ :]/.test(line));
      resolve({ passed: code === 0, facts, output });
    });
  });
}

async function keep(name, seed, output) {
  const directory = join(tmpdir(), 'vibrissa-soak');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${name}-${seed}.log`);
  await new Promise((resolve) => createWriteStream(file).end(output, resolve));
  return file;
}

const { seed: firstSeed, untilMs, seconds, keepGoing, chosen } = readOptions();
const began = Date.now();
const totals = new Map(chosen.map(([name]) => [name, { rounds: 0, failures: [] }]));
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
    if (child) process.kill(-child.pid, 'SIGINT');
  });
}

console.log(`soak: first seed ${firstSeed}, ${seconds} s each; Ctrl-C ends it`);
for (let seed = firstSeed; !stopped && Date.now() < untilMs; seed++) {
  for (const [name, file] of chosen) {
    if (stopped || Date.now() >= untilMs) break;
    const { passed, facts, output } = await round(file, seed, seconds);
    if (stopped) break;
    const total = totals.get(name);
    total.rounds += 1;
    const minutes = ((Date.now() - began) / MINUTE_MS).toFixed(1);
    console.log(`${minutes} min  ${name} ${seed}: ${passed ? 'ok' : 'FAILED'}`);
    for (const fact of facts) console.log(`    ${fact}`);
    if (passed) continue;
    total.failures.push(seed);
    console.log(`    output: ${await keep(name, seed, output)}`);
    console.log(`    again:  SOAK_SEED=${seed} SOAK_SECONDS=${seconds} npx vitest run ${file}`);
    if (!keepGoing) stopped = true;
  }
}

const failures = [...totals.values()].flatMap((total) => total.failures);
for (const [name, { rounds, failures: seeds }] of totals) {
  console.log(
    `${name}: ${rounds} rounds, ${seeds.length} failed${seeds.length > 0 ? ` (seeds ${seeds.join(', ')})` : ''}`,
  );
}
process.exit(failures.length > 0 ? 1 : 0);
