import type { ClusterReport } from '../administration/cluster-report.ts';
import { amount } from './plain-words.ts';

type Member = ClusterReport['members'][number];

function namesOf(members: readonly Member[]): string {
  return members.map(({ address }) => address).join(', ');
}

/** More than half of them found a cluster; fewer could do it twice. */
function foundingText({ instances, members }: ClusterReport): string {
  const here = members.filter(({ state }) => state === 'alive');
  const met = `${here.length} ${here.length === 1 ? 'is' : 'are'} here (${namesOf(here)})`;
  if (instances === 0) {
    return `the cluster is being founded, and how many instances there are to be is not known yet; ${met}`;
  }
  const needed = Math.floor(instances / 2) + 1;
  return `the cluster is being founded. Of ${amount(instances, 'instance')} ${needed} must have met for a while; ${met}`;
}

function leaderlessText({ instances, members }: ClusterReport): string {
  const voters = members.filter(({ role }) => role === 'voter');
  const missing = voters.filter(({ state }) => state !== 'alive');
  const lacking = missing.length > 0 ? `; missing: ${namesOf(missing)}` : '';
  const unknown = instances - members.length;
  const unmet = unknown > 0 ? `; ${amount(unknown, 'instance')} not met yet` : '';
  return `an election is under way, or too few voters reach each other. From here ${voters.length - missing.length} of ${amount(voters.length, 'voter')} can be reached${lacking}${unmet}`;
}

function joiningText({ members }: ClusterReport): string {
  const others = members.filter(({ isSelf, state }) => !isSelf && state === 'alive');
  const reached = others.length > 0 ? `it reaches ${namesOf(others)}` : 'it reaches none of its members';
  return `that this instance knows of. It joins a cluster, and waits for its leader to admit it; ${reached}`;
}

/** Where nobody leads: what the instance waits for, and what is missing. */
export function leaderlessStandingText(report: ClusterReport): string {
  switch (report.standing) {
    case 'founding':
      return `NOBODY: ${foundingText(report)}`;
    case 'joining':
      return `NOBODY ${joiningText(report)}`;
    case 'closed':
      return 'NOBODY that this instance knows of: it has ended its part in the cluster';
    case 'leading':
    case 'following':
    case 'leaderless':
      return `NOBODY: ${leaderlessText(report)}`;
  }
}
