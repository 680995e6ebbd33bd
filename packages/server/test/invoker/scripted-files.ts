import type { ContainerLogs, LogListener, LogStreamName } from '../../src/containers/container.ts';

/** The log files of a scripted container, somewhere else: what is in them comes only when it is fetched. */
export class ScriptedFiles implements ContainerLogs {
  readonly stamped: boolean;
  unreadable = 'Look for them in the sandbox.';
  /** Fetches fail with this. */
  fault: Error | undefined;
  /** Fetches begun after this was set end only when it does. */
  gate: Promise<void> | undefined;
  /** What is written shows at once; else only after `show`. */
  showsAtOnce = true;
  fetches = 0;
  readonly #written: { [S in LogStreamName]: string } = { stdout: '', stderr: '' };
  readonly #shown: { [S in LogStreamName]: number } = { stdout: 0, stderr: 0 };
  readonly #fetched: { [S in LogStreamName]: number } = { stdout: 0, stderr: 0 };
  #listener: LogListener = () => {};

  constructor(stamped = false) {
    this.stamped = stamped;
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
  }

  write(stream: LogStreamName, text: string): void {
    this.#written[stream] += text;
    if (this.showsAtOnce) this.show();
  }

  show(): void {
    this.#shown.stdout = this.#written.stdout.length;
    this.#shown.stderr = this.#written.stderr.length;
  }

  /** Whoever adopts the container reads on from here. */
  skip(): void {
    this.show();
    Object.assign(this.#fetched, this.#shown);
  }

  async catchUp(): Promise<void> {
    this.fetches += 1;
    const until = { ...this.#shown };
    await this.gate;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.fault) throw this.fault;
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#written[stream].slice(this.#fetched[stream], until[stream]);
      this.#fetched[stream] = Math.max(this.#fetched[stream], until[stream]);
      if (text !== '') this.#listener(stream, Buffer.from(text));
    }
  }
}
