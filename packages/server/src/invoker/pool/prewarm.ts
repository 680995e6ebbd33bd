import type { RuntimesManifest } from '@vibrissa/protocol';
import { prewarmKey } from './free-containers.ts';

/** Containers of one kind and memory that are kept ready. */
export interface Cell {
  readonly key: string;
  readonly kind: string;
  readonly memoryMb: number;
  readonly initialCount: number;
  readonly reactive?: {
    readonly minCount: number;
    readonly maxCount: number;
    readonly ttlMs: number;
    readonly threshold: number;
    readonly increment: number;
  };
}

const unitMs: { readonly [unit: string]: number } = {
  ms: 1,
  millis: 1,
  milliseconds: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

const unitMb: { readonly [unit: string]: number } = { MB: 1, m: 1, M: 1, GB: 1024, g: 1024, G: 1024 };

function quantity(text: string, units: { readonly [unit: string]: number }): number {
  const parts = /^\s*(\d+)\s*([A-Za-z]+)\s*$/.exec(text);
  const unit = parts ? units[parts[2] as string] : undefined;
  if (!parts || unit === undefined)
    throw new Error(`The runtimes manifest has '${text}', which is no quantity`);
  return Number(parts[1]) * unit;
}

/** The stem cells of a manifest (spec: OpenWhisk's runtimes manifest, `stemCells`). Throws on a malformed quantity. */
export function cellsOf(manifest: RuntimesManifest): readonly Cell[] {
  return Object.values(manifest.runtimes)
    .flat()
    .flatMap(({ kind, stemCells }) =>
      (stemCells ?? []).map((cell) => {
        const memoryMb = quantity(cell.memory, unitMb);
        const { reactive } = cell;
        return {
          key: prewarmKey(kind, memoryMb),
          kind,
          memoryMb,
          initialCount: cell.initialCount,
          ...(reactive && { reactive: { ...reactive, ttlMs: quantity(reactive.ttl, unitMs) } }),
        };
      }),
    );
}

/** How many containers of a cell there are to be, by the cold starts that it could not spare since the last check. */
export function desiredCount(cell: Cell, coldStarts: number): number {
  const { reactive } = cell;
  if (!reactive) return cell.initialCount;
  if (coldStarts === 0) return reactive.minCount;
  const wanted = Math.floor(coldStarts / reactive.threshold) * reactive.increment;
  return Math.min(reactive.maxCount, Math.max(reactive.minCount, wanted));
}

/** A prewarmed container, for planning. */
export interface CellMember<C> {
  readonly container: C;
  /** Monotonic milliseconds; Infinity for one that stays. */
  readonly expiresAtMs: number;
}

/** What a check does to one cell. */
export interface CellPlan<C> {
  readonly remove: readonly C[];
  readonly create: number;
}

/**
 * Plans the periodic check of a cell: what has expired goes, oldest first and no more than `mayRemove`, and the rest
 * is filled up to what recent cold starts ask for. One that expired but would have to be made anew stays.
 */
export function planCell<C>(
  cell: Cell,
  members: readonly CellMember<C>[],
  now: { readonly nowMs: number; readonly coldStarts: number; readonly mayRemove: number },
): CellPlan<C> {
  const desired = desiredCount(cell, now.coldStarts);
  const surplus = Math.max(0, members.length - desired);
  const remove = members
    .filter(({ expiresAtMs }) => expiresAtMs <= now.nowMs)
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
    .slice(0, Math.min(surplus, now.mayRemove))
    .map(({ container }) => container);
  return { remove, create: Math.max(0, desired - members.length) };
}
