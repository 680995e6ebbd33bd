import type { Moment } from '../base/moment.ts';
import type { Seed } from '../discovery/seed-source.ts';
import { addressText, type Member } from '../membership/member.ts';

/** How often in a row a source must have missed a member, besides for how long. */
const MISSED_TIMES = 3;

interface Missing {
  readonly sinceMs: number;
  times: number;
}

/**
 * Gathers what proves that a member won't come back. What a source lists at one moment proves nothing, nor does time
 * alone: it must be missing again and again while gossip takes it for dead.
 */
export class VoterCare {
  readonly #replaceAfterMs: number;
  readonly #missing = new Map<string, Missing>();

  constructor(options: { readonly replaceAfterMs: number }) {
    this.#replaceAfterMs = options.replaceAfterMs;
  }

  /** An answer of the seed source. One that is empty, or knows nobody who is alive, says nothing of the others. */
  listed({ nowMs }: Moment, seeds: readonly Seed[], members: readonly Member[]): void {
    const isListed = (member: Member) => seeds.some((seed) => isSame(seed, member));
    if (!members.some((member) => member.state === 'alive' && isListed(member))) return;
    for (const member of members) {
      if (member.state !== 'dead' || isListed(member)) {
        this.#missing.delete(member.id);
        continue;
      }
      const missing = this.#missing.get(member.id);
      if (missing) missing.times += 1;
      else this.#missing.set(member.id, { sinceMs: nowMs, times: 1 });
    }
  }

  /** An unreachable source proves nothing, and what it said before is too old by the time it answers again. */
  unlisted(): void {
    this.#missing.clear();
  }

  gone({ nowMs }: Moment, members: readonly Member[]): ReadonlySet<string> {
    const living = new Set(
      members.filter(({ state }) => state === 'alive').map(({ address }) => addressText(address)),
    );
    const isGone = (member: Member) => {
      if (member.state === 'left') return true;
      if (member.state !== 'dead') return false;
      if (living.has(addressText(member.address))) return true;
      const missing = this.#missing.get(member.id);
      return (
        missing !== undefined &&
        missing.times >= MISSED_TIMES &&
        nowMs - missing.sinceMs >= this.#replaceAfterMs
      );
    };
    return new Set(members.filter(isGone).map(({ id }) => id));
  }
}

/** By the name that the source gives it, where both know one: another instance may live at the same address by now. */
function isSame(seed: Seed, member: Member): boolean {
  const { seed: name } = member.meta;
  if (seed.name !== undefined && typeof name === 'string') return seed.name === name;
  return addressText(seed.address) === addressText(member.address);
}
