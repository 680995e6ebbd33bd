import type { SubscribeCall, WireFrameworkInfo } from '@vibrissa/mesos/wire';
import { newUuid } from '../../base/uuid.ts';
import { scheduleAllocation } from '../allocator/allocate.ts';
import { removeInverseOffer, removeOffer } from '../allocator/recover-resources.ts';
import { acceptsJson, refuse, type Refusal } from '../call/read-body.ts';
import type { HttpCall } from '../messages.ts';
import { newFramework, rolesOf } from '../state/framework.ts';
import type { Framework, OfferConstraints } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { offerAtOnce, updateDemand } from './demand.ts';
import { frameworkInfoOf, immutableFields } from './framework-info.ts';
import { invalidFramework, type FrameworkClaim } from './validate-framework.ts';

export interface Subscription {
  readonly request: number;
  readonly http: HttpCall;
  readonly call: SubscribeCall;
}

/**
 * Answers SUBSCRIBE by a stream. What the master itself does not like about a framework comes as an ERROR event on
 * that stream, which ends then.
 */
export function subscribe(master: MasterState, { request, http, call }: Subscription): Refusal | undefined {
  if (!acceptsJson(http.accept)) {
    return refuse(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
  }
  if (http.streamId !== undefined) {
    return refuse(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }
  const claim = claimOf(call, http.principal);
  const stream = { number: request, id: newUuid(master.random) };
  const headers = [['Mesos-Stream-Id', stream.id] as const, ['Content-Type', 'application/json'] as const];
  master.emit({ type: 'open-stream', stream: request, headers });
  const wrong = invalidFramework(master, claim) ?? refusedHere(master, claim.info);
  if (wrong !== undefined) {
    endStream(master, request, wrong);
    return undefined;
  }
  const known = master.frameworks.get(claim.info.id?.value ?? '');
  if (known === undefined) addFramework(master, claim, stream);
  else resubscribe(master, { framework: known, claim, stream });
  return undefined;
}

function claimOf({ subscribe: body }: SubscribeCall, principal: string | undefined): FrameworkClaim {
  const { framework_info: given, suppressed_roles: suppressedRoles = [], offer_constraints } = body;
  const info = principal === undefined ? given : { principal, ...given };
  return {
    info: frameworkInfoOf(info),
    suppressedRoles,
    offerConstraints: offer_constraints as OfferConstraints | undefined,
  };
}

function refusedHere(master: MasterState, info: WireFrameworkInfo): string | undefined {
  const id = info.id?.value;
  if (id === undefined) return undefined;
  if (master.completedFrameworks.has(id)) return 'Framework has been removed';
  const known = master.frameworks.get(id);
  return known !== undefined && known.info.principal !== info.principal
    ? "Changing framework's principal is not allowed."
    : undefined;
}

/** ERROR and the last chunk. */
function endStream(master: MasterState, stream: number, message: string): void {
  master.emit({ type: 'event', stream, event: { type: 'ERROR', error: { message } } });
  master.emit({ type: 'end-stream', stream });
}

type Stream = NonNullable<Framework['stream']>;

function addFramework(master: MasterState, claim: FrameworkClaim, stream: Stream): void {
  const id = claim.info.id?.value ?? master.newFrameworkId();
  const info = frameworkInfoOf({ ...claim.info, id: { value: id } });
  const framework = newFramework(id, info, master.time.epochMs);
  master.frameworks.set(id, framework);
  master.tellOperators({
    type: 'FRAMEWORK_ADDED',
    framework_added: { framework: { framework_info: info, active: true, connected: true, recovered: false } },
  });
  activate(master, { framework, claim, stream });
  offerAtOnce(master);
}

interface Activation {
  readonly framework: Framework;
  readonly claim: FrameworkClaim;
  readonly stream: Stream;
}

/**
 * The new stream wins. Filters survive when the old one was still open; after a lost connection they are forgotten, and
 * offers come at once.
 */
function resubscribe(master: MasterState, { framework, claim, stream }: Activation): void {
  const former = framework.stream;
  const roles = rolesOf(claim.info);
  for (const offer of framework.offers) {
    // Dropped roles are noticed before the stream is exchanged: those RESCINDs still go to the old one.
    removeOffer(master, offer, { rescind: !roles.has(offer.role) });
  }
  for (const inverse of framework.inverseOffers) removeInverseOffer(master, inverse, { rescind: false });
  if (former !== undefined) {
    master.streams.delete(former.number);
    endStream(master, former.number, 'Framework failed over');
  }
  const formerRoles = framework.roles;
  framework.info = frameworkInfoOf({ ...claim.info, ...immutableFields(framework.info) });
  framework.roles = roles;
  framework.recovered = false;
  framework.reregisteredMs = master.time.epochMs;
  framework.unregisteredMs = undefined;
  master.deadlines.delete(`failover:${framework.id}`);
  activate(master, { framework, claim, stream });
  updateDemand(master, framework, formerRoles);
  tellAgents(master, framework);
  if (former === undefined) {
    offerAtOnce(master);
  } else {
    master.candidates.addAll();
    scheduleAllocation(master);
  }
}

function activate(master: MasterState, { framework, claim, stream }: Activation): void {
  framework.stream = stream;
  framework.suppressed = new Set(claim.suppressedRoles);
  framework.offerConstraints = claim.offerConstraints;
  master.streams.set(stream.number, framework);
  updateDemand(master, framework);
  master.tell(framework, {
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: { value: framework.id },
      heartbeat_interval_seconds: master.options.heartbeatIntervalMs / 1000,
      master_info: master.info,
    },
  });
  beat(master, framework);
}

/** HEARTBEAT, and the deadline of the next one. */
export function beat(master: MasterState, framework: Framework): void {
  master.tell(framework, { type: 'HEARTBEAT' });
  const atMs = master.time.nowMs + master.options.heartbeatIntervalMs;
  master.deadlines.set(`heartbeat:${framework.id}`, atMs, { kind: 'heartbeat', framework });
}

/** Agents send what waits for an acknowledgement again, at once: the new scheduler may have missed it. */
function tellAgents(master: MasterState, framework: Framework): void {
  const agents = new Set<string>();
  for (const task of framework.tasks.values()) agents.add(task.agentId);
  for (const agentId of agents) {
    const agent = master.agents.get(agentId);
    if (agent !== undefined) {
      master.toAgent(agent, {
        type: 'framework-updated',
        frameworkId: framework.id,
        framework: framework.info,
      });
    }
  }
}
