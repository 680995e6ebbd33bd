import type { Job } from '../job.ts';

/** The activations that the pool has taken and whose end it owes. */
export class JobsInHand {
  readonly #jobs = new Set<Job>();
  #whenEmpty: (() => void)[] = [];

  take(job: Job): void {
    this.#jobs.add(job);
  }

  /** It has its record, or whoever asked for it knows that it gets none here. */
  finished(job: Job): void {
    this.#jobs.delete(job);
    if (this.#jobs.size > 0 || this.#whenEmpty.length === 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Nothing will be recorded of it here, whatever its container answers. */
  giveUp(job: Job): void {
    job.abandoned = true;
    this.finished(job);
  }

  /** Gives up all whose record is not on its way, and returns them. */
  abandon(): readonly Job[] {
    const jobs = [...this.#jobs].filter(({ recording }) => !recording);
    for (const job of jobs) this.giveUp(job);
    return jobs;
  }

  /** Resolves when none is left. */
  empty(): Promise<void> {
    if (this.#jobs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
