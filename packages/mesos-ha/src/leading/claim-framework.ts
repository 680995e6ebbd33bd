import type { MapChange, RandomSource, ReplicatedMap } from '@vibrissa/cluster';
import type { MesosOperator, TaskRecord } from '@vibrissa/mesos';

import { drawn } from '../base/new-id.ts';
import { findFramework, type FrameworkMarks } from '../mesos/find-framework.ts';
import { recordsOf } from '../mesos/records-of.ts';
import { asJson, entry, wishOf } from '../shared/entries.ts';
import type { FrameworkClaim, FrameworkRemoval } from '../shared/framework-entries.ts';
import { frameworkKeys, keyOf, prefixes } from '../shared/keys.ts';
import { mapErrorCode } from '../shared/map-errors.ts';
import type { Wish } from '../shared/wish.ts';

export interface ClaimDeps {
  readonly map: ReplicatedMap;
  readonly operator: MesosOperator;
  readonly marks: FrameworkMarks;
  readonly epoch: number;
  /** This instance. */
  readonly member: string;
  readonly epochMs: number;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
}

export interface Claimed {
  readonly frameworkId: string;
  readonly claim: FrameworkClaim;
  /** Mesos has removed it. */
  readonly removed?: FrameworkRemoval;
}

/**
 * The framework's id: the one that the instances share; else the one that a cluster of this name has left in Mesos, with
 * the tasks that run under it; else a new one. It is held by a majority before this resolves, and so before any SUBSCRIBE:
 * no second one can come up. A master takes any id that it does not know.
 *
 * Rejects when the map can't be read or written, or no master says what it knows: then nothing was decided.
 */
export async function claimFramework(deps: ClaimDeps): Promise<Claimed> {
  for (;;) {
    await deps.map.read(prefixes.framework);
    const known = claimedBefore(deps.map);
    if (known) return known;
    try {
      // The id comes last: who finds none begins anew with the tasks.
      for (const change of await firstClaim(deps)) await deps.map.write(change);
    } catch (error) {
      // Somebody wishes for one of the tasks that were found: it is looked at again, with that.
      if (mapErrorCode(error) !== 'CONFLICT') throw error;
    }
  }
}

function claimedBefore(map: ReplicatedMap): Claimed | undefined {
  const frameworkId = entry<string>(map, frameworkKeys.id).value;
  const claim = entry<FrameworkClaim>(map, frameworkKeys.claim).value;
  const removed = entry<FrameworkRemoval>(map, frameworkKeys.removed).value;
  if (frameworkId === undefined || claim === undefined) return undefined;
  return { frameworkId, claim, ...(removed ? { removed } : {}) };
}

async function firstClaim(deps: ClaimDeps): Promise<readonly MapChange[]> {
  const { operator, marks, map, random, signal } = deps;
  const found = await findFramework(operator, marks, signal);
  const frameworkId = found?.framework_info.id?.value;
  if (frameworkId === undefined) return [claimOf(deps, inventId(marks.name, random), 'invented')];
  const [tasks, agents] = await Promise.all([
    operator.getTasks(frameworkId, signal),
    operator.getAgents(signal),
    map.read(prefixes.wanted),
  ]);
  const adopted = recordsOf(marks.cluster, tasks, agents).map((record) => adoption(deps, record));
  return [...adopted, claimOf(deps, frameworkId, 'found')];
}

/** Mesos takes most characters in ids, but not all. */
export function inventId(name: string, random: RandomSource): string {
  const readable = name.replace(/[^\w.-]+/g, '-').slice(0, 100);
  return `${readable}-${drawn(random)}`;
}

function claimOf(
  { map, epoch, member, epochMs }: ClaimDeps,
  frameworkId: string,
  origin: FrameworkClaim['origin'],
): MapChange {
  const claim: FrameworkClaim = { origin, epoch, by: member, at: epochMs };
  return {
    epoch,
    if: [{ key: frameworkKeys.id, version: entry(map, frameworkKeys.id).version }],
    put: { [frameworkKeys.id]: frameworkId, [frameworkKeys.claim]: asJson(claim) },
  };
}

/** A task that was found, as if it had been launched from here. */
function adoption(deps: ClaimDeps, record: TaskRecord): MapChange {
  const { map, epoch } = deps;
  const { value: wish, version } = wishOf(map, record.id);
  const key = keyOf('wanted', record.id);
  return {
    epoch,
    if: [{ key, version }],
    put: {
      [keyOf('task', record.id)]: asJson(record),
      // Whoever wishes for it already gets what runs.
      ...(wish ? {} : { [key]: asJson(adoptedWish(deps)) }),
    },
  };
}

/** The wish that is made of a task that was found: it is wanted as long as nobody deletes it. */
export function adoptedWish(by: {
  readonly member: string;
  readonly epochMs: number;
  readonly random: RandomSource;
}): Wish {
  return { ticket: drawn(by.random), by: by.member, at: by.epochMs };
}
