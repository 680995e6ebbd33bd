import type { LiveTask, Submission, TaskDeadlineKind } from './live-task.ts';

/** What the core wants to be woken for. */
export type CoreDeadline =
  | { readonly kind: TaskDeadlineKind; readonly task: LiveTask }
  /** It has waited as long as it may. */
  | { readonly kind: 'capacity'; readonly submission: Submission }
  /** A write has failed, and is tried again. */
  | { readonly kind: 'store' }
  /** The store has not answered the write of a round's launches in time. */
  | { readonly kind: 'store-overdue'; readonly write: number }
  /** Some task may wait for more than any agent has. */
  | { readonly kind: 'ask-agents' };

/** The first of two moments, of which there may be none. */
export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined || one < other ? one : other;
}
