import {
  DEVELOPER_ERROR,
  WHISK_ERROR,
  type AcknowledgementMessage,
  type ActivationMessage,
  type ActivationRecord,
  type ActivationResponse,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Acknowledger } from '../acknowledge.ts';
import type { Job } from '../job.ts';
import { recordOf, type ActivationRecorder } from '../record-activation.ts';
import { awaitLogs, logPatience, nextTurn } from './await-logs.ts';
import type { ActivationLogs, LogCollector, SentinelStyle } from './collect-logs.ts';

const noLogs: readonly string[] = [];

/** Where the logs of an activation come from. */
export interface LogSource {
  readonly collector: LogCollector;
  readonly logs: ActivationLogs;
  readonly style: SentinelStyle;
  /** The request that ended the activation was answered: logs that are whole then miss nothing. */
  answered: boolean;
}

export interface ConclusionDeps {
  readonly recorder: ActivationRecorder;
  readonly acknowledger: Acknowledger;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How the last steps went. */
export interface Concluded {
  /** To be sent once the slot is really free: who hears of it may ask for the next run at once. */
  readonly acknowledgement?: AcknowledgementMessage;
  /** Its logs were collected to their end. */
  readonly logsWhole: boolean;
}

/** After the turn in which the answer came. */
function isWhole({ style, logs }: LogSource): boolean {
  return style === 'answer' || logs.isComplete;
}

const givenUp: Concluded = { logsWhole: true };

/** The last steps of every activation: its record is written, and what is left to be said is handed back. */
export class Conclusion {
  readonly #deps: ConclusionDeps;

  private constructor(deps: ConclusionDeps) {
    this.#deps = deps;
  }

  static open(deps: ConclusionDeps): Conclusion {
    return new Conclusion(deps);
  }

  /**
   * Ends an activation that ran. Logs that are complete by now go with the record; others follow it, and only then
   * its slot is free. An abandoned one is left to whoever gave it up.
   */
  async conclude(job: Job, record: ActivationRecord, source: LogSource | undefined): Promise<Concluded> {
    if (source && source.style !== 'none' && !source.logs.isComplete) await nextTurn();
    if (job.abandoned) return givenUp;
    job.recording = true;
    const { message } = job;
    const developerError = record.response.statusCode === DEVELOPER_ERROR;
    if (source && !isWhole(source) && (source.style !== 'none' || developerError)) {
      return this.#concludeBeforeLogs(job, record, source);
    }
    const lines = source
      ? source.collector.close(source.logs, {
          developerError: developerError && !source.answered,
          incomplete: false,
        })
      : noLogs;
    return this.#end(message, record, lines);
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
    return { acknowledgement: this.#deps.acknowledger.completion(message, true), logsWhole: true };
  }

  /** Tells the controller. */
  say({ acknowledgement }: { readonly acknowledgement?: AcknowledgementMessage }): void {
    if (acknowledgement) this.#deps.acknowledger.send(acknowledgement);
  }

  async #concludeBeforeLogs(job: Job, record: ActivationRecord, source: LogSource): Promise<Concluded> {
    const { recorder, acknowledger, clock } = this.#deps;
    const { message } = job;
    const developerError = record.response.statusCode === DEVELOPER_ERROR;
    const written = await this.#write(message, record, undefined);
    if (written) acknowledger.send(acknowledger.result(message, record));
    const complete = await awaitLogs(clock, source.logs, logPatience(source.logs.limitBytes, developerError));
    const incomplete = !complete && !developerError;
    const missesSome = developerError && !(complete && source.answered);
    const lines = source.collector.close(source.logs, { developerError: missesSome, incomplete });
    if (!written) {
      recorder.finishLater(message, record, lines);
      return { ...this.unrecorded(message), logsWhole: !incomplete };
    }
    await this.#attempt(message, () => recorder.logged(message, record, lines));
    const isSystemError = record.response.statusCode === WHISK_ERROR;
    return { acknowledgement: acknowledger.completion(message, isSystemError), logsWhole: !incomplete };
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
      const { activationId, transactionId } = message;
      this.#deps.logger.error(
        { err: error, activationId, transactionId },
        'Could not write an activation record',
      );
      return false;
    }
  }

  async #attempt(message: ActivationMessage, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const { activationId, transactionId } = message;
      this.#deps.logger.error({ err: error, activationId, transactionId }, 'Could not write to the journal');
    }
  }
}
