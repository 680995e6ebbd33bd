import type { CoreParts, Standing } from './core-parts.ts';
import { takeDeletions } from './new-task.ts';
import { clearDeadlines, tellFailure } from './settle.ts';
import { dropUnlaunched, giveUp } from './waiting.ts';

/**
 * Nothing can be promised any more: whatever is open settles, what waits is given up. Tasks that run go on, and stay in
 * the book. The order is that in which the requests were made, kind by kind.
 */
export function settleAll(core: CoreParts, standing: Exclude<Standing, 'open'>): void {
  core.standing = standing;
  core.isSettled = true;
  const failure = { kind: standing } as const;
  for (const submission of core.queue) giveUp(core, submission, failure);
  for (const task of core.book.all()) {
    if (task.phase === 'storing') dropUnlaunched(core, task, failure);
    tellFailure(core, task, failure);
    for (const request of takeDeletions(task))
      core.outbox.push({ type: 'deleted', request, outcome: failure });
    clearDeadlines(core, task);
  }
  for (const request of core.reconcileRequests.splice(0)) {
    core.outbox.push({ type: 'reconciled', request, outcome: failure });
  }
  for (const request of core.teardownRequests.splice(0)) {
    core.outbox.push({ type: 'torn-down', request, failure });
  }
  for (const errand of core.errands.values()) {
    if (errand.kind === 'user')
      core.outbox.push({ type: 'called', request: errand.request, outcome: failure });
  }
  core.errands.clear();
  core.plan.cancel();
}
