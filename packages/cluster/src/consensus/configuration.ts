import type { Configuration, ConfigurationChange, Participant } from './raft-messages.ts';

/** What a change makes of who takes part, or why it makes no sense. Each changes at most one voter, so that majorities overlap. */
export function changeConfiguration(
  configuration: Configuration,
  change: ConfigurationChange,
): Configuration | { readonly refused: string } {
  const { voters, learners } = configuration;
  const id = 'id' in change ? change.id : change.participant.id;
  const voter = find(voters, id);
  const learner = find(learners, id);
  switch (change.kind) {
    case 'add-learner':
      if (voter ?? learner) return { refused: `${id} takes part already` };
      return { voters, learners: [...learners, change.participant] };
    case 'promote':
      if (!learner) return { refused: `${id} is no learner` };
      return { voters: [...voters, learner], learners: without(learners, id) };
    case 'demote':
      if (!voter) return { refused: `${id} is no voter` };
      if (voters.length === 1) return { refused: `${id} is the only voter` };
      return { voters: without(voters, id), learners: [...learners, voter] };
    case 'remove':
      if (!voter && !learner) return { refused: `${id} takes no part` };
      if (voter && voters.length === 1) return { refused: `${id} is the only voter` };
      return { voters: without(voters, id), learners: without(learners, id) };
    case 'move':
      return move(configuration, change.participant);
  }
}

export function isVoter({ voters }: Configuration, id: string): boolean {
  return find(voters, id) !== undefined;
}

function move({ voters, learners }: Configuration, to: Participant): ReturnType<typeof changeConfiguration> {
  const now = find(voters, to.id) ?? find(learners, to.id);
  if (!now) return { refused: `${to.id} takes no part` };
  if (now.address.host === to.address.host && now.address.port === to.address.port) {
    return { refused: `${to.id} is there already` };
  }
  const moved = (one: Participant) => (one.id === to.id ? to : one);
  return { voters: voters.map(moved), learners: learners.map(moved) };
}

function find(participants: readonly Participant[], id: string): Participant | undefined {
  return participants.find((one) => one.id === id);
}

function without(participants: readonly Participant[], id: string): readonly Participant[] {
  return participants.filter((one) => one.id !== id);
}
