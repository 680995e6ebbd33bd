import type { HardState, LogEntry, RaftEffect, Snapshot } from '../../src/consensus/raft-messages.ts';

type Persist = Extract<RaftEffect, { readonly type: 'persist' }>;

/** What survives a crash: writes that were carried out, as the storage's contract says. */
export class RaftDisk {
  hardState: HardState;
  snapshot: Snapshot | undefined;
  entries: LogEntry[];

  constructor({
    hardState = { term: 0 },
    entries = [],
  }: { hardState?: HardState; entries?: readonly LogEntry[] } = {}) {
    this.hardState = hardState;
    this.entries = [...entries];
  }

  write({ hardState, truncateAfter, append, snapshot }: Persist): void {
    if (hardState) this.hardState = hardState;
    if (truncateAfter !== undefined)
      this.entries = this.entries.filter(({ index }) => index <= truncateAfter);
    this.entries.push(...(append ?? []));
    if (snapshot) {
      this.snapshot = snapshot;
      this.entries = this.entries.filter(({ index }) => index > snapshot.index);
    }
    let next = (this.snapshot?.index ?? 0) + 1;
    for (const { index } of this.entries) {
      if (index !== next) throw new Error(`the disk has entry ${index} where ${next} should be`);
      next += 1;
    }
  }

  get stored(): { hardState: HardState; snapshot?: Snapshot; entries: readonly LogEntry[] } {
    const { hardState, snapshot, entries } = this;
    return { hardState, entries: [...entries], ...(snapshot && { snapshot }) };
  }
}
