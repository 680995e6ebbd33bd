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
import type { History } from './check-history.ts';
import { Clients, listAll, type Wish } from './clients.ts';

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

const SETTLING_LIMIT_MS = 60_000;
const TRYING_LIMIT_MS = 40_000;

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
  readonly #clients: Clients;
  readonly #witness: string;
  #kills = 0;

  constructor(options: KillLoopOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#clients = new Clients({
      count: options.clients ?? 6,
      name: String(options.seed),
      wish: () => this.#wish(),
    });
    chmodSync(this.#directory, 0o711);
    this.#witness = join(this.#directory, 'starts');
    // Plain processes of root's run under users of their own.
    writeFileSync(this.#witness, '');
    chmodSync(this.#witness, 0o666);
  }

  async run(): Promise<KillLoopReport> {
    const until = performance.now() + this.#options.seconds * 1000;
    const limit = until + TRYING_LIMIT_MS;
    /** A slow machine answers hardly anything in lives so short: its last ones are as long as they have to be. */
    const lacks = () => !this.#hasTried && performance.now() < limit;
    do {
      const platform = await this.#start();
      const lifeMs = 200 + this.#random() * 1500;
      await this.#live(platform, { lifeMs, goesOn: () => performance.now() > until && lacks() });
    } while (performance.now() < until || this.#kills < 2 || lacks());
    const last = await this.#start();
    const listed = await this.#settleAll(last);
    await last.stop();
    const starts = readFileSync(this.#witness, 'utf8').split('\n').filter(Boolean);
    const history = {
      ...this.#clients.notes(),
      starts: starts.map((line) => line.slice(0, line.indexOf(' '))),
      listed,
    };
    rmSync(this.#directory, { recursive: true });
    const replies = history.told.filter(({ reply }) => reply !== undefined).length;
    return { history, kills: this.#kills, replies, accepted: history.told.length - replies };
  }

  /** Both ways of asking have been answered. */
  get #hasTried(): boolean {
    return new Set(this.#clients.told.map(({ reply }) => reply === undefined)).size === 2;
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
  async #live(
    platform: PlatformProcess,
    { lifeMs, goesOn }: { readonly lifeMs: number; readonly goesOn: () => boolean },
  ): Promise<void> {
    const ending = new AbortController();
    const living = this.#clients.live(platform, ending.signal);
    await sleep(lifeMs);
    while (goesOn()) await sleep(20);
    ending.abort();
    await this.#kill(platform);
    this.#kills += 1;
    await living;
  }

  #wish(): Wish {
    const blocking = this.#random() < 0.5;
    const draw = this.#random();
    const ms = draw < 0.5 ? 0 : draw < 0.9 ? Math.floor(draw * 60) : 300;
    return { action: 'worker', args: { ms }, blocking };
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

  /** Waits for the record of everything that was told, and returns the ids of the list. */
  async #settleAll(platform: PlatformProcess): Promise<string[]> {
    await this.#clients.settle(platform, AbortSignal.timeout(SETTLING_LIMIT_MS));
    if (this.#inSandbox) this.#hearLast(platform);
    return listAll(platform);
  }

  #hearLast(platform: PlatformProcess): void {
    this.#hearWitnesses(platform);
    for (const pid of sandboxProcesses(platform.dataDir)) kill(pid, 'SIGCONT');
    kill(platform.pid, 'SIGCONT');
  }
}

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
