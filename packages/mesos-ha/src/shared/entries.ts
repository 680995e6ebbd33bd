import type { Json, ReplicatedMap } from '@vibrissa/cluster';
import type { TaskRecord } from '@vibrissa/mesos';

import { keyOf } from './keys.ts';
import type { Outcome } from './outcome.ts';
import type { Wish } from './wish.ts';

/** As the map holds it: what JSON can't say is left out. */
export function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** An entry with its version, 0 when there is none. What stands there was written by an instance of this package. */
interface Entry<T> {
  readonly value: T | undefined;
  readonly version: number;
}

export function wishOf(map: ReplicatedMap, id: string): Entry<Wish> {
  return entry<Wish>(map, keyOf('wanted', id));
}

export function recordOf(map: ReplicatedMap, id: string): Entry<TaskRecord> {
  return entry<TaskRecord>(map, keyOf('task', id));
}

export function outcomeOf(map: ReplicatedMap, id: string): Entry<Outcome> {
  return entry<Outcome>(map, keyOf('outcome', id));
}

export function entry<T>(map: ReplicatedMap, key: string): Entry<T> {
  const found = map.get(key);
  return { value: found?.value as T | undefined, version: found?.version ?? 0 };
}
