import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Machine } from './machines.ts';

/** What a program prints: one such object a line. */
export interface Said {
  readonly at: number;
  readonly kind: string;
  readonly line: string;
  /** Of calls and their answers: which of them it is. */
  readonly number?: number;
  /** Of the kind `answered`: the HTTP status. */
  readonly status?: number;
}

/** A program of this directory, as a process on a machine. It ends with this process, whatever becomes of that. */
export class Program {
  readonly said: Said[] = [];
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #errors = '';

  constructor(file: string, machine: Machine, config: object) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const [command, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...machine.prefix, process.execPath, path];
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#child = spawn(command!, [...args, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    this.exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.said.push(JSON.parse(line) as Said),
    );
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it printed to its standard error. */
  get errors(): string {
    return this.#errors;
  }

  async ready(): Promise<void> {
    while (!this.said.some(({ kind }) => kind === 'ready')) {
      if (!this.isRunning) throw new Error(`A program has ended before it was ready:\n${this.#errors}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.isRunning) this.#child.kill('SIGKILL');
    await this.exited;
  }
}
