import { matchOffers, type MatchInput, type OfferMatcher, type TaskRecord } from '@vibrissa/mesos';

type Request = MatchInput['requests'][number];
type Offer = MatchInput['offers'][number];
type Result = ReturnType<OfferMatcher>;

/** So often what an agent has refused is dealt out anew; then it goes wherever there is room. */
const DEALS = 3;

interface Agent {
  readonly id: string;
  readonly offers: Offer[];
  /** Tasks of ours that are there, or that it is to get. */
  load: number;
  memMb: number;
  /** What it is to get; everything of it fits. */
  given: Request[];
  result: Result | undefined;
}

/** How many tasks of ours are on each agent. */
function loadsOf(tasks: Iterable<TaskRecord>): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { placement } of tasks) {
    if (placement) loads.set(placement.agentId, (loads.get(placement.agentId) ?? 0) + 1);
  }
  return loads;
}

function memoryOf({ resources }: Offer): number {
  let memMb = 0;
  for (const resource of resources) {
    if (resource.type === 'SCALAR' && resource.name === 'mem') memMb += resource.scalar.value;
  }
  return memMb;
}

function agentsOf(offers: readonly Offer[], loads: ReadonlyMap<string, number>): readonly Agent[] {
  const agents = new Map<string, Agent>();
  for (const offer of offers) {
    const id = offer.agent_id.value;
    const known = agents.get(id);
    const agent = known ?? {
      id,
      offers: [],
      load: loads.get(id) ?? 0,
      memMb: 0,
      given: [],
      result: undefined,
    };
    if (!known) agents.set(id, agent);
    agent.offers.push(offer);
    agent.memMb += memoryOf(offer);
  }
  return [...agents.values()].toSorted(
    (one, other) => one.memMb - other.memMb || (one.id < other.id ? -1 : 1),
  );
}

/** The first one with the fewest tasks of ours; they come with the fullest first. */
function leastLoaded(agents: readonly Agent[], refused: ReadonlySet<Agent> | undefined): Agent | undefined {
  let least: Agent | undefined;
  for (const agent of agents) {
    if ((least === undefined || agent.load < least.load) && !refused?.has(agent)) least = agent;
  }
  return least;
}

/** Gives the agent what of these requests it has room for, beside what it was given before; returns the others. */
function give(agent: Agent, requests: readonly Request[], input: MatchInput): readonly Request[] {
  if (requests.length === 0) return [];
  const result = matchOffers({ ...input, requests: [...agent.given, ...requests], offers: agent.offers });
  const refused = new Set(result.unplaced);
  const taken = requests.filter((request) => !refused.has(request));
  if (taken.length > 0) {
    agent.given = [...agent.given, ...taken];
    agent.result = result;
  }
  return requests.filter((request) => refused.has(request));
}

/** Deals the requests out, each to the agent with the fewest of our tasks that has not refused it. */
function deal(agents: readonly Agent[], input: MatchInput): readonly Request[] {
  const refusedBy = new Map<Request, Set<Agent>>();
  let left = input.requests;
  for (let deals = 0; deals < DEALS && left.length > 0; deals += 1) {
    const dealt = new Map<Agent, Request[]>();
    for (const request of left) {
      const agent = leastLoaded(agents, refusedBy.get(request));
      if (!agent) continue;
      agent.load += 1;
      dealt.set(agent, [...(dealt.get(agent) ?? []), request]);
    }
    const refused = new Set<Request>();
    for (const [agent, requests] of dealt) {
      for (const request of give(agent, requests, input)) {
        agent.load -= 1;
        refused.add(request);
        refusedBy.set(request, (refusedBy.get(request) ?? new Set()).add(agent));
      }
    }
    left = left.filter((request) => refused.has(request));
  }
  return left;
}

/**
 * A matcher that spreads our tasks: each goes to an agent with the fewest of them, of those to the fullest, so that the loss
 * of one agent takes neither all containers of an action nor all that are prewarmed. Whatever fits some agent is placed in
 * the same round, as {@link matchOffers} does it.
 */
export function spreadOffers(tasks: () => Iterable<TaskRecord>): OfferMatcher {
  return (input) => {
    if (input.requests.length === 0) return { launches: [], unplaced: [] };
    const agents = agentsOf(input.offers, loadsOf(tasks()));
    let left = deal(agents, input);
    const fresh = agents.filter(({ result }) => !result).flatMap(({ offers }) => offers);
    const last = matchOffers({ ...input, requests: left, offers: fresh });
    left = last.unplaced;
    for (const agent of agents) if (agent.result) left = give(agent, left, input);
    const launches = agents.flatMap(({ result }) => result?.launches ?? []);
    return { launches: [...launches, ...last.launches], unplaced: left };
  };
}
