import type { ActivationMessage } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { logFieldsOf } from '../../observability/log-fields.ts';
import type { ActivationJournal, Unfinished } from '../../store/activation-journal.ts';
import type { ActionResolver } from './action-cache.ts';
import type { ResolvedAction } from './resolved-action.ts';
import { stoppedRecord } from './stopped-record.ts';

export interface ResumeReport {
  /** How many were given a terminal record. */
  readonly recorded: number;
  /** How many run again, under their old ids. */
  readonly published: number;
  /** How many were left for the next start, because this one ended. */
  readonly left: number;
}

interface ResumeDeps {
  readonly actions: ActionResolver;
  readonly journal: Pick<ActivationJournal, 'finish'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopped: () => boolean;
  /** False when there is no room for it now. */
  readonly publish: (message: ActivationMessage, target: ResolvedAction | undefined) => Promise<boolean>;
}

const RETRY_MS = 50;
const RECORDS_AT_ONCE = 256;

/** At most once: only what is known not to have started may run. */
function mayRun({ message, started }: Unfinished): boolean {
  return message.durable && !started;
}

async function resolveAction(
  message: ActivationMessage,
  { actions, logger }: ResumeDeps,
): Promise<ResolvedAction | undefined> {
  try {
    return await actions.resolve(message.action);
  } catch (error) {
    // The invoker reads the action itself and records what it finds.
    logger.warn({ err: error, ...logFieldsOf(message) }, 'An action could not be read for its resumption');
    return undefined;
  }
}

/** Kind and limits, unless the action has another version by now. */
async function knownOf(message: ActivationMessage, deps: ResumeDeps) {
  const action = (await resolveAction(message, deps))?.action.entity;
  if (action?.version !== message.version) return undefined;
  return { kind: action.exec.kind, limits: action.limits };
}

async function recordAll(lost: readonly Unfinished[], deps: ResumeDeps): Promise<void> {
  for (let at = 0; at < lost.length; at += RECORDS_AT_ONCE) {
    const batch = lost.slice(at, at + RECORDS_AT_ONCE);
    await Promise.all(
      batch.map(async ({ message, started }) => {
        const known = await knownOf(message, deps);
        await deps.journal.finish(stoppedRecord(message, started ? 'started' : 'notStarted', known), []);
      }),
    );
  }
}

/** Publishes in the old order, each as soon as there is an invoker and room for it. */
async function publishAll(waiting: readonly Unfinished[], deps: ResumeDeps): Promise<number> {
  let published = 0;
  for (const { message } of waiting) {
    const action = await resolveAction(message, deps);
    while (!(await deps.publish(message, action))) {
      if (deps.stopped()) return published;
      await deps.clock.sleep(RETRY_MS);
    }
    published += 1;
  }
  return published;
}

/**
 * Gives every activation that a crash left behind its end. What may have started gets a whisk internal error that says so;
 * what is durable and never started runs. A journal that fails is thrown.
 */
export async function resumeUnfinished(
  unfinished: readonly Unfinished[],
  deps: ResumeDeps,
): Promise<ResumeReport> {
  const waiting = unfinished.filter(mayRun);
  const lost = unfinished.filter((one) => !mayRun(one));
  await recordAll(lost, deps);
  const published = await publishAll(waiting, deps);
  const report = { recorded: lost.length, published, left: waiting.length - published };
  if (unfinished.length > 0) deps.logger.info(report, 'Unfinished activations of the last run were settled');
  return report;
}
