import type { LiveTask } from './live-task.ts';
import type { Submission } from './submission.ts';

/**
 * `probe`: nothing was heard of a launch, ask. `start`: it should run by now. `kill`: send KILL again. `retell`: the
 * owner failed to handle an update that Mesos won't repeat.
 */
export type TaskDeadlineKind = 'probe' | 'start' | 'kill' | 'retell';

/** What the core wants to be woken for. */
export type CoreDeadline =
  | { readonly kind: TaskDeadlineKind; readonly task: LiveTask }
  /** It has waited as long as it may. */
  | { readonly kind: 'capacity'; readonly submission: Submission }
  /** Some task may wait for more than any agent has. */
  | { readonly kind: 'ask-agents' };
