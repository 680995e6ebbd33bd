import type { Json } from '../membership/member.ts';
import type { MapWritten, Versioned } from './map-messages.ts';

/** What is in a snapshot: the values, and what the last commands were answered, the oldest first. */
export interface MapContent {
  readonly values: ReadonlyMap<string, Versioned>;
  readonly outcomes: ReadonlyMap<string, MapWritten>;
}

/** Lists of lists: names that repeat thousands of times are left out. */
export function mapToJson({ values, outcomes }: MapContent): Json {
  return {
    values: [...values].map(([key, { value, version }]) => [key, version, value]),
    outcomes: [...outcomes].map(([id, outcome]) => [id, outcomeToJson(outcome)]),
  };
}

/** What is none of it is left out; nothing can be newer than the snapshot's `index`. */
export function mapFromJson(json: Json, index: number): MapContent {
  const values = new Map<string, Versioned>();
  for (const row of rows(json, 'values')) {
    const [key, version, value] = row;
    if (typeof key !== 'string' || typeof version !== 'number' || value === undefined) continue;
    if (version <= index) values.set(key, { value, version });
  }
  const outcomes = new Map<string, MapWritten>();
  for (const [id, said] of rows(json, 'outcomes')) {
    const outcome = outcomeFromJson(said);
    if (typeof id === 'string' && outcome) outcomes.set(id, outcome);
  }
  return { values, outcomes };
}

/** The most frequent is the shortest. */
function outcomeToJson(outcome: MapWritten): Json {
  switch (outcome.kind) {
    case 'written':
      return outcome.version;
    case 'conflict':
      return outcome.keys;
    case 'epoch-over':
      return { epoch: outcome.epoch };
  }
}

function outcomeFromJson(json: Json | undefined): MapWritten | undefined {
  if (typeof json === 'number') return { kind: 'written', version: json };
  if (isList(json)) {
    return { kind: 'conflict', keys: json.filter((key): key is string => typeof key === 'string') };
  }
  const epoch = field(json, 'epoch');
  return typeof epoch === 'number' ? { kind: 'epoch-over', epoch } : undefined;
}

function rows(json: Json, name: string): readonly (readonly Json[])[] {
  const list = field(json, name);
  return isList(list) ? list.filter(isList) : [];
}

function field(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== 'object' || json === null || isList(json)) return undefined;
  return json[name];
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}
