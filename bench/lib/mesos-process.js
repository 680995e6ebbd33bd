// Processes of a figure that talk over IPC: questions by name, each answered once.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Milliseconds of a clock that all processes of the machine share. */
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** A process that runs `script` of this directory, which calls {@link serve}. */
export class Peer {
  #child;
  #waiting = new Map();
  #asked = 0;

  /** `within`: words of a command that runs it, such as `unshare --net`. */
  static async start(script, { execArgv = [], within = [] } = {}) {
    const [execPath, ...before] = [...within, process.execPath];
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      execPath,
      execArgv: [...before, ...execArgv],
    });
    const peer = new Peer(child);
    await peer.ask('ready');
    return peer;
  }

  constructor(child) {
    this.#child = child;
    child.on('message', ({ number, value, error }) => {
      const { resolve, reject } = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`a helper process ended with ${code ?? signal}`));
    });
  }

  ask(name, argument = {}) {
    return new Promise((resolve, reject) => {
      const number = ++this.#asked;
      this.#waiting.set(number, { resolve, reject });
      this.#child.send({ number, name, argument });
    });
  }

  /** The most that was ever resident, in MB (millions of bytes). */
  get peakMb() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024) / 1e6;
  }

  /** Resident now, in MB, by what it is: all of it, what is the process's own, and pages of files. */
  residentMb() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const [all, own, files] = ['VmRSS', 'RssAnon', 'RssFile'].map(
      (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024) / 1e6,
    );
    return { all, own, files };
  }

  /** SIGKILL; resolves when it is gone. What was asked of it rejects. */
  async kill() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}

/** Answers the questions of the process that started this one, and ends with it. */
export function serve(handlers) {
  process.on('message', async ({ number, name, argument }) => {
    try {
      const value = name === 'ready' ? null : await handlers[name](argument);
      process.send({ number, value });
    } catch (error) {
      process.send({ number, error: String(error.stack ?? error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
}
