import {
  ACCEPTED,
  DISCARDED,
  FINISHED,
  LOGGED,
  NOTED,
  STARTED,
  type Entry,
  type FinishedParts,
  type IntentParts,
} from '../journal/entries.ts';

/** What a stretch of the journal says about one activation. */
export interface Slot {
  readonly id: Buffer;
  /** The journal's offset of the intent. */
  offset: number;
  intent?: IntentParts;
  started: boolean;
  finished?: FinishedParts;
  discarded: boolean;
  logsJson?: string;
}

/** Distinguishes activations in a map; the bytes as characters. */
export function slotKey(id: Buffer): string {
  return id.toString('latin1', 0, 16);
}

/**
 * Sums a stretch of the journal up by activation: one that was accepted and finished within the stretch needs no
 * entry among the pending ones. It refers to the bytes that were read, and ends with them.
 */
export class JournalFold {
  readonly slots = new Map<string, Slot>();
  /** Records that came a second time within the stretch. */
  duplicates = 0;

  add(entry: Entry, offset: number): void {
    const slot = this.#slotOf(entry.id, offset);
    switch (entry.type) {
      case ACCEPTED:
        slot.intent ??= entry.intent;
        slot.offset = offset;
        break;
      case NOTED:
        slot.intent ??= entry.intent;
        slot.started = true;
        break;
      case STARTED:
        slot.started = true;
        break;
      case FINISHED:
        if (slot.finished) this.duplicates += 1;
        else slot.finished = entry.finished;
        break;
      case LOGGED:
        slot.logsJson ??= entry.logsJson;
        break;
      case DISCARDED:
        slot.discarded = true;
    }
  }

  #slotOf(id: Buffer, offset: number): Slot {
    const key = slotKey(id);
    let slot = this.slots.get(key);
    if (!slot) {
      slot = { id, offset, started: false, discarded: false };
      this.slots.set(key, slot);
    }
    return slot;
  }
}
