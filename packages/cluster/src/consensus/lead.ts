import { Progress } from './progress.ts';
import type { LogEntry, LogPosition } from './raft-messages.ts';
import type { Office, RaftParts } from './raft-parts.ts';
import { Rounds } from './rounds.ts';

/** An entry before it has its place. */
export type NewEntry = LogEntry extends infer Entry
  ? Entry extends LogEntry
    ? Omit<Entry, keyof LogPosition>
    : never
  : never;

/** The votes are there. The first entry of the term says so to all, and commits what former terms have left. */
export function takeOffice(core: RaftParts): void {
  const { nowMs } = core.moment;
  const before = core.log.last.index;
  core.campaign = undefined;
  core.leader = core.self;
  core.office = {
    rounds: new Rounds(nowMs),
    peers: new Map(),
    beganAt: before + 1,
    proposals: new Map(),
    reads: [],
    nextHeartbeatMs: nowMs + core.options.heartbeatMs,
    toldLeaseMs: undefined,
    handOver: undefined,
  };
  core.office.rounds.begin(nowMs);
  meetPeers(core, core.office);
  appendEntry(core, { kind: 'term-begins' });
}

/** Puts it at the end of the log; returns its index. */
export function appendEntry(core: RaftParts, content: NewEntry): number {
  const entry: LogEntry = { index: core.log.last.index + 1, term: core.term, ...content };
  core.log.append(entry);
  core.outbox.storeEntry(entry);
  return entry.index;
}

/** Knows all that take part; who has just come is sent what it has not. */
export function meetPeers({ log, self }: RaftParts, { peers }: Office): void {
  const { voters, learners } = log.configuration;
  for (const { id } of [...voters, ...learners]) {
    if (id !== self && !peers.has(id)) peers.set(id, new Progress(log.last.index + 1));
  }
}
