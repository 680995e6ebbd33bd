import type { Moment } from '../base/moment.ts';
import type { MapCommand, MapMessage, MapOutcome, MapWritten } from '../map/map-messages.ts';
import type { ReadOutcome } from './core-messages.ts';

/** A question or command that got no answer is sent again after this time. */
const AGAIN_MS = 500;
/** Nothing is looked for more often than that. */
const LOOK_MS = 50;

interface PendingWrite {
  readonly kind: 'write';
  readonly request: number;
  readonly command: MapCommand;
  readonly deadlineMs: number;
  /** It may have reached somebody who could write it. */
  wasSent: boolean;
  sentTo: string | undefined;
  againMs: number;
}

interface PendingRead {
  readonly kind: 'read';
  readonly request: number;
  readonly deadlineMs: number;
  /** What this instance's log must hold; told by the leader. */
  index: number | undefined;
  sentTo: string | undefined;
  againMs: number;
}

export type MapRequestEffect =
  /** Here, as this instance leads. */
  | { readonly type: 'propose'; readonly command: MapCommand }
  | { readonly type: 'ask'; readonly request: number }
  | { readonly type: 'send'; readonly to: string; readonly message: MapMessage }
  | { readonly type: 'written'; readonly request: number; readonly outcome: MapOutcome }
  | { readonly type: 'readable'; readonly request: number; readonly outcome: ReadOutcome };

/**
 * What this instance wants of the map. A write goes to whoever leads, again with each change of the leader and when
 * nothing is heard of it: its id makes that harmless. It is settled by this instance's own log, in which it turns up.
 */
export class MapRequests {
  readonly #self: string;
  readonly #writes = new Map<string, PendingWrite>();
  readonly #reads = new Map<number, PendingRead>();
  #leader: string | undefined;
  /** No deadline, and no repetition, is earlier. */
  #lookAtMs = Number.POSITIVE_INFINITY;

  constructor(self: string) {
    this.#self = self;
  }

  get nextDeadlineMs(): number | undefined {
    return this.#writes.size + this.#reads.size > 0 ? this.#lookAtMs : undefined;
  }

  write(
    { nowMs }: Moment,
    wanted: Omit<PendingWrite, 'kind' | 'wasSent' | 'sentTo' | 'againMs'>,
  ): MapRequestEffect[] {
    const pending: PendingWrite = {
      ...wanted,
      kind: 'write',
      wasSent: false,
      sentTo: undefined,
      againMs: nowMs,
    };
    this.#writes.set(wanted.command.id, pending);
    return this.#sendWrite(nowMs, pending);
  }

  read({ nowMs }: Moment, wanted: Pick<PendingRead, 'request' | 'deadlineMs'>): MapRequestEffect[] {
    const pending: PendingRead = {
      ...wanted,
      kind: 'read',
      index: undefined,
      sentTo: undefined,
      againMs: nowMs,
    };
    this.#reads.set(wanted.request, pending);
    return this.#sendRead(nowMs, pending);
  }

  /** Another leads, or nobody: what is open goes to the new one. */
  leader({ nowMs }: Moment, leader: string | undefined): MapRequestEffect[] {
    if (leader === this.#leader) return [];
    this.#leader = leader;
    return this.#sendAll(nowMs, (pending) => pending.sentTo !== leader);
  }

  /** A read was answered by whoever leads: as soon as so much of the log is applied here, it is true here. */
  readable(request: number, index: number, applied: number): MapRequestEffect[] {
    const pending = this.#reads.get(request);
    if (!pending) return [];
    pending.index = index;
    return this.#settleRead(pending, applied);
  }

  /** An entry was applied here. */
  applied(commandId: string, outcome: MapWritten): MapRequestEffect[] {
    const pending = this.#writes.get(commandId);
    if (!pending) return [];
    this.#writes.delete(commandId);
    return [{ type: 'written', request: pending.request, outcome }];
  }

  /** After a snapshot: what it contains was applied unseen. */
  restored(outcomeOf: (commandId: string) => MapWritten | undefined): MapRequestEffect[] {
    return [...this.#writes.keys()].flatMap((id) => {
      const outcome = outcomeOf(id);
      return outcome ? this.applied(id, outcome) : [];
    });
  }

  /** So much is applied here. */
  caughtUp(applied: number): MapRequestEffect[] {
    if (this.#reads.size === 0) return [];
    return [...this.#reads.values()].flatMap((pending) => this.#settleRead(pending, applied));
  }

  tick({ nowMs }: Moment): MapRequestEffect[] {
    if (nowMs < this.#lookAtMs) return [];
    const effects = [...this.#expire(nowMs), ...this.#sendAll(nowMs, ({ againMs }) => againMs <= nowMs)];
    this.#lookAtMs = Number.POSITIVE_INFINITY;
    for (const pending of this.#writes.values()) this.#lookFor(pending);
    for (const pending of this.#reads.values()) this.#lookFor(pending);
    this.#lookAtMs = Math.max(this.#lookAtMs, nowMs + LOOK_MS);
    return effects;
  }

  #lookFor({ againMs, deadlineMs }: PendingWrite | PendingRead): void {
    this.#lookAtMs = Math.min(this.#lookAtMs, againMs, deadlineMs);
  }

  #expire(nowMs: number): MapRequestEffect[] {
    const effects: MapRequestEffect[] = [];
    for (const [id, { deadlineMs, request, wasSent }] of this.#writes) {
      if (deadlineMs > nowMs) continue;
      this.#writes.delete(id);
      effects.push({ type: 'written', request, outcome: { kind: wasSent ? 'unknown' : 'no-leader' } });
    }
    for (const { deadlineMs, request } of this.#reads.values()) {
      if (deadlineMs > nowMs) continue;
      this.#reads.delete(request);
      effects.push({ type: 'readable', request, outcome: 'no-leader' });
    }
    return effects;
  }

  #sendAll(nowMs: number, which: (pending: PendingWrite | PendingRead) => boolean): MapRequestEffect[] {
    return [...this.#writes.values(), ...this.#reads.values()]
      .filter(which)
      .flatMap((pending) =>
        pending.kind === 'write' ? this.#sendWrite(nowMs, pending) : this.#sendRead(nowMs, pending),
      );
  }

  #sendWrite(nowMs: number, pending: PendingWrite): MapRequestEffect[] {
    const leader = this.#leader;
    pending.againMs = nowMs + AGAIN_MS;
    pending.sentTo = leader;
    this.#lookFor(pending);
    if (leader === undefined) return [];
    pending.wasSent = true;
    const { command } = pending;
    if (leader === this.#self) return [{ type: 'propose', command }];
    return [{ type: 'send', to: leader, message: { kind: 'write', command } }];
  }

  #sendRead(nowMs: number, pending: PendingRead): MapRequestEffect[] {
    const leader = this.#leader;
    pending.againMs = nowMs + AGAIN_MS;
    pending.sentTo = leader;
    this.#lookFor(pending);
    if (leader === undefined || pending.index !== undefined) return [];
    const { request } = pending;
    if (leader === this.#self) return [{ type: 'ask', request }];
    return [{ type: 'send', to: leader, message: { kind: 'read', request } }];
  }

  #settleRead(pending: PendingRead, applied: number): MapRequestEffect[] {
    if (pending.index === undefined || applied < pending.index) return [];
    this.#reads.delete(pending.request);
    return [{ type: 'readable', request: pending.request, outcome: 'readable' }];
  }
}
