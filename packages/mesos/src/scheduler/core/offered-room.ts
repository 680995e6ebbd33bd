import type { PlacementRequest } from '../../offers/placement.ts';
import type { WireOffer } from '../../wire/index.ts';

const scalars = ['cpus', 'mem', 'disk', 'gpus'] as const;
type Amounts = Record<(typeof scalars)[number], number>;

/** All that an agent offers, milli-units, whatever it is reserved for: an upper bound of what fits. */
export class OfferedRoom {
  readonly #agents = new Map<string, Amounts>();

  constructor(offers: readonly WireOffer[]) {
    for (const offer of offers) this.#add(offer);
  }

  /** How many of these could fit, at most; counting stops at `enough`. */
  for(request: PlacementRequest, enough: number): number {
    const need = sumOf(request);
    let room = 0;
    for (const has of this.#agents.values()) {
      let here = enough;
      for (const name of scalars) {
        if (need[name] > 0) here = Math.min(here, Math.floor(has[name] / need[name]));
      }
      room += here;
      if (room >= enough) return enough;
    }
    return room;
  }

  #add(offer: WireOffer): void {
    const agentId = offer.agent_id.value;
    let has = this.#agents.get(agentId);
    if (!has) this.#agents.set(agentId, (has = { cpus: 0, mem: 0, disk: 0, gpus: 0 }));
    for (const resource of offer.resources) {
      if (resource.type !== 'SCALAR' || !isScalar(resource.name)) continue;
      has[resource.name] += Math.round(resource.scalar.value * 1000);
    }
  }
}

function isScalar(name: string): name is (typeof scalars)[number] {
  return (scalars as readonly string[]).includes(name);
}

/** What a submission needs in all, milli-units. */
function sumOf(request: PlacementRequest): Amounts {
  const sum: Amounts = { cpus: 0, mem: 0, disk: 0, gpus: 0 };
  for (const unit of request.units) {
    sum.cpus += unit.cpusMilli;
    sum.mem += unit.memMilli;
    sum.disk += unit.diskMilli;
    sum.gpus += unit.gpusMilli;
  }
  return sum;
}
