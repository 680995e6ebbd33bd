import type { RuntimesManifest } from '@vibrissa/protocol';
import { durationMs, sizeBytes } from '../../base/unit-words.ts';
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

const MEBIBYTE = sizeBytes['mb']!;

/** Throws where the text is no whole number of the unit wanted. */
function quantity(text: string, words: typeof durationMs, unit = 1): number {
  const [, count = '', word = ''] = /^\s*(\d+)\s*([A-Za-z]+)\s*$/.exec(text) ?? [];
  const amount = (Number(count) * (words[word.toLowerCase()] ?? NaN)) / unit;
  if (Number.isInteger(amount)) return amount;
  throw new Error(`The runtimes manifest has '${text}', which is no quantity`);
}

/** The stem cells of a manifest (spec: OpenWhisk's runtimes manifest, `stemCells`). Throws on a malformed quantity. */
export function cellsOf(manifest: RuntimesManifest): readonly Cell[] {
  return Object.values(manifest.runtimes)
    .flat()
    .flatMap(({ kind, stemCells }) =>
      (stemCells ?? []).map((cell) => {
        const memoryMb = quantity(cell.memory, sizeBytes, MEBIBYTE);
        const { reactive } = cell;
        return {
          key: prewarmKey(kind, memoryMb),
          kind,
          memoryMb,
          initialCount: cell.initialCount,
          ...(reactive && { reactive: { ...reactive, ttlMs: quantity(reactive.ttl, durationMs) } }),
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
