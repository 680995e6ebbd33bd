import type { CoreEffect, CoreInput } from './core-messages.ts';
import { isAccepted } from './is-accepted.ts';

/** Counters since the scheduler was opened. Numbers only, so that any metrics library can take them over. */
export interface SchedulerStats {
  /** Subscriptions that were confirmed by a master. */
  readonly subscriptions: number;
  /** Subscriptions and attempts that were lost. */
  readonly losses: number;
  readonly events: number;
  readonly offersReceived: number;
  readonly offersRescinded: number;
  /** Tasks and groups that were submitted. */
  readonly submissions: number;
  /** Launch attempts that were sent to a master. */
  readonly launches: number;
  /** Tasks that came to run. */
  readonly running: number;
  /** Tasks that never did, or were lost to this scheduler. */
  readonly failures: number;
  /** Tasks that ran and have ended. */
  readonly ends: number;
  /** Updates that were told to `onTask`, and how many of those calls failed. */
  readonly updates: number;
  readonly updateFailures: number;
  readonly acknowledgements: number;
  readonly calls: number;
  /** Calls that were answered by anything but 200 and 202. */
  readonly callFailures: number;
  readonly writes: number;
  readonly writeFailures: number;
}

type Counters = { -readonly [Name in keyof SchedulerStats]: number };

/** Counts what goes through the scheduler's core. */
export class StatsCounter {
  readonly #counters: Counters = {
    subscriptions: 0,
    losses: 0,
    events: 0,
    offersReceived: 0,
    offersRescinded: 0,
    submissions: 0,
    launches: 0,
    running: 0,
    failures: 0,
    ends: 0,
    updates: 0,
    updateFailures: 0,
    acknowledgements: 0,
    calls: 0,
    callFailures: 0,
    writes: 0,
    writeFailures: 0,
  };

  /** As they are now; later counts don't change it. */
  read(): SchedulerStats {
    return { ...this.#counters };
  }

  input(input: CoreInput): void {
    const counters = this.#counters;
    switch (input.type) {
      case 'submit':
      case 'submit-group':
        counters.submissions += 1;
        return;
      case 'submit-all':
        counters.submissions += input.tasks.length;
        return;
      case 'event':
        counters.events += 1;
        if (input.event.type === 'OFFERS') counters.offersReceived += input.event.offers.offers.length;
        if (input.event.type === 'RESCIND') counters.offersRescinded += 1;
        return;
      case 'answered':
        if (!isAccepted(input.answer)) counters.callFailures += 1;
        return;
      case 'persisted':
        if (input.error) counters.writeFailures += 1;
        return;
      case 'handled':
        if (input.error) counters.updateFailures += 1;
        return;
      default:
        return;
    }
  }

  effect(effect: CoreEffect): void {
    const counters = this.#counters;
    switch (effect.type) {
      case 'send':
        return this.#sent(effect);
      case 'persist':
        counters.writes += 1;
        return;
      case 'task-update':
        counters.updates += 1;
        return;
      case 'task-running':
        counters.running += 1;
        return;
      case 'launch-failed':
        counters.failures += 1;
        return;
      case 'task-ended':
        counters.ends += 1;
        return;
      case 'notice':
        if (effect.notice.kind === 'subscribed') counters.subscriptions += 1;
        if (effect.notice.kind === 'lost') counters.losses += 1;
        return;
      default:
        return;
    }
  }

  #sent({ call }: CoreEffect & { type: 'send' }): void {
    const counters = this.#counters;
    counters.calls += 1;
    if (call.type === 'ACKNOWLEDGE') counters.acknowledgements += 1;
    if (call.type !== 'ACCEPT') return;
    for (const operation of call.accept.operations) {
      if (operation.type === 'LAUNCH') counters.launches += operation.launch.task_infos.length;
      if (operation.type === 'LAUNCH_GROUP')
        counters.launches += operation.launch_group.task_group.tasks.length;
    }
  }
}
