import type { DeleteOutcome, LaunchFailure, TaskRecord, WireTaskStatus } from '@vibrissa/mesos';

/** How a wish came out. JSON. */
export type Outcome = {
  readonly ticket: string;
  /** Epoch milliseconds, by the clock of the leader of then. */
  readonly at: number;
  /** What those are told who have deleted it. */
  readonly deleted?: DeleteOutcome;
} & (
  | {
      /** It ran, and has ended. */
      readonly kind: 'ended';
      readonly status: WireTaskStatus;
      readonly record: TaskRecord;
    }
  | {
      /** It never ran; or it did, and nobody will say how it ended. */
      readonly kind: 'failed';
      readonly failure: LaunchFailure;
    }
);

/** What is told to who has deleted it, perhaps after it had ended by itself. */
export function deletionOf(outcome: Outcome): DeleteOutcome {
  if (outcome.deleted) return outcome.deleted;
  const status = statusOf(outcome);
  if (!status) return { kind: 'withdrawn' };
  const { state } = status;
  return state === 'TASK_UNREACHABLE' ? { kind: 'unreachable', state } : { kind: 'ended', state, status };
}

/** Mesos's last word, where there was one. */
export function statusOf(outcome: Outcome): WireTaskStatus | undefined {
  if (outcome.kind === 'ended') return outcome.status;
  return 'status' in outcome.failure ? outcome.failure.status : undefined;
}
