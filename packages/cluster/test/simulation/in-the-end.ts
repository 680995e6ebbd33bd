import { voterTarget } from '../../src/node/words.ts';
import { MOST_VOTERS } from '../../src/node/voter-plan.ts';
import type { Stage } from './stage.ts';

/** What is not as it must be when nothing has failed for a while and nobody has asked for anything; empty: all is well. */
export function wrongInTheEnd(stage: Stage): readonly string[] {
  const { clients, instances } = stage;
  if (clients.open > 0) return [`${clients.open} requests are open`];
  const holders = instances.filter(({ holdsLease }) => holdsLease);
  if (holders.length !== 1) return [`${holders.length} instances lead`];
  return [...wrongMembers(stage, holders[0]?.id), ...wrongVoters(stage), ...wrongMaps(stage)];
}

function wrongMembers({ instances }: Stage, leader: string | undefined): readonly string[] {
  return instances.flatMap(({ core, slot }) => {
    if (!core) return [`${slot} does not run`];
    const taken = core.view().leader?.id;
    if (taken !== leader) return [`${slot} takes ${taken} for the leader, not ${leader}`];
    const standing = core.members().filter(({ state }) => state === 'alive').length;
    return standing === instances.length ? [] : [`${slot} knows of ${standing} living members`];
  });
}

/** As many as there should be at least, and all of them alive. */
function wrongVoters({ instances, wanted }: Stage): readonly string[] {
  const ids = new Set(instances.map(({ id }) => id));
  const wantedVoters = voterTarget(wanted, MOST_VOTERS);
  return instances.flatMap(({ core, slot }) => {
    const voters = core?.view().members.filter(({ role }) => role === 'voter') ?? [];
    const lost = voters.filter(({ id }) => !ids.has(id));
    if (lost.length > 0) return [`for ${slot} the lost ${lost.map(({ id }) => id).join(', ')} vote`];
    return voters.length >= wantedVoters ? [] : [`for ${slot} ${voters.length} vote, not ${wantedVoters}`];
  });
}

function wrongMaps({ clients, instances }: Stage): readonly string[] {
  const wrong: string[] = [];
  const maps = new Set(instances.map(({ core }) => JSON.stringify([...(core?.map.entries('') ?? [])])));
  if (maps.size !== 1) wrong.push(`the maps differ: ${[...maps].join(' | ')}`);
  for (const [key, least] of clients.acknowledged) {
    const value = instances[0]?.core?.map.get(key)?.value;
    if (typeof value !== 'number' || value < least)
      wrong.push(`${key} is ${JSON.stringify(value)}, and ${least} was acknowledged`);
  }
  return wrong;
}
