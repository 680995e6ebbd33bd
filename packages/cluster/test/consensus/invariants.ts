import type { LogEntry, RaftEffect, RaftInput } from '../../src/consensus/raft-messages.ts';
import type { NetNode, NetWatcher, RaftNet } from './raft-net.ts';

/** What must hold at every moment, whatever happens; throws when it does not. */
export class Invariants implements NetWatcher {
  net: RaftNet | undefined;
  /** Committed, as the first instance that applied it has seen it; at place 0 the first entry. */
  readonly committed: string[] = [];
  readonly #leaders = new Map<number, string>();
  /** By place in the log: the entry, and the term before it. */
  readonly #entries = new Map<string, string>();
  readonly #leases = new Map<string, { epoch: number; untilMs: number }>();
  readonly #lives = new Map<string, number>();
  readonly #applied = new Map<string, number>();
  readonly #pending = new Map<number, { readonly id: string; readonly life: number }>();
  readonly #reads = new Map<number, number>();
  #toldCommitted = 0;
  #lastEpoch = 0;
  leases = 0;
  /** Snapshots that came from another instance. */
  snapshots = 0;
  readable = 0;

  stepped(node: NetNode, input: RaftInput, effects: readonly RaftEffect[]): void {
    if (input.type === 'start') this.#applied.set(node.id, 0);
    if (input.type === 'propose' || input.type === 'change') {
      this.#pending.set(input.proposal, { id: node.id, life: node.life });
    }
    if (input.type === 'read') this.#reads.set(input.read, this.#toldCommitted);
    this.#lives.set(node.id, node.life);
    for (const effect of effects) this.#see(node, { input, effect });
  }

  /** Proposals that nobody has settled, though those that were asked have not crashed since. */
  unsettled(): number[] {
    const isOpen = ([, { id, life }]: [number, { id: string; life: number }]) =>
      this.net?.node(id).life === life;
    return [...this.#pending].filter(isOpen).map(([proposal]) => proposal);
  }

  /** Those whose lease has not run out by their own clocks. */
  holders(): string[] {
    const { net } = this;
    if (!net) return [];
    return [...this.#leases].flatMap(([id, { untilMs }]) => {
      const { core, life } = net.node(id);
      return core && life === this.#lives.get(id) && net.clockMs(id) < untilMs ? [id] : [];
    });
  }

  #see(node: NetNode, { input, effect }: { input: RaftInput; effect: RaftEffect }): void {
    switch (effect.type) {
      case 'role':
        if (effect.role === 'leader') this.#led(node.id, effect.term);
        return;
      case 'lease':
        return this.#leased(node, effect);
      case 'apply':
        return this.#apply(node, effect.entry);
      case 'restore': {
        if (input.type !== 'start') this.snapshots += 1;
        const { index, state } = effect.snapshot;
        this.#applied.set(node.id, index);
        if (state !== stateAt(this.committed, index))
          throw new Error(`${node.id} got a wrong snapshot of ${index}`);
        return;
      }
      case 'persist':
        for (const entry of effect.append ?? []) this.#matches(node, entry);
        return;
      case 'proposed':
        return this.#proposed(effect);
      case 'readable':
        return this.#readable(node, effect);
      case 'failed':
        throw new Error(`${node.id} takes no part any more: ${effect.why}`);
      case 'send':
      case 'configuration':
        return;
    }
  }

  #led(id: string, term: number): void {
    const other = this.#leaders.get(term) ?? id;
    if (other !== id) throw new Error(`${id} and ${other} both lead in term ${term}`);
    this.#leaders.set(term, id);
  }

  #leased(node: NetNode, { epoch, validUntilMs }: RaftEffect & { type: 'lease' }): void {
    this.#leases.delete(node.id);
    if (validUntilMs === undefined) return;
    this.leases += 1;
    this.#leases.set(node.id, { epoch, untilMs: validUntilMs });
    const holders = this.holders();
    if (holders.length > 1) throw new Error(`two leases at ${this.net?.nowMs}: ${holders.join(' and ')}`);
    if (epoch < this.#lastEpoch) throw new Error(`epoch ${epoch} has a lease after ${this.#lastEpoch}`);
    this.#lastEpoch = epoch;
  }

  #apply(node: NetNode, entry: LogEntry): void {
    const before = this.#applied.get(node.id) ?? 0;
    if (entry.index !== before + 1) throw new Error(`${node.id} applies ${entry.index} after ${before}`);
    this.#applied.set(node.id, entry.index);
    const text = JSON.stringify(entry);
    const known = (this.committed[entry.index - 1] ??= text);
    if (known !== text) throw new Error(`${node.id} applies ${text} where another has applied ${known}`);
  }

  /** Two logs with an entry of the same index and term are equal up to there: so is each one with its neighbour. */
  #matches(node: NetNode, entry: LogEntry): void {
    const key = `${entry.index}/${entry.term}`;
    const text = JSON.stringify(entry);
    const known = this.#entries.get(key) ?? text;
    if (known !== text) throw new Error(`${node.id} has ${text} where another has ${known}`);
    this.#entries.set(key, text);
  }

  #proposed({ proposal, outcome }: RaftEffect & { type: 'proposed' }): void {
    if (!this.#pending.delete(proposal)) throw new Error(`proposal ${proposal} was settled twice`);
    if (outcome.kind === 'committed') this.#toldCommitted = Math.max(this.#toldCommitted, outcome.index);
  }

  #readable(node: NetNode, { read, outcome }: RaftEffect & { type: 'readable' }): void {
    if (outcome !== 'readable') return;
    this.readable += 1;
    const asked = this.#reads.get(read) ?? Infinity;
    const applied = this.#applied.get(node.id) ?? 0;
    if (applied < asked)
      throw new Error(`${node.id} would read ${applied}, but ${asked} was committed before`);
  }
}

/** The state machine of these tests: what all entries up to `index` say, in a few letters. */
export function stateAt(committed: readonly string[], index: number): string {
  let hash = 5381;
  for (const text of committed.slice(0, index)) {
    for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 33) ^ text.charCodeAt(at)) >>> 0;
  }
  return `${index}:${hash}`;
}
