// A platform of its own for a figure: real process, free port, temporary data directory, limits out of the way.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from './http-client.js';

const vibrissa = fileURLToPath(new URL('../../packages/server/bin/vibrissa.js', import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const outOfTheWay = {
  'limits.actions.invokes.perMinute': 1_000_000_000,
  'limits.actions.invokes.concurrent': 1_000_000,
  'containerPool.userMemoryMb': 16_384,
};

export async function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Platform {
  static async start(settings = {}) {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
    const [port, adminPort] = [await freePort(), await freePort()];
    const sets = Object.entries({ ...outOfTheWay, ...settings }).flatMap(([key, value]) => [
      '--set',
      `${key}=${value}`,
    ]);
    const args = [
      vibrissa,
      'start',
      '--port',
      `${port}`,
      '--admin-port',
      `${adminPort}`,
      '--data-dir',
      dataDir,
      ...sets,
    ];
    const environment = { PATH: process.env.PATH, HOME: process.env.HOME };
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const platform = new Platform({ child, port, adminPort, dataDir, output });
    await platform.#untilReady();
    return platform;
  }

  constructor({ child, port, adminPort, dataDir, output }) {
    Object.assign(this, { child, port, adminPort, dataDir, output, pid: child.pid });
  }

  async #untilReady() {
    for (let attempt = 0; attempt < 400; attempt++) {
      if (this.child.exitCode !== null) throw new Error(`the platform ended:\n${Buffer.concat(this.output)}`);
      try {
        const { status } = await once({ port: this.port }, { method: 'GET', path: '/ping' });
        if (status === 200) {
          this.auth = `Basic ${Buffer.from(readFileSync(path.join(this.dataDir, 'auth.guest'), 'utf8').trim()).toString('base64')}`;
          return;
        }
      } catch {
        await pause(25);
      }
    }
    throw new Error(`the platform did not answer:\n${Buffer.concat(this.output)}`);
  }

  get target() {
    return { port: this.port };
  }

  async createAction(name, body) {
    const answer = await once(this.target, {
      method: 'PUT',
      path: `/api/v1/namespaces/_/actions/${name}?overwrite=true`,
      body: JSON.stringify(body),
      headers: { Authorization: this.auth },
    });
    if (answer.status !== 200) throw new Error(`create ${name}: ${answer.status} ${answer.body}`);
  }

  /** The request of an invocation. */
  invocation(name, body = '{"name":"you"}', query = 'blocking=true') {
    return {
      path: `/api/v1/namespaces/_/actions/${name}?${query}`,
      body,
      headers: { Authorization: this.auth },
    };
  }

  async invoke(name, body, query) {
    return once(this.target, this.invocation(name, body, query));
  }

  /** Activations in flight, from the admin listener. */
  async inFlight() {
    const { body } = await once({ port: this.adminPort }, { method: 'GET', path: '/activation/count' });
    return Number(body.toString());
  }

  async untilIdle() {
    while ((await this.inFlight()) > 0) await pause(20);
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** The process and all its descendants. */
export function family(pid) {
  const parents = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      parents.set(Number(entry), parent);
    } catch {
      // it ended while we looked
    }
  }
  const members = [pid];
  for (let index = 0; index < members.length; index++) {
    for (const [child, parent] of parents) if (parent === members[index]) members.push(child);
  }
  return members;
}

/** Bytes of a field of smaps_rollup (`Pss`, `Rss`), summed over processes. */
export function memoryOf(pids, field) {
  let total = 0;
  for (const pid of pids) {
    try {
      const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
        readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'),
      );
      total += Number(found?.[1] ?? 0) * 1024;
    } catch {
      // it ended while we looked
    }
  }
  return total;
}

/** CPU milliseconds (user and system) that processes have used. */
export function cpuOf(pids) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it ended while we looked
    }
  }
  return ticks * 10;
}
