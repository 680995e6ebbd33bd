import type { CoreParts } from './core-parts.ts';
import type { CoreDeadline } from './core-deadline.ts';
import { condemn, kill } from './kill.ts';
import type { LiveTask } from './live-task.ts';
import { lookForAgents } from './on-agents.ts';
import { onStoreOverdue } from './on-persisted.ts';
import { applyActions } from './on-session.ts';
import { clearDeadline, setDeadline, tellFailure } from './settle.ts';
import { tellNext } from './tell-owner.ts';
import { giveUp, shortageOf } from './waiting.ts';

/** A lost launch is asked about again and again, with growing waits. */
const FIRST_PROBE_MS = 4000;
const LONGEST_PROBE_MS = 30_000;

/** Time has passed: the session's deadlines and those of tasks. */
export function onTick(core: CoreParts): void {
  const { nowMs } = core.moment;
  applyActions(core, core.session.tick(nowMs));
  for (let due = core.deadlines.take(nowMs); due; due = core.deadlines.take(nowMs)) fallDue(core, due);
}

function fallDue(core: CoreParts, due: CoreDeadline): void {
  switch (due.kind) {
    case 'ask-agents':
      return lookForAgents(core);
    case 'capacity':
      return giveUp(core, due.submission, {
        kind: 'no-capacity',
        shortage: shortageOf(core, due.submission),
        waitedMs: core.moment.nowMs - due.submission.waitingSinceMs,
      });
    case 'store':
      core.isStoringAgain = false;
      if (core.standing !== 'not-leader') core.outbox.persistAgain();
      return;
    case 'store-overdue':
      return onStoreOverdue(core, due.write);
    case 'probe':
      return probe(core, due.task);
    case 'start':
      return onStartTimeout(core, due.task);
    case 'kill':
      clearDeadline(core, due.task, 'kill');
      return kill(core, due.task);
    case 'retell':
      return tellNext(core, due.task);
  }
}

/** Nothing was heard of a launch. Without a subscription the next one asks about everything. */
function probe(core: CoreParts, task: LiveTask): void {
  task.probeAfterMs = Math.min(Math.max(FIRST_PROBE_MS, task.probeAfterMs * 2), LONGEST_PROBE_MS);
  setDeadline(core, task, { kind: 'probe', inMs: task.probeAfterMs });
  if (core.outbox.isOpen) core.probes.add(task);
}

/** It should run (and be healthy) by now: it fails, and is killed so that it doesn't come up later. */
function onStartTimeout(core: CoreParts, task: LiveTask): void {
  const waitedMs = core.moment.nowMs - (task.submission?.submittedAtMs ?? task.launchedAtMs);
  tellFailure(core, task, { kind: 'launch-timeout', waitedMs, attempts: task.record.attempt });
  condemn(core, task);
  kill(core, task);
}
