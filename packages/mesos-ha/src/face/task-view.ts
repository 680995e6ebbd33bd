import type { ReplicatedMap } from '@vibrissa/cluster';
import type { TaskRecord } from '@vibrissa/mesos';

import { idOf, prefixes } from '../shared/keys.ts';
import type { Wish } from '../shared/wish.ts';

/**
 * `waiting`: not launched (again) yet. `launched`: nothing was heard, or it doesn't run yet. `deleting`: nobody wants it
 * any more. `stray`: nobody ever wished for it.
 */
export type TaskStanding = 'waiting' | 'launched' | 'running' | 'unreachable' | 'deleting' | 'stray';

/** A task that is wanted or may run, as this instance knows it. JSON. */
export interface TaskView {
  readonly id: string;
  readonly standing: TaskStanding;
  /** The instance that was asked for it, and when (epoch milliseconds). */
  readonly by?: string;
  readonly at?: number;
  /** Once it was launched. */
  readonly record?: TaskRecord;
}

export function taskViews(map: ReplicatedMap): readonly TaskView[] {
  const wishes = valuesOf<Wish>(map, prefixes.wanted);
  const records = valuesOf<TaskRecord>(map, prefixes.task);
  return [...new Set([...wishes.keys(), ...records.keys()])].map((id) => {
    const wish = wishes.get(id);
    const record = records.get(id);
    return {
      id,
      standing: standingOf(wish, record),
      ...(wish ? { by: wish.by, at: wish.at } : {}),
      ...(record ? { record } : {}),
    };
  });
}

export function standingOf(wish: Wish | undefined, record: TaskRecord | undefined): TaskStanding {
  if (wish?.unwanted || record?.unwanted) return 'deleting';
  if (!wish) return 'stray';
  if (!record) return 'waiting';
  if (record.state === 'TASK_UNREACHABLE') return 'unreachable';
  return record.ran ? 'running' : 'launched';
}

function valuesOf<T>(map: ReplicatedMap, prefix: string): ReadonlyMap<string, T> {
  return new Map([...map.entries(prefix)].map(([key, { value }]) => [idOf(key), value as T]));
}
