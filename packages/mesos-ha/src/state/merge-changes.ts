import type { Json, MapChange } from '@vibrissa/cluster';
import type { StateChange } from '@vibrissa/mesos';

import { chunked } from '../shared/chunked.ts';
import { asJson } from '../shared/entries.ts';
import { frameworkKeys, keyOf } from '../shared/keys.ts';

/**
 * Changes of the state, in their order, as changes of the map: one, or several where one would be too large. Then each of
 * them is fit to be the last: a record of a task that was not launched after all is found out by asking Mesos.
 */
export function mergeChanges(changes: readonly StateChange[], epoch: number): readonly MapChange[] {
  const values = new Map<string, Json | undefined>();
  for (const { frameworkId, put = [], remove = [] } of changes) {
    if (frameworkId !== undefined) values.set(frameworkKeys.id, frameworkId ?? undefined);
    for (const id of remove) values.set(keyOf('task', id), undefined);
    for (const record of put) values.set(keyOf('task', record.id), asJson(record));
  }
  return chunked([...values]).map((entries) => ({
    epoch,
    put: Object.fromEntries(entries.filter((one): one is [string, Json] => one[1] !== undefined)),
    remove: entries.filter(([, value]) => value === undefined).map(([key]) => key),
  }));
}
