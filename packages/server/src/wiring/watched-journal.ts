import type { ActivationRecord } from '@vibrissa/protocol';
import type { UserEvents } from '../observability/user-events.ts';
import type { ActivationJournal } from '../store/activation-journal.ts';

/** The journal, which tells of each record that it has taken. */
export function watchedJournal(journal: ActivationJournal, events: UserEvents): ActivationJournal {
  const finish = async (record: ActivationRecord, logs: readonly string[] | undefined): Promise<void> => {
    await journal.finish(record, logs);
    events.ended(record);
  };
  return {
    accept: (message) => journal.accept(message),
    start: (message) => journal.start(message),
    finish,
    logged: (activationId, logs) => journal.logged(activationId, logs),
    discard: (activationId) => journal.discard(activationId),
    unfinished: () => journal.unfinished(),
    close: () => journal.close(),
  };
}
