import type { Json, MapChange } from '@vibrissa/cluster';
import type { StateChange } from '@vibrissa/mesos';

import { asJson } from '../shared/entries.ts';
import { frameworkKeys, keyOf } from '../shared/keys.ts';

/** Changes of the state, in their order, as one change of the map. */
export function mergeChanges(changes: readonly StateChange[], epoch: number): MapChange {
  const values = new Map<string, Json | undefined>();
  for (const { frameworkId, put = [], remove = [] } of changes) {
    if (frameworkId !== undefined) values.set(frameworkKeys.id, frameworkId ?? undefined);
    for (const id of remove) values.set(keyOf('task', id), undefined);
    for (const record of put) values.set(keyOf('task', record.id), asJson(record));
  }
  const entries = [...values];
  return {
    epoch,
    put: Object.fromEntries(entries.filter((one): one is [string, Json] => one[1] !== undefined)),
    remove: entries.filter(([, value]) => value === undefined).map(([key]) => key),
  };
}
