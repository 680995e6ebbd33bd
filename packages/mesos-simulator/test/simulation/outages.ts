import type { CoreEffect, CoreInput } from '@vibrissa/mesos';
import type { WireUnavailability } from '@vibrissa/mesos/wire';
import type { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';

/** Of the client: how long before a maintenance it launches nothing there. */
const HORIZON_MS = 3_600_000;

/** From the choice of an offer to the launch: a disk may be that slow. */
const CHOICE_MS = 60_000;

/**
 * What operators plan for agents, and whether it is heeded: the client launches nothing on a machine that is about to
 * be taken away and answers each inverse offer at once, the master offers nothing of an agent that is drained.
 */
export class Outages {
  readonly #cluster: VirtualCluster;
  /** By offer; only those that the client was told of. */
  readonly #planned = new Map<string, WireUnavailability>();
  readonly #unanswered = new Set<string>();
  #clockSetMs = -Infinity;

  constructor(cluster: VirtualCluster) {
    this.#cluster = cluster;
  }

  /** What was chosen by the time of before may come now. */
  clockSet(): void {
    this.#clockSetMs = this.#cluster.nowMs;
  }

  /** The client has taken in all of the input before: what it has not answered by now, it never answers. */
  input(input: CoreInput): readonly string[] {
    const violations = [...this.#unanswered].map((id) => `inverse offer ${id} was not answered`);
    this.#unanswered.clear();
    if (input.type !== 'event') return violations;
    const { event } = input;
    if (event.type === 'OFFERS') {
      for (const { id, unavailability } of event.offers.offers)
        if (unavailability) this.#planned.set(id.value, unavailability);
    }
    if (event.type === 'INVERSE_OFFERS')
      for (const { id } of event.inverse_offers.inverse_offers) this.#unanswered.add(id.value);
    return violations;
  }

  effect(effect: CoreEffect): readonly string[] {
    if (effect.type !== 'send') return [];
    const { call } = effect;
    if (call.type === 'ACCEPT_INVERSE_OFFERS') this.#answered(call.accept_inverse_offers.inverse_offer_ids);
    if (call.type === 'DECLINE_INVERSE_OFFERS') this.#answered(call.decline_inverse_offers.inverse_offer_ids);
    if (call.type !== 'ACCEPT' || call.accept.operations.length === 0) return [];
    return call.accept.offer_ids
      .filter(({ value }) => this.#isLeaving(value))
      .map(({ value }) => `offer ${value} is of a machine that is about to leave, and is launched on`);
  }

  /** Of the master: what it says of agents that are drained. */
  differences(): readonly string[] {
    return (this.#cluster.snapshot()?.agents ?? [])
      .filter(({ drain, offered }) => drain !== undefined && offered.length > 0)
      .map(({ id }) => `${id} is drained, and offered`);
  }

  #answered(ids: readonly { readonly value: string }[]): void {
    for (const { value } of ids) this.#unanswered.delete(value);
  }

  #isLeaving(offerId: string): boolean {
    const planned = this.#planned.get(offerId);
    const { nowMs, clock } = this.#cluster;
    if (planned === undefined || nowMs - this.#clockSetMs < CHOICE_MS) return false;
    const startMs = planned.start.nanoseconds / 1e6;
    const endMs = startMs + (planned.duration?.nanoseconds ?? Infinity) / 1e6;
    return startMs <= clock.now() - CHOICE_MS + HORIZON_MS && clock.now() < endMs;
  }
}
