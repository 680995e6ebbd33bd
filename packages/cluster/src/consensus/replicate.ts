import { isVoter } from './configuration.ts';
import { meetPeers } from './lead.ts';
import type { Progress } from './progress.ts';
import type { LogEntry, RaftMessage } from './raft-messages.ts';
import type { Office, RaftParts } from './raft-parts.ts';
import { follow } from './stand-down.ts';

type Appended = Extract<RaftMessage, { readonly kind: 'appended' }>;

/** Of one append. */
const BATCH_MOST = { entries: 512, bytes: 256 * 1024 };

/** Sends each participant what it has not, as far as it can take it now, and what is committed meanwhile. */
export function replicate(core: RaftParts, office: Office): void {
  meetPeers(core, office);
  for (const [id, peer] of office.peers) {
    const through = lastFor(core, id);
    while (peer.canTake && peer.next <= through) sendNext(core, id, { peer, through });
    if (peer.isFollowing && peer.toldCommitted < core.committed) sendAppend(core, id, { peer, entries: [] });
  }
  forgetRemoved(core, office);
}

/** A new round: a word to all, whether or not there is something to say. */
export function beat(core: RaftParts, office: Office): void {
  const { nowMs } = core.moment;
  office.nextHeartbeatMs = nowMs + core.options.heartbeatMs;
  office.rounds.begin(nowMs);
  for (const [id, peer] of office.peers) sendAppend(core, id, { peer, entries: [] });
}

/** How far a participant is, and that it follows this leader still. */
export function onAppended(core: RaftParts, from: string, message: Appended): void {
  const { office, log, moment, options } = core;
  if (message.term > core.term) return follow(core, { term: message.term });
  const peer = office?.peers.get(from);
  if (!office || !peer || message.term < core.term) return;
  // Nobody can answer what was not asked, or have what there is not.
  if (message.round > office.rounds.current || (message.accepted && message.match > log.last.index)) return;
  peer.answeredRound = Math.max(peer.answeredRound, message.round);
  peer.answeredMs = moment.nowMs;
  if (message.accepted) return peer.accepted(message.match);
  peer.refused(message.match, { nowMs: moment.nowMs, patienceMs: options.electionMinMs });
}

/**
 * Whoever loses its vote learns of that when it is committed. If it had the entry before, it would neither stand for
 * election nor elect a voter that has not, though it may be needed for a majority of those that don't know yet.
 */
function lastFor({ log, committed }: RaftParts, id: string): number {
  const { configuration, formerConfiguration, configurationIndex } = log;
  if (configurationIndex <= committed || !formerConfiguration) return log.last.index;
  const losesVote = isVoter(formerConfiguration, id) && !isVoter(configuration, id);
  return losesVote ? configurationIndex - 1 : log.last.index;
}

function sendNext(
  core: RaftParts,
  id: string,
  { peer, through }: { readonly peer: Progress; readonly through: number },
): void {
  const { log } = core;
  const { snapshot } = log;
  if (snapshot && peer.next <= log.base.index) return sendSnapshot(core, id, peer);
  const entries = log.batch({ from: peer.next, through }, BATCH_MOST);
  sendAppend(core, id, { peer, entries });
  peer.sent(peer.next + entries.length - 1);
}

/** Without entries it is a heartbeat; to be refused by one that has lost what was sent before. */
function sendAppend(
  core: RaftParts,
  id: string,
  { peer, entries }: { readonly peer: Progress; readonly entries: readonly LogEntry[] },
): void {
  const { log, committed, office } = core;
  if (!office) return;
  peer.toldCommitted = committed;
  core.outbox.send(id, {
    kind: 'append',
    term: core.term,
    // One that is behind all that there is refuses what it can't compare; it has heard of the leader all the same.
    previous: log.position(peer.next - 1) ?? log.base,
    entries,
    committed,
    round: office.rounds.current,
  });
}

function sendSnapshot(core: RaftParts, id: string, peer: Progress): void {
  const { snapshot } = core.log;
  const { office } = core;
  if (!snapshot || !office) return;
  peer.sentSnapshot(snapshot.index, core.moment.nowMs);
  core.outbox.send(id, { kind: 'snapshot', term: core.term, round: office.rounds.current, snapshot });
}

/** Those that were removed have been told so, once. */
function forgetRemoved({ log, committed }: RaftParts, { peers }: Office): void {
  if (log.configurationIndex > committed) return;
  const { voters, learners } = log.configuration;
  const present = new Set([...voters, ...learners].map(({ id }) => id));
  for (const id of peers.keys()) if (!present.has(id)) peers.delete(id);
}
