/**
 * FIFOs for the output of sandboxes, made ahead: Node can't make one, and a `mkfifo` per sandbox would cost more than
 * the rest of its start.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';

export interface FifoPair {
  /** Names in the stock's directory, for who opens them for writing. */
  readonly stdout: string;
  readonly stderr: string;
  /** Open for reading, without blocking. */
  readonly stdoutFd: number;
  readonly stderrFd: number;
}

const BATCH = 64;
const LOW = 24;

export class FifoStock {
  readonly #directory: string;
  readonly #make: (names: readonly string[]) => Promise<void>;
  readonly #prefix: string;
  readonly #ready: string[] = [];
  #nextNumber = 0;
  #making: Promise<void> | undefined;

  /** `prefix` tells this life's names from those that an earlier one may have left. */
  constructor(directory: string, prefix: string, make: (names: readonly string[]) => Promise<void>) {
    this.#directory = directory;
    this.#prefix = prefix;
    this.#make = make;
  }

  /** Two FIFOs, open for reading. Waits for more to be made when the stock is empty. */
  async take(): Promise<FifoPair> {
    while (this.#ready.length < 2) await this.fill();
    const [stdout = '', stderr = ''] = this.#ready.splice(-2);
    // The next batch is made while this one still lasts; a failure shows when the stock runs out.
    if (this.#ready.length < LOW) this.fill().catch(() => {});
    const stdoutFd = this.#open(stdout);
    try {
      return { stdout, stderr, stdoutFd, stderrFd: this.#open(stderr) };
    } catch (error) {
      closeSync(stdoutFd);
      throw error;
    }
  }

  /** Makes one batch; a second call meanwhile waits for the same one. */
  fill(): Promise<void> {
    this.#making ??= this.#makeBatch().finally(() => (this.#making = undefined));
    return this.#making;
  }

  /** Is this one of ours, made or being made? */
  owns(name: string): boolean {
    return name.startsWith(this.#prefix);
  }

  async #makeBatch(): Promise<void> {
    const names = Array.from({ length: BATCH }, () => `${this.#prefix}${(this.#nextNumber++).toString(36)}`);
    await this.#make(names);
    this.#ready.push(...names);
  }

  #open(name: string): number {
    return openSync(join(this.#directory, name), constants.O_RDONLY | constants.O_NONBLOCK);
  }
}
