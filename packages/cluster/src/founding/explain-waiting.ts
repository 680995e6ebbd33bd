import { addressText, type Address } from '../membership/member.ts';
import type { Problem } from './founding-messages.ts';

/** What one that waits for its cluster knows. */
export interface Waiting {
  /** Undefined: nobody has said it. */
  readonly instances: number | undefined;
  /** What others think how many there are to be. */
  readonly others: readonly number[];
  /** How many the seed source knows to be there; 0: it doesn't count. */
  readonly counted: number;
  readonly seedError: Error | undefined;
  /** Undefined: the source hasn't answered yet. */
  readonly seeds: readonly Address[] | undefined;
  /** Without this instance. */
  readonly asked: readonly Address[];
  /** This one has got a question of its own. */
  readonly hasMetItself: boolean;
  /** How many answer, this instance included, and how many must. */
  readonly present: number;
  readonly quorum: number;
  /** For how long it has asked; undefined: not long enough for a judgement. */
  readonly askedForMs: number | undefined;
  /** For how long enough have answered, but never the same ones for long; undefined: not long enough for a judgement. */
  readonly unstableForMs: number | undefined;
}

/** Why there is no cluster yet, where it is not just that it takes its time. */
export function explainWaiting(waiting: Waiting): Problem | undefined {
  const { asked, instances, others, present, seedError, seeds } = waiting;
  if (present === 1 && instances !== 1) {
    if (seedError) return noSeeds(`The seed source fails: ${seedError.message}`);
    if (seeds?.length === 0) return noSeeds('The seed source lists nobody.');
  }
  if (seeds && instances === undefined) return unknownCount;
  const differing = others.find((other) => other !== instances);
  if (instances !== undefined && differing !== undefined) return differ(instances, differing);
  if (present === 1 && seeds && instances !== undefined && instances > 1) {
    const isOnlySelf = asked.length === 0 || (asked.length === 1 && waiting.hasMetItself);
    return isOnlySelf ? onlySelf(instances) : unreachable(waiting);
  }
  return present < waiting.quorum ? tooFew(waiting) : unstable(waiting);
}

function noSeeds(message: string): Problem {
  return {
    code: 'NO_SEEDS',
    message,
    mend: 'Check where the seeds come from; it is asked again and again, and nothing has to be restarted.',
  };
}

const unknownCount: Problem = {
  code: 'TOO_FEW_INSTANCES',
  message: 'Nobody has said how many instances there are to be, so nobody knows what a majority of them is.',
  mend: 'Set `instances` to the same number everywhere; this seed source does not tell it.',
};

function differ(own: number, other: number): Problem {
  return {
    code: 'INSTANCES_DIFFER',
    message: `This instance is told that there are to be ${own} instances, another one that there are to be ${other}. A majority of ${Math.max(own, other)} is waited for.`,
    mend: 'Set `instances` to the same number everywhere.',
  };
}

function onlySelf(instances: number): Problem {
  return {
    code: 'ONLY_SELF',
    message: `The only seed is this instance itself, but there are to be ${instances} instances.`,
    mend: 'List the addresses of the others, too, as they can be reached from here.',
  };
}

function unreachable({ asked, askedForMs }: Waiting): Problem | undefined {
  if (askedForMs === undefined) return undefined;
  return {
    code: 'SEEDS_UNREACHABLE',
    message: `Of ${namesOf(asked)} nobody has answered for ${roughly(askedForMs)}.`,
    mend: 'Check that they run, that UDP and TCP reach these addresses from here and this instance from there, under the address that it tells (advertise), and that name and secret are the same.',
  };
}

function tooFew({ askedForMs, counted, instances, present, quorum }: Waiting): Problem | undefined {
  if (askedForMs === undefined || instances === undefined) return undefined;
  const answering = present === 1 ? 'only this one is there' : `${present} are there, with this one`;
  return {
    code: 'TOO_FEW_INSTANCES',
    message: `${counted > instances ? `The seed source knows ${counted}` : `There are to be ${instances}`} instances, of which ${quorum} are needed; ${answering}, for ${roughly(askedForMs)}.`,
    mend: 'Start the others, or check that they can be reached.',
  };
}

function unstable({ unstableForMs }: Waiting): Problem | undefined {
  if (unstableForMs === undefined) return undefined;
  return {
    code: 'UNSTABLE_SEEDS',
    message: `Enough instances have answered for ${roughly(unstableForMs)}, but never the same ones for long.`,
    mend: 'Look for instances that are restarted again and again, and for a network that loses packets.',
  };
}

const MOST_NAMES = 5;

function namesOf(addresses: readonly Address[]): string {
  const names = addresses.slice(0, MOST_NAMES).map(addressText);
  const more = addresses.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** In steps, so that the sentence doesn't change all the time. */
function roughly(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 10) return 'some seconds';
  return seconds < 60 ? `${Math.floor(seconds / 10) * 10} s` : `${Math.floor(seconds / 60)} min`;
}
