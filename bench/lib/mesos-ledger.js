// What offers hold and what was taken from them, counted independently of the client: a wrong placement fails the figure.

const milli = (value) => Math.round(value * 1000);
const amountIn = (resources, name) =>
  resources
    .filter((resource) => resource.name === name && resource.type === 'SCALAR')
    .reduce((sum, { scalar }) => sum + milli(scalar.value), 0);
const portsIn = (resources) =>
  resources
    .filter(({ name }) => name === 'ports')
    .flatMap(({ ranges }) => ranges.range)
    .flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, index) => begin + index));
const isWithin = (port, resources) =>
  resources.some(
    ({ name, ranges }) =>
      name === 'ports' && ranges.range.some(({ begin, end }) => begin <= port && port <= end),
  );

/** Offers of a round; each may be accepted or declined once. */
export class Ledger {
  #open;
  accepted = 0;
  declined = 0;

  constructor(offers) {
    this.#open = new Map(offers.map((offer) => [offer.id.value, offer]));
  }

  get openOffers() {
    return this.#open.size;
  }

  /** Tasks, each a list of resources, on offers of one agent and role; resolves to that agent's first offer. */
  accept(offerIds, tasks) {
    const offers = offerIds.map((id) => this.#take(id));
    const [first] = offers;
    for (const { agent_id, allocation_info } of offers) {
      if (agent_id.value !== first.agent_id.value || allocation_info.role !== first.allocation_info.role)
        throw new Error('one ACCEPT has offers of several agents or roles');
    }
    const offered = offers.flatMap(({ resources }) => resources);
    const taken = tasks.flat();
    for (const name of ['cpus', 'mem', 'disk', 'gpus']) {
      if (amountIn(taken, name) > amountIn(offered, name))
        throw new Error(`${amountIn(taken, name)} m${name} taken of ${amountIn(offered, name)}`);
    }
    const ports = portsIn(taken);
    if (new Set(ports).size < ports.length) throw new Error('a port was dealt out twice');
    if (!ports.every((port) => isWithin(port, offered)))
      throw new Error('a port was taken that is not offered');
    this.accepted += offers.length;
    return first;
  }

  decline(offerIds) {
    for (const id of offerIds) this.#take(id);
    this.declined += offerIds.length;
  }

  #take(id) {
    const offer = this.#open.get(id);
    if (!offer) throw new Error(`offer ${id} was used twice, or never made`);
    this.#open.delete(id);
    return offer;
  }
}

/** Fails unless what a task got is what its spec asks for, where its constraints allow it. */
export function expectPlaced(spec, resources, offer) {
  const wanted = { cpus: milli(spec.cpus), mem: milli(spec.memoryMb) };
  for (const [name, amount] of Object.entries(wanted)) {
    if (amountIn(resources, name) !== amount)
      throw new Error(`${spec.id} got other ${name} than it asked for`);
  }
  if (portsIn(resources).length !== spec.ports.length) throw new Error(`${spec.id} got other ports`);
  for (const constraint of spec.constraints ?? []) {
    if (!holds(constraint, offer)) throw new Error(`${spec.id} is where its constraint forbids it`);
  }
}

/** These attributes are there on every agent. */
function holds({ attribute, operator, value }, offer) {
  const found =
    attribute === 'hostname'
      ? offer.hostname
      : offer.attributes.find(({ name }) => name === attribute).text.value;
  const isLike = new RegExp(`^(?:${value})$`).test(found);
  return { LIKE: isLike, UNLIKE: !isLike, EQUALS: found === value }[operator];
}
