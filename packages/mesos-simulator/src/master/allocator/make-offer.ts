import type { WireOffer, WireResource, WireUrl } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../../agent/agent-info.ts';
import type { Resources } from '../resources/resources.ts';
import type { Agent, Framework, InverseOffer, Offer } from '../state/entities.ts';
import { can } from '../state/framework.ts';
import type { MasterState } from '../state/master-state.ts';

export interface Allocation {
  readonly framework: Framework;
  readonly role: string;
  readonly agent: Agent;
  readonly resources: Resources;
}

/** Takes the resources from the agent and gives them into a new offer. */
export function makeOffer(master: MasterState, allocation: Allocation): Offer {
  const { framework, role, agent, resources } = allocation;
  const id = master.newOfferId();
  const offer: Offer = { id, framework, agent, role, resources, wire: wireOffer(id, allocation) };
  agent.available = agent.available.subtract(resources);
  master.candidates.resourcesChanged(agent);
  master.shares.allocate(role, framework.id, resources);
  master.offers.set(id, offer);
  agent.offers.add(offer);
  framework.offers.add(offer);
  const { offerTimeoutMs } = master.options;
  if (offerTimeoutMs !== undefined) {
    const atMs = master.time.nowMs + offerTimeoutMs;
    master.deadlines.set(`offer:${id}`, atMs, { kind: 'offer-timeout', offer });
  }
  return offer;
}

function wireOffer(id: string, { framework, role, agent, resources }: Allocation): WireOffer {
  const { info } = agent;
  const executors = [...agent.executors.values()].filter(({ frameworkId }) => frameworkId === framework.id);
  return {
    id: { value: id },
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    hostname: info.hostname,
    url: agentUrl(info),
    ...(info.domain === undefined ? {} : { domain: info.domain }),
    resources: offeredResources(resources, framework, role),
    ...(info.attributes.length === 0 ? {} : { attributes: info.attributes }),
    ...(executors.length === 0
      ? {}
      : { executor_ids: executors.map((executor) => executor.info.executor_id) }),
    ...(agent.unavailability === undefined ? {} : { unavailability: agent.unavailability }),
    ...(can(framework, 'MULTI_ROLE') ? { allocation_info: { role } } : {}),
  };
}

/** In the format that the framework understands. */
export function offeredResources(resources: Resources, framework: Framework, role: string): WireResource[] {
  const refined = can(framework, 'RESERVATION_REFINEMENT');
  const allocation = can(framework, 'MULTI_ROLE') ? { allocation_info: { role } } : {};
  return resources.toWire().map((resource) => {
    const { reservations, ...rest } = resource;
    if (refined) {
      return {
        ...rest,
        ...allocation,
        ...(reservations === undefined ? {} : { reservations }),
      } as WireResource;
    }
    return { ...rest, ...oldReservation(resource), ...allocation } as WireResource;
  });
}

/** Before RESERVATION_REFINEMENT: the role beside the amount, principal and labels of a dynamic one in `reservation`. */
export function oldReservation({ reservations }: WireResource): object {
  const reservation = reservations?.at(-1);
  if (reservation === undefined) return { role: '*' };
  const { type, role, ...rest } = reservation;
  return type === 'DYNAMIC' ? { role, reservation: rest } : { role };
}

export function makeInverseOffer(master: MasterState, framework: Framework, agent: Agent): InverseOffer {
  const id = master.newOfferId();
  const unavailability = agent.unavailability ?? { start: { nanoseconds: 0 } };
  const inverse: InverseOffer = {
    id,
    framework,
    agent,
    unavailability,
    wire: {
      id: { value: id },
      url: agentUrl(agent.info),
      framework_id: { value: framework.id },
      agent_id: { value: agent.id },
      unavailability,
    },
  };
  master.inverseOffers.set(id, inverse);
  agent.inverseOffers.set(framework.id, inverse);
  framework.inverseOffers.add(inverse);
  return inverse;
}

function agentUrl({ hostname, ip, port }: AgentInfo): WireUrl {
  return { scheme: 'http', address: { hostname, ip, port }, path: '/slave(1)' };
}
