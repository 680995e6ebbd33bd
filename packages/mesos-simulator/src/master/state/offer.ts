import type { WireInverseOffer, WireOffer, WireUnavailability } from '@vibrissa/mesos/wire';
import type { Resources } from '../resources/resources.ts';
import type { Agent } from './agent.ts';
import type { Framework } from './framework.ts';

/** Resources of an agent in the hands of a framework, until it answers. */
export interface Offer {
  readonly id: string;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly role: string;
  readonly resources: Resources;
  readonly wire: WireOffer;
}

/** A question to a framework whether it can leave an agent. */
export interface InverseOffer {
  readonly id: string;
  readonly framework: Framework;
  readonly agent: Agent;
  readonly unavailability: WireUnavailability;
  readonly wire: WireInverseOffer;
}
