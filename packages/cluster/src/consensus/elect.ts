import { isVoter } from './configuration.ts';
import { takeOffice } from './lead.ts';
import type { RaftMessage } from './raft-messages.ts';
import { resetElectionTimer, type Campaign, type RaftParts } from './raft-parts.ts';
import { follow } from './stand-down.ts';

type Vote = Extract<RaftMessage, { readonly kind: 'vote' }>;
type TakeOver = Extract<RaftMessage, { readonly kind: 'take-over' }>;

/** The leader was silent for too long, or an election has led to nothing: asks first whether there would be votes. */
export function onElectionTime(core: RaftParts): void {
  resetElectionTimer(core);
  if (isVoter(core.log.configuration, core.self)) begin(core, { isPre: true, isHandedOver: false });
}

/** The leader gives its office to this instance: no question before, and the others' promises to it don't count. */
export function onTakeOver(core: RaftParts, from: string, { term }: TakeOver): void {
  if (term !== core.term || from !== core.leader || !isVoter(core.log.configuration, core.self)) return;
  resetElectionTimer(core);
  begin(core, { isPre: false, isHandedOver: true });
}

export function onVote(core: RaftParts, from: string, vote: Vote): void {
  const { campaign } = core;
  // A vote that would be given is in the term that was asked for, which nobody has reached yet.
  const isPromise = vote.pre && vote.granted;
  if (vote.term > core.term && !isPromise) return follow(core, { term: vote.term });
  if (!campaign || campaign.isPre !== vote.pre) return;
  if (!vote.granted) return void campaign.refused.add(from);
  if (vote.term !== (vote.pre ? core.term + 1 : core.term)) return;
  campaign.granted.add(from);
  decide(core, campaign);
}

/** The own vote counts, as all others, when it is on disk. */
export function countOwnVote(core: RaftParts): void {
  const { campaign, outbox, self } = core;
  if (!campaign || campaign.isPre || campaign.granted.has(self) || !outbox.isPromiseKept) return;
  campaign.granted.add(self);
  decide(core, campaign);
}

/** Asks those again who have said nothing: packets get lost. */
export function askAgain(core: RaftParts): void {
  const { campaign, moment } = core;
  if (campaign && moment.nowMs >= campaign.askAgainMs) ask(core, campaign);
}

function begin(core: RaftParts, { isPre, isHandedOver }: Pick<Campaign, 'isPre' | 'isHandedOver'>): void {
  core.leader = undefined;
  core.owed = undefined;
  const campaign = {
    isPre,
    isHandedOver,
    granted: new Set<string>(),
    refused: new Set<string>(),
    askAgainMs: 0,
  };
  core.campaign = campaign;
  if (isPre) {
    campaign.granted.add(core.self);
  } else {
    core.term += 1;
    core.votedFor = core.self;
    core.outbox.storeHardState({ term: core.term, votedFor: core.self });
  }
  ask(core, campaign);
  decide(core, campaign);
}

function ask(core: RaftParts, campaign: Campaign): void {
  const { log, outbox, self } = core;
  campaign.askAgainMs = core.moment.nowMs + core.options.heartbeatMs;
  for (const { id } of log.configuration.voters) {
    if (id === self || campaign.granted.has(id) || campaign.refused.has(id)) continue;
    outbox.send(id, {
      kind: 'vote-request',
      term: campaign.isPre ? core.term + 1 : core.term,
      last: log.last,
      pre: campaign.isPre,
      handedOver: campaign.isHandedOver,
    });
  }
}

function decide(core: RaftParts, { isPre, granted }: Campaign): void {
  const { voters } = core.log.configuration;
  const votes = voters.filter(({ id }) => granted.has(id)).length;
  if (votes * 2 <= voters.length) return;
  if (isPre) return begin(core, { isPre: false, isHandedOver: false });
  takeOffice(core);
}
