/**
 * A platform on a simulated cluster, both in processes of their own, while agents, tasks, the master and the platform come
 * to harm at random, and clients note what they are told. The seed decides what is asked for and what goes wrong; what of
 * it meets which step is up to the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@vibrissa/testkit';

import type { MesosReport } from '../../src/administration/mesos-report.ts';
import type { ActivationView, History } from '../history/check-history.ts';
import { Clients, listAll, type Wish } from '../history/clients.ts';
import {
  ask,
  guestOf,
  runVibrissa,
  startPlatform,
  type PlatformProcess,
} from '../platform/platform-process.ts';
import { checkLogs, type LogFindings, type LoggedActivation } from './check-logs.ts';
import { ownPorts } from '../mesos/own-ports.ts';
import { ClusterProcess } from './cluster-process.ts';
import { Trouble } from './trouble.ts';

export interface MesosLoopOptions {
  readonly seed: number;
  /** It ends when so many activations have been told of, */
  readonly activations: number;
  /** or so much time has passed. */
  readonly seconds: number;
}

/** What is there in the end, as three see it: equal when nothing leaks. */
export interface Inventory {
  /** Tasks that are containers of the pool. */
  readonly pool: readonly string[];
  readonly mesos: readonly string[];
  /** Tasks with processes on this machine. */
  readonly machine: readonly string[];
}

export interface MesosLoopReport {
  readonly history: History;
  readonly logs: LogFindings;
  readonly successes: number;
  readonly kills: number;
  /** How often what went wrong. */
  readonly troubles: { readonly [what: string]: number };
  /** When all has come to rest. */
  readonly inventory: Inventory;
  /** After the teardown: tasks, processes and frameworks. */
  readonly left: readonly string[];
}

const SETTLING_LIMIT_MS = 30_000;
/** Until Mesos, the machine and the pool agree: a lost KILL is repeated every 5 s, and the machine may be busy. */
const AGREEMENT_LIMIT_MS = 60_000;
/** Of an agent that is silent; then it is unreachable. */
const AGENT_PATIENCE = ['--agent-ping-timeout', '500ms', '--max-agent-ping-timeouts', '3'];
/** For agents that don't come back to a new master, because they have left: until then nobody says what became of their tasks. */
const RETURN_PATIENCE = ['--agent-reregister-timeout', '4secs'];
const clusterFlags = [
  ...AGENT_PATIENCE,
  ...RETURN_PATIENCE,
  '--registry',
  'replicated_log',
  '--allocation-interval',
  '200ms',
];

const settings = [
  ['limits.actions.invokes.perMinute', '1000000'],
  ['limits.actions.invokes.concurrent', '1000'],
  ['containerPool.userMemoryMb', '1536'],
  ['log.level', 'warn'],
].flatMap(([key, value]) => ['--set', `${key}=${value}`]);

const actions = ['quick', 'slow', 'chatty'] as const;
type Action = (typeof actions)[number];

/** Leaves its line before anything else, in the file that outlives it. */
const code = `function main({ mark, ms, lines }) {
  console.log('start ' + process.env.__OW_ACTIVATION_ID + ' ' + mark);
  for (let count = 0; count < lines; count++) (count % 2 ? console.error : console.log)(mark + ' line ' + count);
  return new Promise((resolve) => setTimeout(() => {
    console.log(mark + ' end');
    resolve({ mark, lines, task: process.env.MESOS_TASK_ID });
  }, ms));
}`;

interface Result {
  readonly mark: string;
  readonly lines: number;
  readonly task: string;
}

/** Errors of activations whose containers came to harm. */
const harm =
  /Mesos|^The action (?:did not .* and exited unexpectedly|exhausted its memory)|^Failed to provision resources/;

class MesosLoop {
  readonly #options: MesosLoopOptions;
  readonly #random: () => number;
  readonly #directory: string;
  readonly #cluster: ClusterProcess;
  readonly #port: number;
  readonly #clients: Clients;
  readonly #trouble: Trouble;
  #kills = 0;

  private constructor(
    options: MesosLoopOptions,
    parts: { random: () => number; cluster: ClusterProcess; port: number; directory: string },
  ) {
    const { cluster, directory, port, random } = parts;
    this.#options = options;
    this.#random = random;
    this.#cluster = cluster;
    this.#port = port;
    this.#directory = directory;
    this.#clients = new Clients({
      count: 24,
      name: String(options.seed),
      wish: () => this.#wish(),
      enough: options.activations,
    });
    this.#trouble = new Trouble({ cluster, random, pauseMs: 12_000 });
  }

  static async open(options: MesosLoopOptions): Promise<MesosLoop> {
    const random = seededRandom(options.seed);
    const directory = mkdtempSync(join(tmpdir(), 'vibrissa-mesos-'));
    const port = await ownPorts(6);
    const cluster = await ClusterProcess.open({
      agents: 3,
      port: port + 1,
      directory: join(directory, 'cluster'),
      flags: clusterFlags,
    });
    return new MesosLoop(options, { random, cluster, port, directory });
  }

  async run(): Promise<MesosLoopReport> {
    try {
      return await this.#run();
    } finally {
      await this.#cluster.stop();
      rmSync(this.#directory, { recursive: true });
    }
  }

  async #run(): Promise<MesosLoopReport> {
    const until = performance.now() + this.#options.seconds * 1000;
    let platform = await this.#start();
    for (const action of actions) await guestOf(platform).create(action, code, { limits: { memory: 128 } });
    const ending = new AbortController();
    const trouble = this.#trouble.make(ending.signal);
    try {
      while (performance.now() < until && !this.#clients.haveEnough)
        platform = await this.#live(platform, 6000 + this.#random() * 8000);
    } finally {
      ending.abort();
      await trouble;
    }
    await this.#cluster.clearFaults();
    await this.#clients.settle(platform, AbortSignal.timeout(SETTLING_LIMIT_MS));
    const notes = this.#clients.notes();
    const listed = await listAll(platform);
    const inventory = await this.#settled(platform);
    const left = await this.#tearDown(platform);
    const history = { ...notes, listed, starts: this.#starts(), harm };
    return {
      ...this.#judgeLogs(notes.sightings),
      history,
      kills: this.#kills,
      inventory,
      left,
      troubles: this.#troubles(),
    };
  }

  get #dataDir(): string {
    return join(this.#directory, 'data');
  }

  #start(): Promise<PlatformProcess> {
    const where = [
      '--port',
      String(this.#port),
      '--containers',
      'mesos',
      '--mesos-master',
      this.#cluster.url,
    ];
    return startPlatform({ dataDir: this.#dataDir, args: [...settings, ...where] });
  }

  /** One life: clients ask, what the last life left is waited for, and the kill ends it. */
  async #live(platform: PlatformProcess, lifeMs: number): Promise<PlatformProcess> {
    const ending = new AbortController();
    const living = this.#clients.live(platform, ending.signal);
    const untilMs = performance.now() + lifeMs;
    while (performance.now() < untilMs && !this.#clients.haveEnough) await sleep(20);
    ending.abort();
    const hit = this.#trouble.note('platform');
    await platform.kill();
    this.#kills += 1;
    await living;
    const next = await this.#start();
    hit.untilMs = Date.now();
    return next;
  }

  #wish(): Wish {
    const blocking = this.#random() < 0.5;
    const draw = this.#random();
    const action: Action = draw < 0.85 ? 'quick' : draw < 0.93 ? 'slow' : 'chatty';
    const args = {
      quick: { ms: 0, lines: 2 },
      slow: { ms: Math.floor(this.#random() * 400), lines: 4 },
      chatty: { ms: 5, lines: 60 },
    };
    return { action, args: args[action], blocking };
  }

  /** The activations that began, as the tasks' own files tell. */
  #starts(): string[] {
    return this.#cluster
      .outputs()
      .flatMap((text) => [...text.matchAll(/^\x1e\d{19} start (\w+) /gm)].map(([, id]) => id as string));
  }

  #judgeLogs(sightings: readonly ActivationView[]): Pick<MesosLoopReport, 'logs' | 'successes'> {
    const places = this.#cluster.places();
    const records = new Map(sightings.map((record) => [record.activationId, record]));
    const successes = [...records.values()].filter(({ response }) => response.status === 'success');
    const activations = successes.map((record): LoggedActivation => {
      const { lines, mark, task } = record.response.result as Result;
      const printed = Array.from(
        { length: lines },
        (_, count) => `${count % 2 ? 'stderr' : 'stdout'}: ${mark} line ${count}`,
      );
      const expected = [`stdout: start ${record.activationId} ${mark}`, ...printed, `stdout: ${mark} end`];
      return {
        record: record as LoggedActivation['record'],
        expected,
        taskId: task,
        agent: places.get(task),
      };
    });
    return { logs: checkLogs(activations, this.#trouble.hits), successes: successes.length };
  }

  #troubles(): { [what: string]: number } {
    const counts: { [what: string]: number } = {};
    for (const { what } of this.#trouble.hits) counts[what] = (counts[what] ?? 0) + 1;
    return counts;
  }

  /** What there is, as soon as all agree, or when that takes too long. */
  async #settled({ dataDir }: PlatformProcess): Promise<Inventory> {
    const limitMs = performance.now() + AGREEMENT_LIMIT_MS;
    for (;;) {
      const report = (await ask({ socketPath: join(dataDir, 'admin.sock') }, 'GET /mesos'))
        .body as MesosReport;
      const pool = report.tasks.filter(({ container }) => container !== undefined).map(({ id }) => id);
      const machine = new Set(this.#cluster.processes().map(({ taskId }) => taskId));
      const inventory = {
        pool: pool.toSorted(),
        mesos: (await this.#cluster.tasks()).toSorted(),
        machine: [...machine].toSorted(),
      };
      const [first, ...others] = Object.values(inventory).map((ids) => ids.join());
      const agree = others.every((ids) => ids === first);
      if (agree || performance.now() > limitMs) return inventory;
      await sleep(200);
    }
  }

  /** Stops the platform, removes its framework as an operator does, and says what is there nevertheless. */
  async #tearDown(platform: PlatformProcess): Promise<string[]> {
    await platform.stop();
    const args = ['mesos', 'teardown', '--yes', '--mesos-master', this.#cluster.url];
    const done = await runVibrissa([...args, '--data-dir', this.#dataDir]);
    if (done.code !== 0) throw new Error(done.stderr);
    const limitMs = performance.now() + SETTLING_LIMIT_MS;
    for (;;) {
      const tasks = await this.#cluster.tasks();
      const frameworks = await this.#cluster.frameworks();
      const processes = this.#cluster.processes().map(({ pid, taskId }) => `${pid} of ${taskId}`);
      const left = [...tasks, ...frameworks, ...processes];
      if (left.length === 0 || performance.now() > limitMs) return left;
      await sleep(200);
    }
  }
}

export async function runMesosLoop(options: MesosLoopOptions): Promise<MesosLoopReport> {
  const loop = await MesosLoop.open(options);
  return loop.run();
}
