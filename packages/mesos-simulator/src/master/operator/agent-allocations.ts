import type { WireResource } from '@vibrissa/mesos/wire';
import { isTerminal } from '../../base/task-states.ts';
import { oldReservation } from '../allocator/make-offer.ts';
import { Resources } from '../resources/resources.ts';
import type { Agent } from '../state/entities.ts';

/** What of an agent is in use and in offers, each with the role that it is allocated to. */
export function allocationsOn(agent: Agent): {
  readonly used: readonly WireResource[];
  readonly offered: readonly WireResource[];
} {
  const used = new Map<string, Resources>();
  for (const tasks of agent.tasks.values()) {
    for (const { state, role, resources } of tasks.values())
      if (!isTerminal(state)) add(used, role, resources);
  }
  for (const { role, resources } of agent.executors.values()) add(used, role, resources);
  const offered = new Map<string, Resources>();
  for (const { role, resources } of agent.offers) add(offered, role, resources);
  return { used: ofRoles(used), offered: ofRoles(offered) };
}

/** Operator endpoints show reservations in the old format beside the new one. */
export function inOldFormat(resources: Resources, role: string | undefined): readonly WireResource[] {
  return resources.toWire().map(
    (resource) =>
      ({
        ...resource,
        ...oldReservation(resource),
        ...(role === undefined ? {} : { allocation_info: { role } }),
      }) as WireResource,
  );
}

function add(sums: Map<string, Resources>, role: string, resources: Resources): void {
  sums.set(role, (sums.get(role) ?? Resources.of([])).add(resources));
}

function ofRoles(sums: ReadonlyMap<string, Resources>): readonly WireResource[] {
  return [...sums].flatMap(([role, resources]) => inOldFormat(resources, role));
}
