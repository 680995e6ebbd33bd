/** Clients that ask a platform for activations through all its lives, and note what they are told. */
import { setTimeout as sleep } from 'node:timers/promises';

import { guestOf, type PlatformProcess } from '../platform/platform-process.ts';
import type { ActivationView, History, Told } from './check-history.ts';

export interface Wish {
  readonly action: string;
  /** What the action gets besides its mark. */
  readonly args: object;
  readonly blocking: boolean;
}

export interface ClientsOptions {
  readonly count: number;
  /** Marks begin with it. */
  readonly name: string;
  /** What the next one asks for. */
  readonly wish: () => Wish;
  /** Nobody asks for more when so many have been told. */
  readonly enough?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const collection = '/api/v1/namespaces/_';
/** Accepted activations without a record that the clients allow before they wait. */
const MAX_OPEN = 40;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #told: Mutable<Told>[] = [];
  readonly #open = new Map<string, Mutable<Told>>();
  readonly #sightings: ActivationView[] = [];
  readonly #recoveries: { id: string; afterMs: number }[] = [];
  #marks = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  get told(): readonly Told[] {
    return this.#told;
  }

  get haveEnough(): boolean {
    return this.#told.length >= (this.#options.enough ?? Infinity);
  }

  /** All that was noted. */
  notes(): Pick<History, 'told' | 'sightings' | 'recoveries'> {
    return { told: this.#told, sightings: this.#sightings, recoveries: this.#recoveries };
  }

  /**
   * One life of a platform: they ask, and what the last life left is waited for, until the signal, which comes before the
   * kill. Rejects when the platform fails them sooner.
   */
  live(platform: PlatformProcess, signal: AbortSignal): Promise<unknown> {
    const clients = Array.from({ length: this.#options.count }, () => this.#ask(platform, signal));
    const observer = this.#observe(platform, () => !signal.aborted).catch((error: unknown) => {
      // Otherwise it was killed; the next life's observer goes on.
      if (!signal.aborted) throw error;
    });
    const living = Promise.all([...clients, observer]);
    // Who lets them live looks at it when their life is over.
    living.catch(() => {});
    return living;
  }

  /** Waits for the record of everything that was told, and reads all of them again. */
  async settle(platform: PlatformProcess, limit: AbortSignal): Promise<void> {
    await this.#observe(platform, () => this.#open.size > 0 && !limit.aborted);
    const { call } = guestOf(platform);
    for (const { id } of this.#told) {
      const { status, body } = await call(`GET ${collection}/activations/${id}`);
      if (status === 200) this.#sightings.push(body as ActivationView);
    }
  }

  async #ask(platform: PlatformProcess, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && !this.haveEnough) {
        if (this.#open.size > MAX_OPEN) {
          await sleep(20);
          continue;
        }
        const { action, args, blocking } = this.#options.wish();
        const mark = `${this.#options.name}-${this.#marks++}`;
        if (blocking) await this.#askAndWait(platform, { action, args: { ...args, mark } }, signal);
        else await this.#askAndLeave(platform, { action, args: { ...args, mark } });
      }
    } catch (error) {
      // Otherwise the platform was killed, and nothing was told.
      if (error instanceof Unexpected || !signal.aborted) throw error;
    }
  }

  async #askAndWait(platform: PlatformProcess, { action, args }: Asked, signal: AbortSignal): Promise<void> {
    const { call } = guestOf(platform);
    const answer = await call(`POST ${collection}/actions/${action}?blocking=true`, args);
    // 503 promises nothing.
    if (answer.status === 503) return;
    const reply = answer.body as ActivationView;
    if (![200, 502, 500].includes(answer.status) || typeof reply?.activationId !== 'string')
      throw new Unexpected(`${answer.status}: ${answer.text}`);
    const told: Mutable<Told> = { id: reply.activationId, mark: args.mark, reply };
    this.#told.push(told);
    if (signal.aborted) return;
    const read = await call(`GET ${collection}/activations/${told.id}`);
    told.readAtOnce = { status: read.status };
    if (read.status === 200) told.readAtOnce = { status: 200, record: read.body as ActivationView };
  }

  async #askAndLeave(platform: PlatformProcess, { action, args }: Asked): Promise<void> {
    const { status, body, text } = await guestOf(platform).call(`POST ${collection}/actions/${action}`, args);
    if (status === 503) return;
    if (status !== 202) throw new Unexpected(`${status}: ${text}`);
    const told = { id: (body as { activationId: string }).activationId, mark: args.mark };
    this.#told.push(told);
    this.#open.set(told.id, told);
  }

  /**
   * Reads the records of what is open. Of those that were open from the beginning it notes until when they were certainly
   * not there: the time at which the last look that found none was begun, so that no pause of the observer counts.
   */
  async #observe(platform: PlatformProcess, goesOn: () => boolean): Promise<void> {
    const beganMs = performance.now();
    const missingMs = new Map([...this.#open.keys()].map((id) => [id, 0]));
    const { call } = guestOf(platform);
    while (goesOn()) {
      for (const id of this.#open.keys()) {
        const lookedMs = performance.now() - beganMs;
        const { status, body } = await call(`GET ${collection}/activations/${id}`);
        const afterMs = missingMs.get(id);
        if (status === 200) {
          this.#sightings.push(body as ActivationView);
          if (afterMs !== undefined) this.#recoveries.push({ id, afterMs });
          this.#open.delete(id);
        } else if (afterMs !== undefined) missingMs.set(id, lookedMs);
      }
      await sleep(10);
    }
  }
}

interface Asked {
  readonly action: string;
  readonly args: { readonly mark: string };
}

/** An answer that no kill explains. */
class Unexpected extends Error {}

/** Ids of the list of all activations. */
export async function listAll(platform: PlatformProcess): Promise<string[]> {
  const { call } = guestOf(platform);
  const listed: string[] = [];
  for (;;) {
    const page = (await call(`GET ${collection}/activations?limit=200&skip=${listed.length}`))
      .body as ActivationView[];
    if (page.length === 0) return listed;
    listed.push(...page.map(({ activationId }) => activationId));
  }
}
