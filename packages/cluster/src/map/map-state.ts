import type { Json } from '../membership/member.ts';
import type { MapChange, MapCommand, MapWritten, Versioned } from './map-messages.ts';
import { mapFromJson, mapToJson } from './map-state-json.ts';

/** Commands that are remembered, so that a second attempt of one is answered as the first, and does nothing. */
const REMEMBERED_COMMANDS = 8192;

/** What has become of an entry of the log. `removed`: those that were there. */
export interface MapApplied {
  readonly outcome: MapWritten;
  readonly changed?: { readonly values: ReadonlyMap<string, Json>; readonly removed: readonly string[] };
}

/**
 * The replicated map's content: the same on all instances after the same entries. A change costs a binary search and, for
 * a new key, moving those behind it; reading a prefix costs a binary search and what it finds.
 */
export class MapState {
  readonly #values = new Map<string, Versioned>();
  /** Sorted as JavaScript compares texts: those of one prefix stand together. */
  #keys: string[] = [];
  /** By the command's id, the oldest first. */
  readonly #outcomes = new Map<string, MapWritten>();

  apply(entry: { readonly index: number; readonly term: number; readonly command: MapCommand }): MapApplied {
    const { id, change } = entry.command;
    const known = this.#outcomes.get(id);
    if (known) return { outcome: known };
    const outcome = this.#judge(entry, change);
    this.#remember(id, outcome);
    if (outcome.kind !== 'written') return { outcome };
    const removed = (change.remove ?? []).filter((key) => this.#remove(key));
    const values = new Map(Object.entries(change.put ?? {}));
    for (const [key, value] of values) this.#put(key, { value, version: entry.index });
    if (values.size === 0 && removed.length === 0) return { outcome };
    return { outcome, changed: { values, removed: removed.filter((key) => !values.has(key)) } };
  }

  get(key: string): Versioned | undefined {
    return this.#values.get(key);
  }

  /** In the order of the keys. */
  entries(prefix: string): ReadonlyMap<string, Versioned> {
    const found = new Map<string, Versioned>();
    for (let at = this.#placeOf(prefix); at < this.#keys.length; at += 1) {
      const key = this.#keys[at];
      const value = key?.startsWith(prefix) ? this.#values.get(key) : undefined;
      if (key === undefined || value === undefined) break;
      found.set(key, value);
    }
    return found;
  }

  /** What a command was answered, as long as it is remembered. */
  outcomeOf(id: string): MapWritten | undefined {
    return this.#outcomes.get(id);
  }

  /** All of it, for a snapshot. */
  toJson(): Json {
    return mapToJson({ values: this.#values, outcomes: this.#outcomes });
  }

  /** Forgets everything and begins with a snapshot as of `index`. What no map has written there is left out. */
  restore(json: Json, index: number): void {
    const { values, outcomes } = mapFromJson(json, index);
    this.#values.clear();
    this.#outcomes.clear();
    for (const [key, value] of values) this.#values.set(key, value);
    for (const [id, outcome] of outcomes) this.#remember(id, outcome);
    this.#keys = [...this.#values.keys()].sort();
  }

  #judge({ index, term }: { index: number; term: number }, { epoch, ...change }: MapChange): MapWritten {
    if (epoch !== undefined && epoch !== term) return { kind: 'epoch-over', epoch };
    const wrong = (change.if ?? []).filter(
      ({ key, version }) => (this.#values.get(key)?.version ?? 0) !== version,
    );
    if (wrong.length > 0) return { kind: 'conflict', keys: wrong.map(({ key }) => key) };
    return { kind: 'written', version: index };
  }

  #put(key: string, value: Versioned): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#placeOf(key), 0, key);
    this.#values.set(key, value);
  }

  #remove(key: string): boolean {
    if (!this.#values.delete(key)) return false;
    this.#keys.splice(this.#placeOf(key), 1);
    return true;
  }

  #remember(id: string, outcome: MapWritten): void {
    this.#outcomes.set(id, outcome);
    if (this.#outcomes.size <= REMEMBERED_COMMANDS) return;
    for (const oldest of this.#outcomes.keys()) {
      this.#outcomes.delete(oldest);
      return;
    }
  }

  /** The place of the first key that is not before this one. */
  #placeOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
