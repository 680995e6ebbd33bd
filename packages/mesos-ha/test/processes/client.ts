import type { Reply } from './ask.ts';
import type { InstanceProcess } from './instance-process.ts';
import type { Stage } from './stage.ts';

/** Codes after which nobody can say whether it was done: the same is asked again. */
const unsettled: ReadonlySet<unknown> = new Set([
  'OUTCOME_UNKNOWN',
  'NO_LEADER',
  'CLOSED',
  'SCHEDULER_CLOSED',
]);
/** Mishaps are over by then, with all that follows from them. */
const WITHIN_MS = 90_000;

/**
 * Submits and deletes tasks without pause, by way of one instance after the other, and remembers what it was told. An
 * instance that dies, or has no majority in time, is followed by the next one.
 */
export class Client {
  /** What has to run in the end. */
  readonly wanted = new Set<string>();
  readonly deleted = new Set<string>();
  /** What it was told that can't be true. */
  readonly lies: string[] = [];
  /** Requests that were made again. */
  again = 0;
  readonly #stage: Stage;
  readonly #name: string;
  #turn = 0;

  constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.#name = name;
  }

  /** Resolves when the request under way at the end is settled. */
  async work(signal: AbortSignal): Promise<void> {
    for (let number = 1; !signal.aborted; number++) {
      const id = `${this.#name}-${number}`;
      await this.#settle(`submit ${id}`, 'DUPLICATE_TASK', (instance) =>
        instance.submit(this.#stage.task(id)),
      );
      this.wanted.add(id);
      if (number % 2 > 0) continue;
      const gone = `${this.#name}-${number - 1}`;
      await this.#settle(`delete ${gone}`, 'UNKNOWN_TASK', (instance) => instance.delete(gone));
      this.wanted.delete(gone);
      this.deleted.add(gone);
    }
  }

  /** `doneBefore`: what is answered when an earlier attempt has done it. */
  async #settle(
    what: string,
    doneBefore: string,
    attempt: (instance: InstanceProcess) => Promise<Reply>,
  ): Promise<void> {
    let mayBeDone = false;
    const untilMs = performance.now() + WITHIN_MS;
    while (performance.now() < untilMs) {
      const { status, code } = await this.#try(attempt);
      if (status === 200) return;
      if (code === doneBefore && mayBeDone) return;
      if (code !== undefined && !unsettled.has(code)) {
        this.lies.push(`${what}: ${code}`);
        return;
      }
      mayBeDone = true;
      this.again += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.lies.push(`${what}: not settled in time`);
  }

  async #try(
    attempt: (instance: InstanceProcess) => Promise<Reply>,
  ): Promise<{ readonly status?: number; readonly code?: string }> {
    const { running } = this.#stage;
    const instance = running[(this.#turn += 1) % running.length];
    if (!instance) return {};
    try {
      const { status, body } = await attempt(instance);
      return status === 200 ? { status } : { status, code: (body as { readonly code: string }).code };
    } catch {
      return {};
    }
  }
}
