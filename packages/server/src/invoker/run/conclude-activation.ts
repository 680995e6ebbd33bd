import {
  DEVELOPER_ERROR,
  type AcknowledgementMessage,
  type ActivationMessage,
  type ActivationRecord,
  type ActivationResponse,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { logFieldsOf } from '../../observability/log-fields.ts';
import type { Acknowledger } from '../acknowledge.ts';
import type { Job } from '../job.ts';
import { recordOf, type ActivationRecorder } from '../record-activation.ts';
import type { ActivationInstruments } from './activation-instruments.ts';
import { awaitLogs, logPatience, nextTurn } from './await-logs.ts';
import type { ActivationLogs, LogCollector, SentinelStyle } from './collect-logs.ts';
import type { Fetched, LogFetcher } from './fetch-logs.ts';

const noLogs: readonly string[] = [];

/** Where the logs of an activation come from. */
export interface LogSource {
  readonly collector: LogCollector;
  readonly logs: ActivationLogs;
  readonly style: SentinelStyle;
  /** Undefined where they come by themselves. */
  readonly fetcher: LogFetcher | undefined;
  /** The request that ended the activation was answered: logs that are whole then miss nothing. */
  answered: boolean;
}

export interface ConclusionDeps {
  readonly recorder: ActivationRecorder;
  readonly acknowledger: Acknowledger;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly instruments: ActivationInstruments;
}

/** How the last steps went. */
export interface Concluded {
  /** To be sent once the slot is really free: who hears of it may ask for the next run at once. */
  readonly acknowledgement?: AcknowledgementMessage;
  /** Its logs were collected to their end. */
  readonly logsWhole: boolean;
}

/** After the turn in which the answer came: is there nothing more to wait for? */
function isWhole({ style, logs, fetcher }: LogSource, developerError: boolean): boolean {
  if (style === 'answer' || logs.isComplete) return true;
  return style === 'none' && fetcher === undefined && !developerError;
}

const givenUp: Concluded = { logsWhole: true };

/** The last steps of every activation: its record is written, and what is left to be said is handed back. */
export class Conclusion {
  readonly #deps: ConclusionDeps;
  /** Records whose logs are on their way. */
  readonly #following = new Map<Promise<unknown>, LogFetcher>();

  private constructor(deps: ConclusionDeps) {
    this.#deps = deps;
  }

  static open(deps: ConclusionDeps): Conclusion {
    return new Conclusion(deps);
  }

  /**
   * Ends an activation that ran. Logs that are complete by now go with the record. Others follow it, and only then
   * its slot is free; where they are fetched and have an end mark it is free at once, and they follow by themselves.
   * An abandoned one is left to whoever gave it up.
   */
  async conclude(job: Job, record: ActivationRecord, source: LogSource | undefined): Promise<Concluded> {
    const beganMs = job.trail?.now();
    const concluded = await this.#conclude(job, record, source);
    const { statusCode } = record.response;
    job.trail?.step('record', beganMs, {
      statusCode,
      kept: this.#deps.recorder.keeps(job.message, record.response),
    });
    return concluded;
  }

  /** Ends an activation that never reached a container's code. */
  async fail(job: Job, response: ActivationResponse): Promise<Concluded> {
    const timing = { startedAt: this.#deps.clock.now(), runMs: 0 };
    return this.conclude(job, recordOf(job, timing, { response, timedOut: false }), undefined);
  }

  /** Ends an activation whose action is not known, and says so. */
  async failUnknown(message: ActivationMessage, record: ActivationRecord): Promise<void> {
    this.say(await this.#end(message, record, noLogs));
  }

  /** Ends one that leaves no record at all, and says so. */
  async failUnkept(message: ActivationMessage, record: ActivationRecord): Promise<void> {
    await this.#attempt(message, () => this.#deps.recorder.discard(message.activationId));
    this.say({ acknowledgement: this.#deps.acknowledger.combined(message, record) });
  }

  /** The journal can't take it: its waiter gets an error, never an acknowledgement. */
  unrecorded(message: ActivationMessage): Concluded {
    return { acknowledgement: this.#deps.acknowledger.unrecorded(message), logsWhole: true };
  }

  /** Tells the controller. */
  say({ acknowledgement }: { readonly acknowledgement?: AcknowledgementMessage }): void {
    if (acknowledgement) this.#deps.acknowledger.send(acknowledgement);
  }

  /** Resolves when no record waits for its logs any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#following.keys());
  }

  /** The same, for at most so long: what has come of them by then is what there will be. */
  async close(patienceMs: number): Promise<void> {
    if (this.#following.size === 0) return;
    const settled = new AbortController();
    this.#deps.clock.sleep(patienceMs, settled.signal).then(
      () => {
        for (const fetcher of this.#following.values()) fetcher.giveUp();
      },
      () => undefined,
    );
    await this.settled();
    settled.abort();
  }

  async #conclude(job: Job, record: ActivationRecord, source: LogSource | undefined): Promise<Concluded> {
    if (source && !source.fetcher && source.style !== 'none' && !source.logs.isComplete) await nextTurn();
    if (job.abandoned) return givenUp;
    job.recording = true;
    this.#deps.instruments.ended(record);
    const { message } = job;
    const developerError = record.response.statusCode === DEVELOPER_ERROR;
    if (source && !isWhole(source, developerError)) return this.#concludeBeforeLogs(message, record, source);
    const lines = source
      ? source.collector.close(source.logs, {
          developerError: developerError && !source.answered,
          incomplete: false,
        })
      : noLogs;
    return this.#end(message, record, lines);
  }

  async #concludeBeforeLogs(
    message: ActivationMessage,
    record: ActivationRecord,
    source: LogSource,
  ): Promise<Concluded> {
    const { acknowledger } = this.#deps;
    const { fetcher } = source;
    const written = await this.#write(message, record, undefined);
    if (fetcher && source.style !== 'none') {
      const following = this.#attachLogs(message, record, { source, written });
      this.#following.set(following, fetcher);
      void following.finally(() => this.#following.delete(following));
      if (!written) return this.unrecorded(message);
      return { acknowledgement: acknowledger.combined(message, record), logsWhole: true };
    }
    if (written) acknowledger.send(acknowledger.result(message, record));
    const logsWhole = await this.#attachLogs(message, record, { source, written });
    if (!written) return { ...this.unrecorded(message), logsWhole };
    return { acknowledgement: acknowledger.completion(message, record), logsWhole };
  }

  /** Waits for what is missing of the logs of a finished activation, and writes them; false when some never came. */
  async #attachLogs(
    message: ActivationMessage,
    record: ActivationRecord,
    { source, written }: { readonly source: LogSource; readonly written: boolean },
  ): Promise<boolean> {
    const { clock, instruments, recorder } = this.#deps;
    const beganMs = clock.monotonicMs();
    const developerError = record.response.statusCode === DEVELOPER_ERROR;
    const { whole, unreadable } = await this.#restOf(source, developerError);
    const incomplete = !whole && !developerError;
    instruments.logged(clock.monotonicMs() - beganMs, !incomplete);
    const hasEnded = whole && source.style !== 'none' && source.answered;
    const lines = source.collector.close(source.logs, {
      developerError: developerError && !hasEnded,
      incomplete,
      ...(unreadable !== undefined && { unreadable }),
    });
    if (written) await this.#attempt(message, () => recorder.logged(message, record, lines));
    else recorder.finishLater(message, record, lines);
    return !incomplete;
  }

  async #restOf(source: LogSource, developerError: boolean): Promise<Fetched> {
    const { logs, fetcher, style, answered } = source;
    if (!fetcher) {
      const patience = logPatience(logs.limitBytes, developerError);
      return { whole: await awaitLogs(this.#deps.clock, logs, patience) };
    }
    // Nobody waits for these: an answered activation's end mark is worth it, whatever the answer.
    const patience = logPatience(logs.limitBytes, developerError && !answered);
    return style === 'none' ? fetcher.present(patience) : fetcher.rest(logs, patience);
  }

  async #end(
    message: ActivationMessage,
    record: ActivationRecord,
    lines: readonly string[],
  ): Promise<Concluded> {
    if (await this.#write(message, record, lines)) {
      return { acknowledgement: this.#deps.acknowledger.combined(message, record), logsWhole: true };
    }
    this.#deps.recorder.finishLater(message, record, lines);
    return this.unrecorded(message);
  }

  async #write(
    message: ActivationMessage,
    record: ActivationRecord,
    logs: readonly string[] | undefined,
  ): Promise<boolean> {
    try {
      await this.#deps.recorder.finish(message, record, logs);
      return true;
    } catch (error) {
      this.#deps.logger.error(
        { err: error, ...logFieldsOf(message) },
        'Could not write an activation record',
      );
      return false;
    }
  }

  async #attempt(message: ActivationMessage, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#deps.logger.error({ err: error, ...logFieldsOf(message) }, 'Could not write to the journal');
    }
  }
}
