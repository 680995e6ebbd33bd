import type { ActivationMessage, ActivationRecord, ActivationResponse } from '@vibrissa/protocol';
import type { Clock } from '../base/clock.ts';
import type { UserEvents } from '../observability/user-events.ts';
import type { ActivationJournal } from '../store/activation-journal.ts';
import { KeptRecords } from '../store/kept-records.ts';
import type { InvokerConfig } from './invoker-config.ts';
import { actionPath, type RunnableAction } from './resolve-action.ts';
import { UnwrittenRecords } from './unwritten-records.ts';

/** When an activation ran. Wall-clock times may jump, so durations are measured apart. */
export interface ActivationTiming {
  /** Epoch milliseconds at which `/init`, else `/run`, was sent. */
  readonly startedAt: number;
  /** Milliseconds of `/init`; undefined when the container was warm. */
  readonly initMs?: number;
  /** Milliseconds of `/run`; 0 when it never came to that. */
  readonly runMs: number;
}

/** The record of an activation that reached a container. */
export function recordOf(
  job: { readonly message: ActivationMessage; readonly action: RunnableAction },
  timing: ActivationTiming,
  end: { readonly response: ActivationResponse; readonly timedOut: boolean },
): ActivationRecord {
  const { message, action } = job;
  const duration = (timing.initMs ?? 0) + timing.runMs;
  return {
    activationId: message.activationId,
    namespace: message.user.namespace.name,
    subject: message.user.subject,
    path: action.path,
    name: action.entity.name,
    version: action.entity.version,
    start: timing.startedAt,
    end: timing.startedAt + duration,
    duration,
    waitTime: Math.max(0, timing.startedAt - message.transactionStart),
    ...(timing.initMs !== undefined && { initTime: timing.initMs }),
    kind: action.entity.exec.kind,
    timeout: end.timedOut,
    limits: action.entity.limits,
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.binding !== undefined && { binding: message.binding }),
    response: end.response,
  };
}

/** The record of an activation that failed before its action was known. */
export function recordOfUnknown(
  message: ActivationMessage,
  now: number,
  response: ActivationResponse,
): ActivationRecord {
  return {
    activationId: message.activationId,
    namespace: message.user.namespace.name,
    subject: message.user.subject,
    path: actionPath(message.action),
    name: message.action.name,
    version: message.version,
    start: now,
    end: now,
    duration: 0,
    waitTime: Math.max(0, now - message.transactionStart),
    kind: 'unknown',
    timeout: false,
    ...(message.cause !== undefined && { cause: message.cause }),
    ...(message.binding !== undefined && { binding: message.binding }),
    response,
  };
}

interface RecorderDeps {
  readonly journal: ActivationJournal;
  readonly config: InvokerConfig;
  readonly clock: Clock;
  readonly events: Pick<UserEvents, 'ended'>;
}

/** Writes the ends of activations into the journal. */
export class ActivationRecorder {
  readonly #journal: ActivationJournal;
  readonly #records: KeptRecords;
  readonly #unwritten: UnwrittenRecords;

  private constructor({ journal, config, clock, events }: RecorderDeps) {
    this.#journal = journal;
    this.#records = KeptRecords.open({ journal, events, levels: config });
    this.#unwritten = UnwrittenRecords.open({ clock, write: (record, logs) => journal.finish(record, logs) });
  }

  static open(deps: RecorderDeps): ActivationRecorder {
    return new ActivationRecorder(deps);
  }

  close(): void {
    this.#unwritten.close();
  }

  /** For a record that the journal could not take: it is written when the journal can. */
  finishLater(message: ActivationMessage, record: ActivationRecord, logs: readonly string[]): void {
    if (this.keeps(message, record.response)) this.#unwritten.keep(record, logs);
  }

  /** As {@link KeptRecords.finish}. */
  finish(
    message: ActivationMessage,
    record: ActivationRecord,
    logs: readonly string[] | undefined,
  ): Promise<void> {
    return this.#records.finish(message, record, logs);
  }

  /** Adds the logs of a finished activation. */
  async logged(message: ActivationMessage, record: ActivationRecord, logs: readonly string[]): Promise<void> {
    if (this.keeps(message, record.response)) await this.#journal.logged(message.activationId, logs);
  }

  /** Ends an activation without a record. */
  discard(activationId: string): Promise<void> {
    return this.#journal.discard(activationId);
  }

  keeps(message: ActivationMessage, response: ActivationResponse): boolean {
    return this.#records.keeps(message, response);
  }
}
