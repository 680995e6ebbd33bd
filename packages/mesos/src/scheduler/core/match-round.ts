import type { Launch } from '../../offers/placement.ts';
import { leanPlacement } from '../../tasks/lean-record.ts';
import type { Placement, TaskRecord } from '../../tasks/task-record.ts';
import type { WireOffer } from '../../wire/index.ts';
import type { CoreParts } from './core-parts.ts';
import type { StoredLaunch } from './launch-batch.ts';
import { OfferedRoom } from './offered-room.ts';
import type { Submission } from './live-task.ts';
import { dequeue, giveUp, shortageOf } from './waiting.ts';

/**
 * Brings together what waits and the offers in hand, and writes down what will be launched; the ACCEPTs follow when
 * that is stored. New offers are shown to all that waits; else only what nobody has tried yet is looked at. While a
 * write is under way everything gathers for the next round. Returns how many submissions were placed.
 */
export function matchRound(core: CoreParts): number {
  if (core.storing || core.queue.size === 0 || !mayLaunch(core)) return 0;
  const offers = core.offers.all();
  const submissions = chooseSubmissions(core, offers);
  const byId = new Map(submissions.map((submission) => [submission.id, submission]));
  const stored = match(core, submissions, offers)
    .map((launch) => place(core, launch, byId))
    .filter(({ placed }) => placed.length > 0);
  if (stored.length > 0) store(core, stored);
  giveUpPassedBy(core);
  return stored.reduce((sum, { placed }) => sum + placed.length, 0);
}

/** The matcher can be the program's own: what it throws must not cost the subscription. */
function match(
  core: CoreParts,
  submissions: readonly Submission[],
  offers: readonly WireOffer[],
): readonly Launch[] {
  if (submissions.length === 0 || offers.length === 0) return [];
  try {
    const { launches } = core.options.matcher({
      requests: submissions.map(({ request }) => request),
      offers,
      epochMs: core.moment.epochMs,
      isPortBlocked: core.blockedPorts.blockedAt(core.moment.nowMs),
      maintenanceHorizonMs: core.options.maintenanceHorizonMs,
    });
    return launches;
  } catch (error) {
    core.outbox.warn('the matcher has thrown: nothing is launched in this round', { error });
    return [];
  }
}

/** A teardown under way wants no further task. */
function mayLaunch(core: CoreParts): boolean {
  const { outbox, standing, teardownRequests, options, moment } = core;
  return (
    outbox.isOpen && standing === 'open' && teardownRequests.length === 0 && options.mayAct(moment.nowMs)
  );
}

function chooseSubmissions(core: CoreParts, offers: readonly WireOffer[]): readonly Submission[] {
  const unmatched = core.queue.takeUnmatched();
  if (!core.hasNewOffers) return unmatched;
  core.hasNewOffers = false;
  core.rounds += 1;
  const room = new OfferedRoom(offers);
  return core.queue.candidates(({ request }, enough) => room.for(request, enough));
}

function place(core: CoreParts, launch: Launch, byId: ReadonlyMap<string, Submission>): StoredLaunch {
  const placed: StoredLaunch['placed'][number][] = [];
  for (const at of launch.placed) {
    const submission = byId.get(at.requestId);
    if (!submission || !dequeue(core, submission)) continue;
    placed.push({ submission, at });
    // The first unit of a group is its executor.
    const units = submission.group ? at.units.slice(1) : at.units;
    for (const [index, task] of submission.tasks.entries()) {
      const hostPorts = units[index]?.hostPorts ?? [];
      task.phase = 'storing';
      task.record = attempt(core, task.record, placementAt(at.offer, hostPorts));
      core.book.index(task);
      core.outbox.put(task.record);
    }
  }
  if (placed.length > 0) core.offers.take(launch.offers.map(({ id }) => id.value));
  return { launch, placed, rescinded: new Set() };
}

function placementAt(offer: WireOffer, hostPorts: readonly number[]): Placement {
  return leanPlacement({
    agentId: offer.agent_id.value,
    hostname: offer.hostname,
    ...(offer.url ? { agentUrl: offer.url } : {}),
    hostPorts: [...hostPorts],
  });
}

/** The next attempt, under a Mesos task id that was never used as far as is known. */
function attempt(core: CoreParts, record: TaskRecord, placement: Placement): TaskRecord {
  let number = record.attempt;
  let mesosTaskId: string;
  do {
    number += 1;
    mesosTaskId = number === 1 ? record.id : `${record.id}.${number}`;
  } while (core.book.byMesosId(mesosTaskId) ?? core.ended.byMesosId(mesosTaskId));
  return { ...record, mesosTaskId, attempt: number, placement, launchedAtMs: core.moment.epochMs };
}

function store(core: CoreParts, launches: readonly StoredLaunch[]): void {
  const write = core.outbox.persist();
  if (write === undefined) return;
  const deadline = core.deadlines.add(core.moment.nowMs + core.options.limits.storeTimeoutMs, {
    kind: 'store-overdue',
    write,
  });
  core.storing = { write, connection: core.outbox.connection, launches, deadline };
  for (const stored of launches) {
    for (const { id } of stored.launch.offers) core.reserved.set(id.value, stored);
  }
}

/** Those that more rounds of offers have passed by than they may. They stand in the order in which they began to wait. */
function giveUpPassedBy(core: CoreParts): void {
  const { capacityRounds } = core.options.limits;
  if (capacityRounds === Infinity) return;
  for (let first = core.queue.first; first; first = core.queue.first) {
    if (core.rounds - first.roundsBefore < capacityRounds) return;
    giveUp(core, first, {
      kind: 'no-capacity',
      shortage: shortageOf(core, first),
      waitedMs: core.moment.nowMs - first.waitingSinceMs,
    });
  }
}
