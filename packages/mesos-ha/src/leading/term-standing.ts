import type { Notice } from '@vibrissa/mesos';

import type { FrameworkProblem, FrameworkProblemCode } from '../shared/framework-problem.ts';
import type { FrameworkStanding } from '../shared/framework-entries.ts';

interface Began {
  readonly epoch: number;
  readonly member: string;
  /** Monotonic milliseconds at which the lease was acquired. */
  readonly sinceMs: number;
}

/** What a leader has to say of its subscription, and of what is in its way. */
export class TermStanding {
  readonly #began: Began;
  readonly #problems = new Map<FrameworkProblemCode, FrameworkProblem>();
  #subscribed: Pick<FrameworkStanding, 'masterId' | 'masterVersion' | 'subscribedAt'> | undefined;
  #subscribedAfterMs: number | undefined;

  constructor(began: Began) {
    this.#began = began;
  }

  read(): FrameworkStanding {
    const { epoch, member } = this.#began;
    const afterMs = this.#subscribedAfterMs;
    return {
      epoch,
      member,
      subscribed: this.#subscribed !== undefined,
      ...this.#subscribed,
      ...(afterMs === undefined ? {} : { subscribedAfterMs: afterMs }),
      problems: [...this.#problems.values()],
    };
  }

  subscribed(
    notice: Notice & { readonly kind: 'subscribed' },
    now: { epochMs: number; nowMs: number },
  ): void {
    const { masterId, masterVersion } = notice;
    this.#problems.delete('NO_MASTER');
    this.#problems.delete('SUBSCRIPTION_REFUSED');
    this.#subscribedAfterMs ??= Math.round(now.nowMs - this.#began.sinceMs);
    this.#subscribed = {
      subscribedAt: now.epochMs,
      ...(masterId === undefined ? {} : { masterId }),
      ...(masterVersion === undefined ? {} : { masterVersion }),
    };
  }

  unsubscribed(): void {
    this.#subscribed = undefined;
  }

  /** True: it is news. */
  problem(problem: FrameworkProblem): boolean {
    const isNews = this.#problems.get(problem.code)?.message !== problem.message;
    this.#problems.set(problem.code, problem);
    return isNews;
  }

  /** True: it was there. */
  mended(code: FrameworkProblemCode): boolean {
    return this.#problems.delete(code);
  }
}
