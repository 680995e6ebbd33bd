import { Deferred } from '../base/deferred.ts';
import type { MapChange, MapCommand, MapOutcome, Versioned } from '../map/map-messages.ts';
import type { MapChanged, ReplicatedMap, WaitOptions } from '../map/replicated-map.ts';
import { isMapChange } from '../wire/command-shape.ts';
import { isMapValue, MAX_VALUE_DEPTH } from '../wire/json-shape.ts';
import { ClusterError, ConflictError } from './cluster-errors.ts';
import type { ClusterInput, ReadOutcome } from './core-messages.ts';

const WITHIN_MS = 10_000;
/** Of a change, as JSON: a map for small values. */
const MOST_BYTES = 1024 * 1024;

export interface NodeMapDeps {
  /** The map as this instance knows it. */
  readonly here: {
    get(key: string): Versioned | undefined;
    entries(prefix: string): ReadonlyMap<string, Versioned>;
  };
  readonly input: (input: ClusterInput) => void;
  readonly newId: () => string;
}

/** The replicated map's face in a program: promises over the core's requests. */
export class NodeMap implements ReplicatedMap {
  readonly #deps: NodeMapDeps;
  readonly #writes = new Map<number, Deferred<{ readonly version: number }>>();
  readonly #reads = new Map<number, Deferred<void>>();
  readonly #watchers = new Set<{
    readonly prefix: string;
    readonly listener: (changed: MapChanged) => void;
  }>();
  #last = 0;
  #isClosed = false;

  constructor(deps: NodeMapDeps) {
    this.#deps = deps;
  }

  get(key: string): Versioned | undefined {
    return this.#deps.here.get(key);
  }

  entries(prefix: string): ReadonlyMap<string, Versioned> {
    return this.#deps.here.entries(prefix);
  }

  async read(
    prefix: string,
    { withinMs = WITHIN_MS }: WaitOptions = {},
  ): Promise<ReadonlyMap<string, Versioned>> {
    if (this.#isClosed) throw closed();
    const done = new Deferred<void>();
    const request = (this.#last += 1);
    this.#reads.set(request, done);
    this.#deps.input({ type: 'read', request, withinMs });
    await done.promise;
    return this.entries(prefix);
  }

  write(
    change: MapChange,
    { withinMs = WITHIN_MS }: WaitOptions = {},
  ): Promise<{ readonly version: number }> {
    const done = new Deferred<{ readonly version: number }>();
    const refusal = this.#isClosed ? closed() : whyUnfit(change);
    if (refusal) {
      done.reject(refusal);
      return done.promise;
    }
    const request = (this.#last += 1);
    this.#writes.set(request, done);
    const command: MapCommand = { id: this.#deps.newId(), change };
    this.#deps.input({ type: 'write', request, command, withinMs });
    return done.promise;
  }

  watch(prefix: string, listener: (changed: MapChanged) => void): () => void {
    const watcher = { prefix, listener };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  changed(changed: MapChanged): void {
    for (const { listener, prefix } of Array.from(this.#watchers)) {
      const seen = only(changed, prefix);
      if (seen) listener(seen);
    }
  }

  written(request: number, outcome: MapOutcome): void {
    const done = this.#writes.get(request);
    this.#writes.delete(request);
    if (outcome.kind === 'written') done?.resolve({ version: outcome.version });
    else done?.reject(errorOf(outcome));
  }

  readable(request: number, outcome: ReadOutcome): void {
    const done = this.#reads.get(request);
    this.#reads.delete(request);
    if (outcome === 'readable') done?.resolve();
    else done?.reject(noLeader('read'));
  }

  close(): void {
    this.#isClosed = true;
    for (const done of [...this.#writes.values(), ...this.#reads.values()]) done.reject(closed());
    this.#writes.clear();
    this.#reads.clear();
    this.#watchers.clear();
  }
}

/** What would be written into the log and could be read by nobody holds up all that comes after it. */
function whyUnfit(change: MapChange): ClusterError | undefined {
  const text = Object.values(change.put ?? {}).every((value) => isMapValue(value))
    ? JSON.stringify(change)
    : undefined;
  if (text === undefined)
    return new ClusterError(
      'INVALID_CHANGE',
      `Nothing was written: a value is not JSON (functions, undefined, infinite numbers), or nested more than ${MAX_VALUE_DEPTH} deep.`,
    );
  if (!isMapChange(change))
    return new ClusterError(
      'INVALID_CHANGE',
      'Nothing was written: a change has `if` (a list of { key, version }), `epoch` (a whole number), `put` (an object), `remove` (a list of keys), and nothing else.',
    );
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_BYTES) return undefined;
  return new ClusterError(
    'INVALID_CHANGE',
    `Nothing was written: the change has ${bytes} bytes, and at most ${MOST_BYTES} travel well. Keep large data elsewhere, and its name here.`,
  );
}

/** What of a change lies below a prefix; undefined: nothing. */
function only(changed: MapChanged, prefix: string): MapChanged | undefined {
  if (prefix === '' || changed.reset) return changed;
  const values = new Map([...changed.values].filter(([key]) => key.startsWith(prefix)));
  const removed = changed.removed.filter((key) => key.startsWith(prefix));
  return values.size + removed.length === 0 ? undefined : { ...changed, values, removed };
}

function errorOf(outcome: Exclude<MapOutcome, { kind: 'written' }>): ClusterError {
  switch (outcome.kind) {
    case 'conflict':
      return new ConflictError(outcome.keys);
    case 'epoch-over':
      return new ClusterError(
        'EPOCH_OVER',
        `Nothing was written: epoch ${outcome.epoch} is over, another one leads.`,
      );
    case 'no-leader':
      return noLeader('written');
    case 'unknown':
      return new ClusterError(
        'OUTCOME_UNKNOWN',
        'The leader has not answered in time: the change may have been written, or not. Read before you write again.',
      );
    case 'closed':
      return closed();
  }
}

function noLeader(what: string): ClusterError {
  return new ClusterError(
    'NO_LEADER',
    `Nothing was ${what}: no instance led for so long. See the problems in the cluster's view, or wait longer (withinMs).`,
  );
}

function closed(): ClusterError {
  return new ClusterError('CLOSED', 'This instance has left the cluster.');
}
