// What the platform is compared with: an echo server, a two-hop reverse proxy with a container behind it, a bare runtime.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection, requestText } from './http-client.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const runtimePath = here('../../runtimes/nodejs/runtime.js');
const bareEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin' };

/** A process of ours that says `{ ready: … }` over IPC and ends on disconnect. */
export async function helperProcess(script, args = []) {
  const child = fork(here(script), args, { env: { PATH: process.env.PATH, HOME: process.env.HOME } });
  const ready = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  return {
    ...ready,
    pid: child.pid,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

export const noopCode = 'function main(args) { return args; }';
export const initRequest = (code = noopCode) => ({
  path: '/init',
  body: JSON.stringify({ value: { name: 'noop', main: 'main', binary: false, code, env: {} } }),
});
export const runRequest = (value = { name: 'you' }) => ({
  path: '/run',
  body: JSON.stringify({
    value,
    namespace: 'guest',
    action_name: '/guest/noop',
    action_version: '0.0.1',
    activation_id: '0'.repeat(32),
    transaction_id: 'x',
    deadline: '9999999999999',
  }),
});

/** A bare `node runtime.js` on a Unix socket, outside any sandbox. */
export class BareRuntime {
  static start() {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bare-'));
    const socket = path.join(directory, 's');
    const child = spawn(process.execPath, [runtimePath], {
      env: { ...bareEnvironment, __OW_LISTEN_SOCKET: socket, __OW_ACTION_DIR: directory },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return new BareRuntime(child, directory, socket);
  }

  constructor(child, directory, socket) {
    Object.assign(this, { child, directory, target: { path: socket }, pid: child.pid });
  }

  async connect() {
    for (;;) {
      try {
        return await Connection.open(this.target);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }

  /** Initialises and runs once; the answer of the run. */
  async firstAnswer(code) {
    const connection = await this.connect();
    await connection.send(requestText(initRequest(code)));
    const answer = await connection.send(requestText(runRequest()));
    connection.close();
    return answer;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
