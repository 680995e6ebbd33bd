import type { Notice } from './core-messages.ts';
import type { SchedulerLogger } from './options.ts';

/** Tells notices to whoever listens, and to the log. A listener that throws disturbs nobody else. */
export class NoticeListeners {
  readonly #logger: SchedulerLogger | undefined;
  readonly #listeners = new Set<(notice: Notice) => void>();

  constructor(logger: SchedulerLogger | undefined) {
    this.#logger = logger;
  }

  /** Returns what ends the listening. */
  add(listener: (notice: Notice) => void): () => void {
    // One function may listen twice, and then ends twice.
    const mine = (notice: Notice) => listener(notice);
    this.#listeners.add(mine);
    return () => this.#listeners.delete(mine);
  }

  tell(notice: Notice): void {
    this.#log(notice);
    for (const listener of this.#listeners) {
      try {
        listener(notice);
      } catch (error) {
        this.#logger?.error({ err: error, notice: notice.kind }, 'a listener of notices has failed');
      }
    }
  }

  #log(notice: Notice): void {
    const logger = this.#logger;
    if (!logger) return;
    switch (notice.kind) {
      case 'subscribed':
        return logger.info({ ...notice }, 'subscribed to a Mesos master');
      case 'lost':
        return logger.warn({ ...notice }, 'no subscription; another attempt follows');
      case 'stepped-down':
        return logger.warn({ ...notice }, 'another subscriber has the framework');
      case 'removed':
        return logger.error({ ...notice }, 'the master has removed the framework');
      case 'refused':
        return logger.error({ ...notice }, 'the master refuses the framework');
      case 'warning':
        return logger.warn({ ...notice.details }, notice.text);
      default:
        return;
    }
  }
}
