import type { MapChange } from '@vibrissa/cluster';

/** What becomes of a write: `lost`, nothing was written; `unknown`, it was, and the writer is not told so; `mute`, it was, and no answer comes. */
export type WriteFate = 'fine' | 'lost' | 'unknown' | 'mute';

export interface Applied {
  readonly version: number;
  readonly put: ReadonlyMap<string, unknown>;
  readonly removed: readonly string[];
}

/** What its instances see of a shared cluster. */
export interface SharedHome {
  readonly name: string;
  readonly log: readonly Applied[];
  readonly instances: ReadonlyMap<string, { readonly id: string; readonly isAlive: boolean }>;
  readonly epoch: number;
  readonly leader: string | undefined;
  readonly fate: (writer: string, change: MapChange) => WriteFate;
  lead(id: string | undefined, why?: string): void;
  elect(butNot?: string): void;
  crash(id: string): void;
  commit(change: MapChange): Applied;
  entries(): ReadonlyMap<string, { value: unknown; version: number }>;
}
