import { impossibleAt } from '../../offers/impossible-request.ts';
import type { AgentTotals } from '../core-messages.ts';
import type { CoreParts } from './core-parts.ts';
import type { Submission } from './live-task.ts';
import { giveUp, wakeToLookForAgents } from './waiting.ts';

/** Asks the master what its agents have when a task has waited long; the answer comes as an input, or not at all. */
export function lookForAgents(core: CoreParts): void {
  core.isAskingAgents = false;
  if (core.queue.size === 0) return;
  const { master } = core.session;
  const isLong = [...core.queue.heads()].some((head) => hasWaitedLong(core, head));
  if (isLong) core.wishes.isWanted = true;
  if (isLong && core.outbox.isOpen && master !== undefined) core.outbox.push({ type: 'ask-agents', master });
  wakeToLookForAgents(core);
}

/** What no agent could take even if it were empty has waited in vain. */
export function onAgents(core: CoreParts, totals: readonly AgentTotals[]): void {
  // Agents come back to a new master one after the other.
  const ageMs = core.moment.nowMs - core.masterSinceMs;
  if (core.masterEpoch > 1 && ageMs < core.options.limits.youngMasterMs) return;
  for (const head of core.queue.heads()) {
    const shortage = hasWaitedLong(core, head) ? impossibleAt(head.request, totals) : undefined;
    if (!shortage) continue;
    const hopeless = [...core.queue.alike(head)].filter((submission) => hasWaitedLong(core, submission));
    for (const submission of hopeless) giveUp(core, submission, { kind: 'impossible', shortage });
  }
}

function hasWaitedLong(core: CoreParts, { waitingSinceMs }: Submission): boolean {
  return core.moment.nowMs - waitingSinceMs >= core.options.limits.impossibleAfterMs;
}
