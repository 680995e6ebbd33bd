// What npm run demo:mesos-ha happens in: a simulated Mesos with a Marathon, the app that it runs, its processes as this machine
// knows them, and a way to leave nothing behind.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { check, cleanEnvironment } from './story.js';
import { printed, typed } from './demo-mesos-ha-words.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const definition = join(root, 'deploy/marathon/mesos-ha-framework.json');
const ANSWER_LIMIT_MS = 2000;
/** Only to say what never comes: a machine that has much else to do takes its time. */
const COMMAND_LIMIT_MS = 120_000;

/** A simulated master with three agents and Marathon; `close` ends it and all that runs there. */
export class HaWorld {
  static async open() {
    const world = new HaWorld();
    world.simulator = await MesosSimulator.open({ agents: 3, marathon: true });
    world.marathon = world.simulator.marathon;
    return world;
  }

  close() {
    return this.simulator.stop();
  }

  /** The definition that is delivered, with the addresses of this demonstration; what else differs makes it shorter. */
  app() {
    const delivered = JSON.parse(readFileSync(definition, 'utf8'));
    const [firstCheck] = delivered.healthChecks;
    return {
      ...delivered,
      // The program is in this checkout already.
      fetch: [],
      cmd: delivered.cmd.replace('node vibrissa/', `'${process.execPath}' '${root}'`),
      env: {
        ...delivered.env,
        MESOS_MASTER: this.simulator.url,
        MARATHON_URL: this.marathon.url,
        CLUSTER_SECRET: 'only for this demonstration',
        TIMING: JSON.stringify({ seedsLaterMs: 2000, replaceAfterMs: 4000 }),
      },
      healthChecks: [{ ...firstCheck, delaySeconds: 3 }],
      // Six of them have to fit on three agents for a while.
      constraints: [['hostname', 'GROUP_BY', '3']],
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    };
  }

  /** Runs a command of this checkout as a user types it, shows it with what it prints, and resolves with that. */
  async vibrissa(...words) {
    typed(`npx vibrissa ${words.join(' ')}`);
    const child = spawn(process.execPath, [join(root, 'packages/server/bin/vibrissa.js'), ...words], {
      cwd: root,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_LIMIT_MS,
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    const end = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal));
    });
    printed(out);
    check(end === 0, `vibrissa ${words.join(' ')} ended with ${end}:\n${err}${out}`);
    return out;
  }

  /** A call of an HTTP API as a user makes it with curl: shown so, and made. */
  async curl(method, url, { shown = '', body } = {}) {
    typed(`curl -X ${method} ${url}${shown}`);
    const response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(COMMAND_LIMIT_MS),
    });
    const text = await response.text();
    check(response.ok, `${method} ${url} was answered with ${response.status}: ${text}`);
  }

  /**
   * Those of an app that are asked, as Marathon lists them: with their process, and what each says of the cluster if it
   * answers. One that is stopped would keep who asks waiting.
   */
  async instances(id, isAsked = () => true) {
    const listed = (await this.marathon.tasks(id)).filter(isAsked);
    const processes = this.processes();
    return Promise.all(
      listed.map(async ({ host, id: taskId, ports }) => {
        const url = `http://${host}:${ports[1]}`;
        const pid = processes.find((one) => one.taskId === taskId)?.pid;
        const view = await fetch(`${url}/cluster`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
          .then((response) => response.json())
          .catch(() => undefined);
        return { taskId, address: `${host}:${ports[1]}`, pid, view };
      }),
    );
  }

  async #get(path) {
    const response = await fetch(`${this.simulator.url}${path}`);
    check(response.ok, `${path} was answered with ${response.status}`);
    return response.json();
  }

  /** The frameworks that the master knows and that have not ended, Marathon left out. */
  async frameworks() {
    const { frameworks } = await this.#get('/frameworks');
    return frameworks.filter(({ id }) => id !== this.marathon.frameworkId);
  }

  /** What runs on agents but Marathon's: each with its process, and since when it runs. */
  async tasks() {
    const { tasks } = await this.#get('/tasks?limit=1000');
    const processes = this.processes();
    return tasks
      .filter((task) => task.framework_id !== this.marathon.frameworkId && task.state === 'TASK_RUNNING')
      .map(({ id, name, slave_id: agentId, statuses }) => ({
        id,
        name,
        agent: this.simulator.agents.find((agent) => agent.agentId === agentId)?.number,
        since: statuses.find(({ state }) => state === 'TASK_RUNNING')?.timestamp,
        pid: processes.find(({ taskId }) => taskId === id)?.pid,
      }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** All that a task has printed so far. */
  stdout(taskId) {
    const directory = this.processes().find((one) => one.taskId === taskId)?.directory;
    return directory === undefined ? '' : readFileSync(join(directory, 'stdout'), 'utf8');
  }

  /** All that run in a sandbox of this simulator. */
  processes() {
    return readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid)) return [];
      const directory = directoryOf(pid);
      if (!directory?.startsWith(this.simulator.workDirectory)) return [];
      const [, taskId] = /\/executors\/([^/]+)\/runs\//.exec(directory) ?? [];
      return [{ pid: Number(pid), taskId, directory }];
    });
  }

  /** What should have gone, and has not. */
  leftovers() {
    const { workDirectory } = this.simulator;
    return [
      ...this.processes().map(({ pid, taskId }) => `process ${pid} of ${taskId}`),
      ...(existsSync(workDirectory) ? [workDirectory] : []),
    ];
  }
}

function directoryOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return undefined;
  }
}
