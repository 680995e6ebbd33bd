import type { Clock } from '../../base/clock.ts';
import type { ActivationJournal } from '../../store/activation-journal.ts';
import type { Job } from '../job.ts';

interface StartDeps {
  readonly journal: Pick<ActivationJournal, 'start'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * True when the code may start. Only a durable intent's entry is waited for; one that fails ends the job. `tell` hears of
 * an entry that could not be written.
 */
export async function journalStart(
  job: Job,
  { journal, clock }: StartDeps,
  tell: (error: unknown) => void,
): Promise<boolean> {
  job.started = true;
  job.startedAt = clock.now();
  const { message } = job;
  try {
    const written = journal.start(message);
    if (message.durable) await written;
    else written.catch(tell);
    return true;
  } catch (error) {
    tell(error);
    job.started = false;
    return false;
  }
}
