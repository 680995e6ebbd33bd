import { shuffle } from '../../base/shuffle.ts';
import type { Agent, Framework, InverseOffer, Offer } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { makeInverseOffer, makeOffer } from './make-offer.ts';
import { wantsOffer } from './wants-offer.ts';
import type { Resources } from '../resources/resources.ts';

/**
 * Offers what agents have left, agents in random order, roles and the frameworks of a role by their share of the
 * cluster (the least first). Each framework gets one OFFERS event.
 */
export function allocate(master: MasterState): void {
  if (master.phase !== 'leading') return;
  const offers = new Map<Framework, Offer[]>();
  const inverseOffers = new Map<Framework, InverseOffer[]>();
  for (const agent of shuffle(master.candidates.take(), master.random)) {
    if (!givesOffers(agent)) continue;
    for (const offer of offersOf(master, agent)) append(offers, offer.framework, offer);
    for (const inverse of inverseOffersOf(master, agent)) append(inverseOffers, inverse.framework, inverse);
  }
  for (const [framework, made] of offers) {
    master.tell(framework, { type: 'OFFERS', offers: { offers: made.map(({ wire }) => wire) } });
  }
  for (const [framework, made] of inverseOffers) {
    master.tell(framework, {
      type: 'INVERSE_OFFERS',
      inverse_offers: { inverse_offers: made.map(({ wire }) => wire) },
    });
  }
  scheduleAllocation(master);
}

/** Allocations happen at whole intervals since the election; none is planned while nothing has changed. */
export function scheduleAllocation(master: MasterState): void {
  if (master.phase !== 'leading' || master.candidates.isEmpty || master.deadlines.has('allocate')) return;
  const { allocationIntervalMs: interval } = master.options;
  const sinceElection = master.time.nowMs - (master.electedMs ?? 0);
  let atMs = (master.electedMs ?? 0) + (Math.floor(sinceElection / interval) + 1) * interval;
  // Sums are rounded: it may be now.
  if (atMs <= master.time.nowMs) atMs += interval;
  master.deadlines.set('allocate', atMs, { kind: 'allocate' });
}

function givesOffers(agent: Agent): boolean {
  return agent.link !== undefined && !agent.deactivated && agent.drain === undefined;
}

function* offersOf(master: MasterState, agent: Agent): Generator<Offer> {
  for (const role of rolesByShare(master)) {
    const offered = agent.available.forRole(role);
    if (!isAllocatable(offered)) continue;
    for (const framework of frameworksByShare(master, role)) {
      if (!wantsOffer({ master, framework, role, agent, offered })) continue;
      yield makeOffer(master, { framework, role, agent, resources: offered });
      break;
    }
  }
}

/** `--min_allocatable_resources`: 0.01 cpus or 32 MB. */
function isAllocatable(resources: Resources): boolean {
  return resources.scalarMilli('cpus') >= 10 || resources.scalarMilli('mem') >= 32_000;
}

function rolesByShare(master: MasterState): readonly string[] {
  const roles = [...master.demand.keys()];
  if (roles.length < 2) return roles;
  return roles
    .map((role) => ({ role, share: master.shares.ofRole(role) / (master.options.weights[role] ?? 1) }))
    .sort((a, b) => a.share - b.share || (a.role < b.role ? -1 : 1))
    .map(({ role }) => role);
}

function frameworksByShare(master: MasterState, role: string): readonly Framework[] {
  const frameworks = [...(master.demand.get(role) ?? [])];
  if (frameworks.length < 2) return frameworks;
  return frameworks
    .map((framework) => ({ framework, share: master.shares.ofFramework(role, framework.id) }))
    .sort((a, b) => a.share - b.share || (a.framework.id < b.framework.id ? -1 : 1))
    .map(({ framework }) => framework);
}

/** Everybody who has something on a machine that is to be maintained is asked to leave, until the schedule is cleared. */
function* inverseOffersOf(master: MasterState, agent: Agent): Generator<InverseOffer> {
  if (agent.unavailability === undefined) return;
  const present = new Set([
    ...agent.tasks.keys(),
    ...[...agent.offers].map(({ framework }) => framework.id),
    ...[...agent.executors.values()].map(({ frameworkId }) => frameworkId),
  ]);
  for (const frameworkId of present) {
    const framework = master.frameworks.get(frameworkId);
    if (framework?.stream === undefined || agent.inverseOffers.has(frameworkId)) continue;
    if ((framework.inverseFilters.get(agent.id) ?? 0) > master.time.nowMs) continue;
    yield makeInverseOffer(master, framework, agent);
  }
}

function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
