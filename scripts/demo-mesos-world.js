// What npm run demo:mesos happens in: a simulated cluster, platforms as processes, commands as a user types them, and a way
// to leave nothing behind.
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { check, cleanEnvironment, tie } from './story.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Only to say what never comes: a machine that has much else to do takes its time. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** Below the ports that systems deal out, and those of simulated agents' tasks. */
const [LOWEST_PORT, HIGHEST_PORT] = [4000, 9900];

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** One that nobody is given while the platform is down: a program that asks for any port gets another one. */
async function ownPort() {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) return port;
  }
}

/** A process of the demonstration, in a group of its own: Ctrl-C is for this program, which then ends the others in order. */
function start(command, args, env) {
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(env),
  });
  const started = { child, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (started.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (started.err += text));
  started.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  return started;
}

function signal({ child }, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended.
  }
}

/** A word of a command as a shell takes it; secrets are read from a file there. */
function asTyped(word) {
  if (word.secret !== undefined) return '"$(cat DATA/auth.guest)"';
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word}'`;
}

function shown(text) {
  return text.trimEnd().replaceAll(/^/gm, '     ');
}

/** The cluster, the platform's directory, and whatever was started; `close` ends it all. */
export class World {
  static async open() {
    const directory = mkdtempSync(join(tmpdir(), 'vibrissa-demo-mesos-'));
    const world = new World();
    world.directory = directory;
    world.dataDir = join(directory, 'data');
    world.processes = new Set();
    // Should anything go wrong that badly, no process stays.
    process.on('exit', () => world.processes.forEach((each) => signal(each, 'SIGKILL')));
    world.simulator = await MesosSimulator.open({ agents: 3 });
    // Containers are told the API's address at their launch, so a platform that is started again takes the same one.
    world.port = await ownPort();
    world.confined = spawnSync('bwrap', ['--version']).status === 0;
    return world;
  }

  async close() {
    for (const each of this.processes) signal(each, 'SIGKILL');
    await Promise.all([...this.processes].map(({ ended }) => ended));
    await this.simulator.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #start(command, args, env = {}) {
    const started = start(command, args, env);
    this.processes.add(started);
    void started.ended.then(() => this.processes.delete(started));
    return started;
  }

  /** Runs a command of this checkout as a user types it, shows it with what it prints, and resolves with that. */
  async npx(...given) {
    const typed = `npx ${given.map(asTyped).join(' ')}`;
    console.log(`   $ ${typed}`);
    const words = given.map((word) => word.secret ?? word);
    const env = { WSK_CONFIG_FILE: join(this.directory, 'wskprops') };
    const command = this.#start('npx', ['--no-install', ...words], env);
    const code = await command.ended;
    const { out, err } = command;
    if (out.trim() !== '') console.log(shown(out));
    check(code === 0, `${typed} ended with ${code}:\n${err}${out}`);
    return out;
  }

  vibrissa(...words) {
    return this.npx('vibrissa', ...words, '--data-dir', this.dataDir);
  }

  /** Starts a platform; resolves when it takes requests. */
  async startPlatform() {
    const args = ['start', '--containers', 'mesos', '--mesos-master', this.simulator.url];
    args.push('--port', String(this.port), '--data-dir', this.dataDir);
    if (!this.confined) args.push('--set', 'mesos.command.allowUnconfined=true');
    console.log(`   $ npx vibrissa ${args.join(' ')}`);
    const [command = '', ...words] = [...tie, process.execPath, 'packages/server/bin/vibrissa.js', ...args];
    const platform = this.#start(command, words);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!/^Ready on port /m.test(platform.out)) {
      const ended = await Promise.race([platform.ended.then((code) => ({ code })), sleep(20)]);
      check(!ended, `the platform ended with ${ended?.code}:\n${platform.out}${platform.err}`);
      check(Date.now() < deadline, `the platform was not ready in time:\n${platform.out}${platform.err}`);
    }
    const lines = platform.out
      .split('\n')
      .filter((line) => /^ {2}(?:API|Mesos|framework) |^From the last/.test(line));
    console.log(shown(lines.join('\n')));
    return platform;
  }

  /** Tells a platform to stop, and resolves with what it said last. */
  async stopPlatform(platform) {
    const before = platform.out.length;
    signal(platform, 'SIGTERM');
    const code = await Promise.race([platform.ended, sleep(STOP_LIMIT_MS, 'late', { ref: false })]);
    check(code === 0, `the platform ended with ${code}:\n${platform.out}${platform.err}`);
    return platform.out.slice(before).trim();
  }

  async killPlatform(platform) {
    signal(platform, 'SIGKILL');
    await platform.ended;
  }

  get guestKey() {
    return readFileSync(join(this.dataDir, 'auth.guest'), 'utf8').trim();
  }

  async #get(url) {
    const response = await fetch(url);
    check(response.ok, `${url} answered ${response.status}`);
    return response.json();
  }

  /** The frameworks that the master knows and that have not ended. */
  async frameworks() {
    return (await this.#get(`${this.simulator.url}/frameworks`)).frameworks;
  }

  async #allTasks() {
    return (await this.#get(`${this.simulator.url}/tasks?limit=1000`)).tasks;
  }

  /** The platform's tasks that run, as the master knows them. */
  async tasks() {
    return (await this.#allTasks()).filter(({ state }) => state === 'TASK_RUNNING');
  }

  /** All tasks on an agent, ended ones too. */
  async tasksOn(agentId) {
    return (await this.#allTasks()).filter((task) => task.slave_id === agentId);
  }

  /** A file of a task's sandbox, through its agent. */
  async sandboxFile(task, name) {
    const agent = this.agentOf(task);
    const path = `/frameworks/${task.framework_id}/executors/${task.id}/runs/latest/${name}`;
    const query = new URLSearchParams({ path, offset: '0', length: '65536' });
    return (await this.#get(`${agent.url}/files/read?${query}`)).data;
  }

  agentOf(task) {
    const agent = this.simulator.agents.find(({ agentId }) => agentId === task.slave_id);
    check(agent, `no agent has the id ${task.slave_id}`);
    return agent;
  }
}
