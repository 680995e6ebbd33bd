import type { AcceptCall, WireOperation, WireTaskInfo } from '@vibrissa/mesos/wire';
import { recoverResources, refuseSecondsOf, removeOffer, takeOffer } from '../allocator/recover-resources.ts';
import { Resources } from '../resources/resources.ts';
import type { Framework, Offer } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { applyOperation, type ConvertingOperation } from './apply-operation.ts';
import { launchGroup, launchTasks, type Launch, type LaunchGroup, type Launching } from './launch.ts';
import { masterStatus, stateFor, tellStatus } from './master-status.ts';
import { tellOperation } from './operation-status.ts';

/** ACCEPT: all its offers are used up, whatever comes of the operations. */
export function accept(master: MasterState, framework: Framework, { accept: body }: AcceptCall): void {
  const ids = body.offer_ids.map(({ value }) => value);
  const offers = ids
    .flatMap((id) => master.offers.get(id) ?? [])
    .filter((offer) => offer.framework === framework);
  const wrong = invalidOffers(master, framework, ids);
  const first = offers[0];
  if (wrong !== undefined || first === undefined) {
    // Without a filter: they come back with the next allocation.
    for (const offer of new Set(offers)) removeOffer(master, offer, { rescind: false });
    refuseOperations(master, framework, { operations: body.operations, why: wrong ?? 'No offers specified' });
    return;
  }
  const launching: Launching = {
    framework,
    agent: first.agent,
    role: first.role,
    available: offers.reduce((sum, { resources }) => sum.add(resources), Resources.none),
    converted: Resources.none,
  };
  for (const offer of offers) takeOffer(master, offer);
  for (const operation of body.operations) perform(master, launching, operation);
  giveBack(master, launching, refuseSecondsOf(body.filters));
}

function perform(master: MasterState, launching: Launching, operation: WireOperation): void {
  switch (operation.type) {
    case 'LAUNCH':
      launchTasks(master, launching, operation);
      return;
    case 'LAUNCH_GROUP':
      launchGroup(master, launching, operation);
      return;
    case 'RESERVE':
    case 'UNRESERVE':
    case 'CREATE':
    case 'DESTROY':
      applyOperation(master, launching, operation as ConvertingOperation);
  }
}

/** What no task took is refused for a while; what an operation has made is not, it may be offered at once. */
function giveBack(master: MasterState, launching: Launching, refuseSeconds: number): void {
  const { framework, agent, role, available, converted } = launching;
  const made = converted.subtract(converted.subtract(available));
  recoverResources(master, { framework, agent, role, resources: made });
  const declined = { framework, agent, role, resources: available.subtract(made) };
  recoverResources(master, declined, refuseSeconds);
}

/** One sentence about the first thing that is wrong, or undefined. */
function invalidOffers(
  master: MasterState,
  framework: Framework,
  ids: readonly string[],
): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return `Duplicate offer ${id} in offer list`;
    seen.add(id);
  }
  const offers: Offer[] = [];
  for (const id of ids) {
    const offer = master.offers.get(id);
    if (offer === undefined) return `Offer ${id} is no longer valid`;
    if (offer.framework !== framework) {
      return `Offer ${id} has invalid framework ${offer.framework.id} while framework ${framework.id} is expected`;
    }
    offers.push(offer);
  }
  const [first, ...others] = offers;
  if (first === undefined) return 'No offers specified';
  for (const other of others) {
    if (other.role !== first.role) {
      return `Aggregated offers must be allocated to the same role. Offer ${other.id} uses role '${other.role}' but another is using role '${first.role}'`;
    }
    if (other.agent !== first.agent) {
      return `Aggregated offers must belong to one single agent. Offer ${other.id} uses agent ${other.agent.id} and agent ${first.agent.id}`;
    }
  }
  return undefined;
}

/** Tasks are dropped; of other operations only those with an id are told. */
function refuseOperations(
  master: MasterState,
  framework: Framework,
  refused: { readonly operations: readonly WireOperation[]; readonly why: string },
): void {
  for (const operation of refused.operations) {
    for (const task of tasksOf(operation)) {
      const status = masterStatus(master, {
        taskId: task.task_id.value,
        agentId: task.agent_id.value,
        state: stateFor(framework, 'TASK_DROPPED'),
        message: `Task launched with invalid offers: ${refused.why}`,
        reason: 'REASON_INVALID_OFFERS',
      });
      tellStatus(master, framework, status);
    }
    if (operation.type === 'LAUNCH' || operation.type === 'LAUNCH_GROUP') continue;
    if (operation.id === undefined) continue;
    tellOperation(master, framework, {
      operation_id: operation.id,
      state: 'OPERATION_ERROR',
      message: `Operation attempted with invalid offers: ${refused.why}`,
    });
  }
}

function tasksOf(operation: WireOperation): readonly WireTaskInfo[] {
  if (operation.type === 'LAUNCH') return (operation as Partial<Launch>).launch?.task_infos ?? [];
  if (operation.type !== 'LAUNCH_GROUP') return [];
  return (operation as Partial<LaunchGroup>).launch_group?.task_group.tasks ?? [];
}
