/**
 * Real platforms that are killed at random moments, again and again, while clients note what they are told. The seed
 * decides what clients ask for and when the kill comes; what of it meets which step of the platform is up to the machine.
 */
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@vibrissa/testkit';

import { hostProcesses, sandboxProcesses } from '../faults/leftovers.ts';
import { guestOf, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';
import type { ActivationView, History, Told } from './check-history.ts';

export interface KillLoopOptions {
  readonly seed: number;
  readonly seconds: number;
  /** With sandboxes, witnesses are read out of them between stop and kill: root alone may do that. */
  readonly containers: 'process' | 'sandbox';
  readonly clients?: number;
}

export interface KillLoopReport {
  readonly history: History;
  readonly kills: number;
  readonly replies: number;
  readonly accepted: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const collection = '/api/v1/namespaces/_';
/** Accepted activations without a record that the clients allow before they wait. */
const MAX_OPEN = 40;
const SETTLING_LIMIT_MS = 60_000;

const settings = [
  ['limits.actions.invokes.perMinute', '1000000'],
  ['limits.actions.invokes.concurrent', '1000'],
  ['containerPool.userMemoryMb', '1024'],
  ['log.level', 'warn'],
].flatMap(([key, value]) => ['--set', `${key}=${value}`]);

/** Leaves its line before anything else, in one write at the end of the file. */
function workerCode(witness: string): string {
  return `const { appendFileSync } = require('fs');
function main({ mark, ms }) {
  appendFileSync(${JSON.stringify(witness)}, process.env.__OW_ACTIVATION_ID + ' ' + mark + '\\n');
  return new Promise((resolve) => setTimeout(() => resolve({ mark }), ms));
}`;
}

class KillLoop {
  readonly #options: KillLoopOptions;
  readonly #random: () => number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'vibrissa-history-'));
  readonly #told: Mutable<Told>[] = [];
  readonly #open = new Map<string, Mutable<Told>>();
  readonly #sightings: ActivationView[] = [];
  readonly #recoveries: { id: string; afterMs: number }[] = [];
  readonly #witness: string;
  #marks = 0;
  #kills = 0;

  constructor(options: KillLoopOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    chmodSync(this.#directory, 0o711);
    this.#witness = join(this.#directory, 'starts');
    // Plain processes of root's run under users of their own.
    writeFileSync(this.#witness, '');
    chmodSync(this.#witness, 0o666);
  }

  async run(): Promise<KillLoopReport> {
    const until = performance.now() + this.#options.seconds * 1000;
    do {
      const platform = await this.#start();
      await this.#live(platform, 200 + this.#random() * 1500);
    } while (performance.now() < until);
    const last = await this.#start();
    const listed = await this.#settleAll(last);
    await last.stop();
    const starts = readFileSync(this.#witness, 'utf8').split('\n').filter(Boolean);
    const history = {
      told: this.#told,
      starts: starts.map((line) => line.slice(0, line.indexOf(' '))),
      sightings: this.#sightings,
      listed,
      recoveries: this.#recoveries,
    };
    rmSync(this.#directory, { recursive: true });
    const replies = this.#told.filter(({ reply }) => reply !== undefined).length;
    return { history, kills: this.#kills, replies, accepted: this.#told.length - replies };
  }

  get #inSandbox(): boolean {
    return this.#options.containers === 'sandbox';
  }

  async #start(): Promise<PlatformProcess> {
    const factory = this.#inSandbox ? [] : ['--set', 'containers.factory=process'];
    const dataDir = join(this.#directory, 'data');
    const platform = await startPlatform({ dataDir, args: [...settings, ...factory] });
    if (this.#kills === 0) {
      const witness = this.#inSandbox ? '/tmp/starts' : this.#witness;
      await guestOf(platform).create('worker', workerCode(witness), { limits: { memory: 128 } });
    }
    return platform;
  }

  /** One life: clients ask, what the last life left is waited for, and the kill ends it. */
  async #live(platform: PlatformProcess, lifeMs: number): Promise<void> {
    const ending = new AbortController();
    const { signal } = ending;
    const clients = Array.from({ length: this.#options.clients ?? 6 }, () => this.#client(platform, signal));
    const observer = this.#observe(platform, [...this.#open.keys()], signal);
    await sleep(lifeMs);
    ending.abort();
    await this.#kill(platform);
    this.#kills += 1;
    await Promise.all([...clients, observer]);
  }

  async #client(platform: PlatformProcess, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#open.size > MAX_OPEN) await sleep(20);
        else if (this.#random() < 0.5) await this.#askAndWait(platform, signal);
        else await this.#askAndLeave(platform);
      }
    } catch (error) {
      // Otherwise the platform was killed, and nothing was told.
      if (error instanceof Unexpected) throw error;
    }
  }

  #arguments(): { mark: string; ms: number } {
    const draw = this.#random();
    const ms = draw < 0.5 ? 0 : draw < 0.9 ? Math.floor(draw * 60) : 300;
    return { mark: `${this.#options.seed}-${this.#marks++}`, ms };
  }

  async #askAndWait(platform: PlatformProcess, signal: AbortSignal): Promise<void> {
    const args = this.#arguments();
    const { call } = guestOf(platform);
    const answer = await call(`POST ${collection}/actions/worker?blocking=true`, args);
    // 503 promises nothing.
    if (answer.status === 503) return;
    const reply = answer.body as ActivationView;
    if (![200, 502, 500].includes(answer.status) || typeof reply?.activationId !== 'string')
      throw new Unexpected(`${answer.status}: ${answer.text}`);
    const told: Mutable<Told> = { id: reply.activationId, mark: args.mark, reply };
    this.#told.push(told);
    if (signal.aborted) return;
    const read = await call(`GET ${collection}/activations/${told.id}`);
    told.readAtOnce = { status: read.status };
    if (read.status === 200) told.readAtOnce = { status: 200, record: read.body as ActivationView };
  }

  async #askAndLeave(platform: PlatformProcess): Promise<void> {
    const args = this.#arguments();
    const { status, body, text } = await guestOf(platform).call(`POST ${collection}/actions/worker`, args);
    if (status === 503) return;
    if (status !== 202) throw new Unexpected(`${status}: ${text}`);
    const told = { id: (body as { activationId: string }).activationId, mark: args.mark };
    this.#told.push(told);
    this.#open.set(told.id, told);
  }

  /** Reads the records of what was open when this life began, and notes when they came. */
  async #observe(platform: PlatformProcess, ids: readonly string[], signal: AbortSignal): Promise<void> {
    const beganMs = performance.now();
    const { call } = guestOf(platform);
    let waiting = ids;
    try {
      while (waiting.length > 0 && !signal.aborted) {
        const missing: string[] = [];
        for (const id of waiting) {
          const { status, body } = await call(`GET ${collection}/activations/${id}`);
          if (status !== 200) {
            missing.push(id);
            continue;
          }
          this.#sightings.push(body as ActivationView);
          this.#recoveries.push({ id, afterMs: performance.now() - beganMs });
          this.#open.delete(id);
        }
        waiting = missing;
        await sleep(10);
      }
    } catch {
      // The platform was killed; the next life's observer goes on.
    }
  }

  async #kill(platform: PlatformProcess): Promise<void> {
    if (this.#inSandbox) this.#hearWitnesses(platform);
    // Half of the time its helper doesn't get to see the end of its pipe either.
    const helpers = this.#random() < 0.5 ? hostProcesses(platform.dataDir) : [];
    const gone = platform.kill();
    for (const pid of helpers) kill(pid, 'SIGKILL');
    await gone;
  }

  /** Stops everything, so that no code begins unseen, and copies what the sandboxes' code has written. */
  #hearWitnesses(platform: PlatformProcess): void {
    kill(platform.pid, 'SIGSTOP');
    const pids = sandboxProcesses(platform.dataDir);
    for (const pid of pids) kill(pid, 'SIGSTOP');
    const texts = new Set(pids.map((pid) => readText(`/proc/${pid}/root/tmp/starts`)));
    for (const text of texts) appendFileSync(this.#witness, text);
  }

  /** Waits for the record of everything that was told, reads all of them again, and returns the ids of the list. */
  async #settleAll(platform: PlatformProcess): Promise<string[]> {
    const limit = AbortSignal.timeout(SETTLING_LIMIT_MS);
    await this.#observe(platform, [...this.#open.keys()], limit);
    const { call } = guestOf(platform);
    for (const { id } of this.#told) {
      const { status, body } = await call(`GET ${collection}/activations/${id}`);
      if (status === 200) this.#sightings.push(body as ActivationView);
    }
    if (this.#inSandbox) this.#hearLast(platform);
    const listed: string[] = [];
    for (;;) {
      const query = `limit=200&skip=${listed.length}`;
      const page = (await call(`GET ${collection}/activations?${query}`)).body as ActivationView[];
      if (page.length === 0) return listed;
      listed.push(...page.map(({ activationId }) => activationId));
    }
  }

  #hearLast(platform: PlatformProcess): void {
    this.#hearWitnesses(platform);
    for (const pid of sandboxProcesses(platform.dataDir)) kill(pid, 'SIGCONT');
    kill(platform.pid, 'SIGCONT');
  }
}

/** An answer that no kill explains. */
class Unexpected extends Error {}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  return new KillLoop(options).run();
}
