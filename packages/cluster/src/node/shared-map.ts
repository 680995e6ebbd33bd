import type { Moment } from '../base/moment.ts';
import type { LogEntry, RaftInput, Snapshot } from '../consensus/raft-messages.ts';
import type { MapCommand, MapMessage } from '../map/map-messages.ts';
import { MapState } from '../map/map-state.ts';
import { commandOf } from './checked-values.ts';
import type { ClusterEffect } from './core-messages.ts';
import { MapRequests, type MapRequestEffect } from './map-requests.ts';
import { Proposals } from './proposals.ts';

/** Entries after which the log is replaced by a snapshot. */
const COMPACT_AFTER = 4096;

/** What the map needs of the instance around it. */
export interface MapSurroundings {
  readonly self: string;
  /** Default: 4,096. */
  readonly compactAfter?: number;
  isLeader(): boolean;
  raft(input: RaftInput): void;
  send(to: string, message: MapMessage): void;
  emit(effect: ClusterEffect): void;
}

/** The replicated map of one instance: its state, what is asked of it here, and what others ask of it as leader. */
export class SharedMap {
  readonly #around: MapSurroundings;
  readonly #state = new MapState();
  readonly #requests: MapRequests;
  readonly #proposals = new Proposals();
  readonly #reads = new Map<number, { readonly request: number; readonly from: string | undefined }>();
  #lastRead = 0;
  #applied = 0;
  #compacted = 0;

  constructor(around: MapSurroundings) {
    this.#around = around;
    this.#requests = new MapRequests(around.self);
  }

  get state(): Pick<MapState, 'get' | 'entries'> {
    return this.#state;
  }

  get applied(): number {
    return this.#applied;
  }

  get nextDeadlineMs(): number | undefined {
    return this.#requests.nextDeadlineMs;
  }

  tick(moment: Moment): void {
    this.#do(this.#requests.tick(moment));
  }

  write(moment: Moment, wanted: { request: number; command: MapCommand; deadlineMs: number }): void {
    this.#do(this.#requests.write(moment, wanted));
  }

  read(moment: Moment, wanted: { request: number; deadlineMs: number }): void {
    this.#do(this.#requests.read(moment, wanted));
  }

  ledBy(moment: Moment, leader: string | undefined): void {
    this.#do(this.#requests.leader(moment, leader));
  }

  /** A number for a proposal that is not of the map. */
  foreignProposal(): number {
    return this.#proposals.beginForeign();
  }

  apply(entry: LogEntry): void {
    this.#applied = entry.index;
    const command = entry.kind === 'command' ? commandOf(entry.command) : undefined;
    if (command) {
      const { changed, outcome } = this.#state.apply({ index: entry.index, term: entry.term, command });
      if (changed)
        this.#around.emit({
          type: 'map-changed',
          changed: { ...changed, version: entry.index, reset: false },
        });
      this.#do(this.#requests.applied(command.id, outcome));
    }
    this.#do(this.#requests.caughtUp(entry.index));
    if (this.#applied - this.#compacted < (this.#around.compactAfter ?? COMPACT_AFTER)) return;
    this.#compacted = this.#applied;
    this.#around.raft({ type: 'compact', index: this.#applied, state: this.#state.toJson() });
  }

  restore({ index, state }: Snapshot): void {
    this.#state.restore(state, index);
    this.#applied = this.#compacted = index;
    this.#around.emit({
      type: 'map-changed',
      changed: { version: index, values: new Map(), removed: [], reset: true },
    });
    this.#do(this.#requests.restored((id) => this.#state.outcomeOf(id)));
    this.#do(this.#requests.caughtUp(index));
  }

  /** However it has ended: whoever wants it and does not see it in the log sends it again. */
  proposed(proposal: number): void {
    this.#proposals.ended(proposal);
  }

  /** One that does not lead says nothing: it is asked again after a while, or the leader as soon as that is known. */
  receive(from: string, message: MapMessage): void {
    switch (message.kind) {
      case 'write':
        if (this.#around.isLeader()) this.#propose(message.command);
        return;
      case 'read':
        return this.#ask(message.request, from);
      case 'readable':
        return this.#do(this.#requests.readable(message.request, message.index, this.#applied));
    }
  }

  readable(read: number, outcome: 'readable' | 'not-leader'): void {
    const asked = this.#reads.get(read);
    this.#reads.delete(read);
    if (!asked || outcome === 'not-leader') return;
    const { from, request } = asked;
    const index = this.#applied;
    if (from !== undefined) return this.#around.send(from, { kind: 'readable', request, index });
    this.#do(this.#requests.readable(request, index, index));
  }

  #do(effects: readonly MapRequestEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'propose':
          this.#propose(effect.command);
          break;
        case 'ask':
          this.#ask(effect.request, undefined);
          break;
        case 'send':
          this.#around.send(effect.to, effect.message);
          break;
        default:
          this.#around.emit(effect);
      }
    }
  }

  #propose(command: MapCommand): void {
    const proposal = this.#proposals.begin(command.id);
    if (proposal === undefined) return;
    this.#around.raft({ type: 'propose', proposal, command: asJson(command) });
  }

  #ask(request: number, from: string | undefined): void {
    this.#lastRead += 1;
    this.#reads.set(this.#lastRead, { request, from });
    this.#around.raft({ type: 'read', read: this.#lastRead });
  }
}

function asJson({ change, id }: MapCommand) {
  const { epoch, put, remove } = change;
  return {
    id,
    change: {
      ...(change.if && { if: change.if.map(({ key, version }) => ({ key, version })) }),
      ...(epoch !== undefined && { epoch }),
      ...(put && { put }),
      ...(remove && { remove }),
    },
  };
}
