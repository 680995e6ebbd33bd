import type { RandomSource } from '../base/random.ts';
import { placesOfFaults, type Fault, type FaultPlace } from '../faults/fault.ts';
import type { VirtualMessage } from './virtual-message.ts';

/** Faults without settings of their own; a `delay` is drawn anew for each message. */
type RandomKind = Exclude<Fault['kind'], 'refuse' | 'garbage'>;

/** Probabilities between 0 and 1 by place and kind; absent: 0. */
export interface FaultRates extends Readonly<
  Partial<Record<FaultPlace, Readonly<Partial<Record<RandomKind, number>>>>>
> {
  /** The longest delay; default 2,000. */
  readonly longestDelayMs?: number;
}

/** A subscription whose beginning is lost is none, and pings are so many that no agent would stay. */
const spared: ReadonlySet<string> = new Set(['SUBSCRIBE', 'SUBSCRIBED', 'ping', 'pong']);

/**
 * Random faults, for {@link VirtualCluster.strike}: SUBSCRIBE, SUBSCRIBED and pings are spared.
 *
 *     cluster.strike = randomFaults(random, { calls: { swallow: 0.01 }, events: { delay: 0.05 } });
 */
export function randomFaults(
  random: RandomSource,
  rates: FaultRates,
): (message: VirtualMessage) => Fault | undefined {
  const { longestDelayMs = 2000, ...byPlace } = rates;
  checkPlaces(byPlace);
  return ({ on, type }) => {
    if (spared.has(type)) return undefined;
    let left = random.next();
    for (const [kind, probability] of entriesOf(byPlace[on])) {
      left -= probability;
      if (left >= 0) continue;
      return kind === 'delay' ? { kind, delayMs: random.next() * longestDelayMs } : { kind };
    }
    return undefined;
  };
}

function entriesOf(rates: Readonly<Partial<Record<RandomKind, number>>> = {}): [RandomKind, number][] {
  return Object.entries(rates) as [RandomKind, number][];
}

function checkPlaces(byPlace: Omit<FaultRates, 'longestDelayMs'>): void {
  for (const [place, rates] of Object.entries(byPlace) as [FaultPlace, FaultRates[FaultPlace]][]) {
    for (const [kind] of entriesOf(rates))
      if (!placesOfFaults[kind].includes(place))
        throw new RangeError(`"${kind}" is for ${placesOfFaults[kind].join(', ')}, not for ${place}.`);
  }
}
