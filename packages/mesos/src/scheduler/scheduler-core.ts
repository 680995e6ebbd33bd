import type { RandomSource } from '../base/random.ts';
import type { TaskRecord } from '../tasks/task-record.ts';
import type { CallAnswer, StreamEnd } from '../transport/transport.ts';
import type { MesosEvent } from '../wire/index.ts';
import type { CoreEffect, CoreInput } from './core-messages.ts';
import type { CoreOptions } from './core/core-options.ts';
import { earlier } from './core/core-deadline.ts';
import { coreParts, type CoreParts, type Moment } from './core/core-parts.ts';
import { explainTask, type TaskExplanation } from './core/explain-task.ts';
import { stopSession } from './core/hang-up.ts';
import { onAgents } from './core/on-agents.ts';
import { onAnswered, onCall } from './core/on-answered.ts';
import { onDelete } from './core/on-delete.ts';
import { onEvent } from './core/on-event.ts';
import { returnOffers } from './core/on-offers.ts';
import { onPersisted } from './core/on-persisted.ts';
import { applyActions } from './core/on-session.ts';
import { onLoad, onStart } from './core/on-start.ts';
import { onSubmit, onSubmitGroup } from './core/on-submit.ts';
import { onTick } from './core/on-tick.ts';
import { askDue, onReconcile } from './core/reconciliation.ts';
import { settleAll } from './core/settle-all.ts';
import { onHandled } from './core/tell-owner.ts';
import { tellWishes } from './core/tell-wishes.ts';
import { isOwners } from './core/task-origin.ts';
import { onTeardown, onTornDown } from './core/teardown.ts';

/**
 * The scheduler without any I/O: it is given what has happened and answers what is to be done. Deterministic for the
 * same inputs and random source, so that it runs in virtual time and a seed replays it.
 *
 *     const core = new SchedulerCore({ framework, session }, { random });
 *     for (const effect of core.step({ nowMs, epochMs }, { type: 'start', stored })) execute(effect);
 *     …                                       // answers to effects are inputs again; `tick` at core.nextDeadlineMs
 */
export class SchedulerCore {
  readonly #core: CoreParts;

  constructor(options: CoreOptions, deps: { readonly random: RandomSource }) {
    this.#core = coreParts(options, deps.random);
  }

  /** When a `tick` has something to do, in the time of `nowMs`; a time past means at once. */
  get nextDeadlineMs(): number | undefined {
    const core = this.#core;
    if (core.standing === 'closed') return undefined;
    const nextMs = earlier(core.session.nextDeadlineMs, core.deadlines.nextMs);
    if (!core.outbox.isOpen) return nextMs;
    // Offers wait for the round after the write that is under way.
    const offersMs = core.storing && core.hasNewOffers ? undefined : core.offers.nextDeadlineMs;
    const callMs = earlier(core.demand.nextDeadlineMs, core.plan.nextDeadlineMs);
    return earlier(nextMs, earlier(offersMs, callMs));
  }

  /** Takes an input and returns what is to be done, in order. Never throws for anything that Mesos says. */
  step(moment: Moment, input: CoreInput): readonly CoreEffect[] {
    const core = this.#core;
    core.moment = moment;
    core.shortages.clear();
    if (core.standing === 'closed') return [];
    take(core, input);
    endStep(core);
    return core.outbox.drain();
  }

  /** Offers in hand now; notices tell how many there were when the last ones came. */
  get offersHeld(): number {
    return this.#core.offers.size;
  }

  /** How things stand with a task (or a group): why it waits, or where it is. */
  explain(id: string, moment: Moment): TaskExplanation {
    this.#core.moment = moment;
    this.#core.shortages.clear();
    return explainTask(this.#core, id);
  }

  /** Those tasks of a group that wait or run. */
  group(id: string): readonly TaskRecord[] {
    const tasks = this.#core.book.named(id).filter(({ phase }) => phase !== 'ended');
    return tasks.map(({ record }) => record).filter(({ groupId }) => groupId === id);
  }

  /** All tasks that wait or run. */
  *tasks(): Generator<TaskRecord> {
    for (const task of this.#core.book.all()) {
      if (isOwners(task) && task.phase !== 'ended') yield task.record;
    }
  }
}

function take(core: CoreParts, input: CoreInput): void {
  const { nowMs } = core.moment;
  switch (input.type) {
    case 'load':
      return onLoad(core, input.stored);
    case 'start':
      return onStart(core, input.stored);
    case 'submit':
      return onSubmit(core, [input.task]);
    case 'submit-all':
      return onSubmit(core, input.tasks);
    case 'submit-group':
      return onSubmitGroup(core, input.group);
    case 'delete':
      return onDelete(core, input.request, input.taskId);
    case 'reconcile':
      return onReconcile(core, input.request);
    case 'call':
      return onCall(core, input.request, input.call);
    case 'teardown':
      return onTeardown(core, input.request);
    case 'close':
      return close(core);
    case 'leadership':
      return onLeadership(core, input.leading);
    case 'masters':
      return applyActions(core, core.session.masters(nowMs, input.masters));
    case 'no-masters':
      return applyActions(core, core.session.noMasters(nowMs, input.error));
    case 'persisted':
      return onPersisted(core, input.write, input.error);
    case 'handled':
      return onHandled(core, input.update, input.error);
    case 'agents':
      return onAgents(core, input.totals);
    case 'tick':
      return onTick(core);
    case 'opened':
    case 'alive':
    case 'event':
    case 'ended':
    case 'answered':
      // What an earlier connection still had to say counts no longer.
      if (input.connection === core.outbox.connection) return takeFromMaster(core, input);
  }
}

function takeFromMaster(core: CoreParts, input: Extract<CoreInput, { readonly connection: number }>): void {
  const { nowMs } = core.moment;
  switch (input.type) {
    case 'opened':
      return applyActions(core, core.session.opened(nowMs));
    case 'alive':
      return applyActions(core, core.session.alive(nowMs));
    case 'event':
      return takeEvent(core, input.event);
    case 'ended':
      return takeEnd(core, input.end);
    case 'answered':
      return takeAnswer(core, input.answer);
  }
}

function takeEvent(core: CoreParts, event: MesosEvent): void {
  const wasOpen = core.outbox.isOpen;
  const problem = wasOpen ? undefined : strangeId(core, event);
  if (problem !== undefined) {
    const end: StreamEnd = { kind: 'garbage', error: new Error(problem) };
    return applyActions(core, core.session.ended(core.moment.nowMs, end));
  }
  applyActions(core, core.session.event(core.moment.nowMs, event));
  if (wasOpen && core.outbox.isOpen) onEvent(core, event);
}

/** A master confirms the id that it was asked for. Under another one all tasks would be unknown, and be launched again. */
function strangeId(core: CoreParts, event: MesosEvent): string | undefined {
  if (event.type !== 'SUBSCRIBED') return undefined;
  const id = event.subscribed.framework_id.value;
  if (id === '') return 'it confirms a subscription without a framework id';
  if (core.frameworkId === undefined || core.frameworkId === id) return undefined;
  return `it confirms a subscription of framework ${id}, which is not ours (${core.frameworkId})`;
}

/** A stream that ends in good order after TEARDOWN ends because of it, even before the call's own answer. */
function takeEnd(core: CoreParts, end: StreamEnd): void {
  if (end.kind === 'ended' && core.outbox.isOpen && core.teardownRequests.length > 0) return onTornDown(core);
  applyActions(core, core.session.ended(core.moment.nowMs, end));
}

function takeAnswer(core: CoreParts, answer: CallAnswer): void {
  const errand = core.errands.get(answer.callId);
  core.errands.delete(answer.callId);
  applyActions(core, core.session.answered(core.moment.nowMs, answer));
  if (errand) onAnswered(core, errand, answer);
}

function onLeadership(core: CoreParts, leading: boolean): void {
  if (leading && core.standing === 'not-leader') core.standing = 'open';
  applyActions(core, core.session.leadership(core.moment.nowMs, leading));
  if (!leading && core.standing === 'open') settleAll(core, 'not-leader');
}

function close(core: CoreParts): void {
  settleAll(core, 'closed');
  stopSession(core);
  core.deadlines.clear();
}

/** What follows from any step: what goes back to the master, and what is wanted of it now. */
function endStep(core: CoreParts): void {
  const { nowMs } = core.moment;
  // Before, since it says how long an offer is refused; after, since what goes back may be missed.
  tellDemand(core);
  returnOffers(core);
  if (!core.outbox.isOpen) return;
  tellDemand(core);
  // Before a REVIVE, so that what it brings is what is wished.
  tellWishes(core);
  for (const call of core.demand.due(nowMs)) core.outbox.send(call);
  askDue(core);
}

function tellDemand(core: CoreParts): void {
  const { offersInAdvance, roles } = core.options;
  for (const role of roles) {
    // Never less than one, so that the role stays open while the offers that are wanted are in hand.
    const missing = offersInAdvance > 0 ? 1 + Math.max(0, offersInAdvance - core.offers.all(role).length) : 0;
    core.demand.wants(role, core.queue.waitingOf(role) + missing, core.moment.nowMs);
  }
}
