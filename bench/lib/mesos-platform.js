// Platforms whose containers are tasks of a simulated cluster.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from './http-client.js';
import { nowMs, Peer } from './mesos-process.js';
import { Platform } from './platform.js';

const vibrissa = fileURLToPath(new URL('../../packages/server/bin/vibrissa.js', import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const LIMIT_MS = 30_000;

/** A simulated cluster whose agents have the launcher and the runtimes on their disk: nothing is fetched at a start. */
export class CommandCluster {
  static async start({ agents }) {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
    execFileSync(process.execPath, [vibrissa, 'mesos', 'pack', path.join(directory, 'agent')]);
    const simulator = await Peer.start('./mesos-simulator.js');
    const { url } = await simulator.ask('start', { agents });
    return new CommandCluster({ directory, simulator, url });
  }

  constructor({ directory, simulator, url }) {
    Object.assign(this, { directory, simulator, url, runtimePath: path.join(directory, 'agent') });
  }

  platform(settings) {
    return startOnMesos(this.url, { 'mesos.command.runtimePath': this.runtimePath, ...settings });
  }

  /** Ends all tasks, too. */
  async stop() {
    await this.simulator.ask('stop');
    await this.simulator.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function startOnMesos(url, settings) {
  return Platform.start({ 'containers.factory': 'mesos', 'mesos.masterUrl': url, ...settings });
}

/** What a platform says of itself and Mesos. */
async function reportOf(platform) {
  const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
  const headers = { Authorization: `Bearer ${token}` };
  const { status, body } = await once(
    { port: platform.adminPort },
    { method: 'GET', path: '/mesos', headers },
  );
  if (status !== 200) throw new Error(`GET /mesos: ${status} ${body}`);
  return JSON.parse(body.toString());
}

async function untilReported(platform, isSo) {
  const deadlineMs = nowMs() + LIMIT_MS;
  for (;;) {
    const report = await reportOf(platform);
    if (isSo(report)) return;
    if (nowMs() > deadlineMs) throw new Error(`it never came: ${JSON.stringify(report)}`);
    await pause(20);
  }
}

/** Resolves when the next task need not wait for an offer. */
export const untilOffered = (platform) => untilReported(platform, ({ offersHeld }) => offersHeld > 0);

/** Resolves when a stem cell waits, and nothing else starts. */
export const untilPrewarmed = (platform) =>
  untilReported(
    platform,
    ({ tasks, waiting }) =>
      waiting.length === 0 &&
      tasks.some(({ container }) => container?.state === 'prewarmed') &&
      tasks.every(({ container }) => container?.state !== 'starting'),
  );
