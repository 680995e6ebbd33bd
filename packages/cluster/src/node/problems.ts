import type { Moment, WallMoment } from '../base/moment.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';
import type { Problem, ProblemCode } from '../founding/founding-messages.ts';
import { addressText, type Address, type Member } from '../membership/member.ts';
import type { RefusedTraffic } from '../transport/transport.ts';
import type { ClusterTiming } from './cluster-options.ts';
import { shortId } from './words.ts';

/** How long a problem is shown after its last sign. */
const SHOWN_MS = 60_000;
/** Wall clocks that differ by more confuse everybody who compares logs. */
const CLOCKS_APART_MS = 30_000;
/** Packets that have waited for an instance that was stopped tell old times when it wakes: soon none of them is left. */
const APART_FOR_MS = 2000;
const REVIEW_MS = 500;

/** What keeps this instance, or all of them, from working; what keeps others out; what is only odd. */
const gravity: Readonly<Record<ProblemCode, number>> = {
  STORAGE_FAILED: 0,
  NO_QUORUM: 1,
  NO_SEEDS: 2,
  ONLY_SELF: 2,
  TOO_FEW_INSTANCES: 2,
  UNSTABLE_SEEDS: 2,
  EPOCH_UNKNOWN: 2,
  INSTANCES_DIFFER: 2,
  OTHER_CLUSTER: 3,
  WRONG_SECRET: 3,
  OTHER_VERSION: 4,
  SEEDS_UNREACHABLE: 5,
  EVEN_COUNT: 6,
  CLOCKS_APART: 7,
};

export interface ProblemSituation {
  readonly raft: RaftStatus | undefined;
  readonly instances: number | undefined;
  readonly members: readonly Member[];
  readonly leader: { readonly id: string } | undefined;
}

/** With a time it is seen by its signs, all of the same one, and goes when there have been none for a while. */
interface Known {
  readonly problem: Problem;
  readonly untilMs: number;
  readonly about: string | undefined;
}

/** What an operator should mend: gathered from everywhere, told once each, and shown while it lasts. */
export class Problems {
  readonly #timing: ClusterTiming;
  readonly #known = new Map<ProblemCode, Known>();
  readonly #told = new Set<string>();
  /** Since when the clocks of members differ from the own one. */
  readonly #apartSinceMs = new Map<string, number>();
  #refused = 0;
  #leaderlessSinceMs: number | undefined;
  #nextMs: number | undefined;
  #isChanged = false;

  constructor(timing: ClusterTiming) {
    this.#timing = timing;
  }

  get nextDeadlineMs(): number | undefined {
    return this.#nextMs;
  }

  get refusedPackets(): number {
    return this.#refused;
  }

  /** The gravest first. */
  list(): readonly Problem[] {
    const problems = [...this.#known.values()].map(({ problem }) => problem);
    return problems.sort((one, other) => gravity[one.code] - gravity[other.code]);
  }

  /** Why there is no cluster yet; undefined: there is one. */
  waiting(problem: Problem | undefined): void {
    for (const code of foundingCodes) this.#known.delete(code);
    if (problem) this.#set(problem);
  }

  seedsFailed(error: Error | undefined): void {
    if (!error) {
      this.#known.delete('SEEDS_UNREACHABLE');
      return;
    }
    // What it says as a whole ends with how to mend it.
    const message = 'what' in error && typeof error.what === 'string' ? error.what : error.message;
    const mend = 'mend' in error && typeof error.mend === 'string' ? error.mend : 'Look at the seed source.';
    this.#set({ code: 'SEEDS_UNREACHABLE', message, mend });
  }

  /** Nothing is founded before it is known. Undefined: it is, or nobody has to know it any more. */
  epochFloorFailed(error: Error | undefined): void {
    if (!error) return void this.#known.delete('EPOCH_UNKNOWN');
    this.#set({
      code: 'EPOCH_UNKNOWN',
      message: `The highest epoch of a former cluster can't be asked for, and none is founded before it is known: ${error.message}`,
      mend: 'Mend the way to whom the option `epochFloor` asks (for a framework the Mesos master); it is asked again and again.',
    });
  }

  /** It stays so until this instance is started anew. */
  failed(why: string): void {
    this.#set({
      code: 'STORAGE_FAILED',
      message: `This instance can't keep its log (${why}) and takes no part any more.`,
      mend: 'Mend the disk of its data directory, then start it again.',
    });
  }

  refused({ nowMs }: Moment, { count = 1, from, why }: RefusedTraffic): void {
    this.#refused += count;
    if (why === 'other-version') return this.#otherVersion(nowMs, addressText(from));
    if (why !== 'unknown-key' && why !== 'forged') return;
    this.#sign(
      { nowMs, about: addressText(from) },
      {
        code: 'WRONG_SECRET',
        message: `${addressText(from)} sends packets that are not sealed with a secret of this cluster.`,
        mend: 'If it is an instance of yours, give it the same secret (while secrets are changed: both); else it is a stranger, who is kept out.',
      },
    );
  }

  #otherVersion(nowMs: number, about: string): void {
    this.#sign(
      { nowMs, about },
      {
        code: 'OTHER_VERSION',
        message: `${about} says what this version of the program does not know, and passes over.`,
        mend: 'While instances are upgraded one after the other, go on: it ends with the last one. Else run the same version everywhere.',
      },
    );
  }

  otherCluster({ nowMs }: Moment, other: { readonly clusterId: string; readonly address: Address }): void {
    this.#sign(
      { nowMs, about: addressText(other.address) },
      {
        code: 'OTHER_CLUSTER',
        message: `${addressText(other.address)} belongs to another cluster of the same name (${other.clusterId}).`,
        mend: 'One of them has an old data directory, or was founded without the other: stop the instances of the wrong one, remove their data directories, and start them again.',
      },
    );
  }

  clock({ epochMs, nowMs }: WallMoment, other: { readonly id: string; readonly at: number }): void {
    const apartMs = Math.abs(epochMs - other.at);
    if (apartMs < CLOCKS_APART_MS) return void this.#apartSinceMs.delete(other.id);
    const sinceMs = this.#apartSinceMs.get(other.id) ?? nowMs;
    this.#apartSinceMs.set(other.id, sinceMs);
    if (nowMs - sinceMs < APART_FOR_MS) return;
    this.#sign(
      { nowMs, about: other.id },
      {
        code: 'CLOCKS_APART',
        message: `The clock of member ${shortId(other.id)} differs from this one by ${Math.round(apartMs / 1000)} s.`,
        mend: 'Nothing depends on it but what people read; synchronise the clocks of the machines.',
      },
    );
  }

  /** There may be news to tell. */
  isDue({ nowMs }: Moment): boolean {
    return this.#isChanged || this.#nextMs === undefined || nowMs >= this.#nextMs;
  }

  /** Looks at everything; gives what is new. */
  review(moment: Moment, situation: ProblemSituation): readonly Problem[] {
    this.#isChanged = false;
    this.#nextMs = moment.nowMs + REVIEW_MS;
    for (const [code, { untilMs }] of this.#known) if (untilMs <= moment.nowMs) this.#known.delete(code);
    this.#reviewQuorum(moment, situation);
    this.#reviewCount(situation);
    const present = this.list();
    const fresh = present.filter(({ message }) => !this.#told.has(message));
    this.#told.clear();
    for (const { message } of present) this.#told.add(message);
    this.#isChanged = false;
    return fresh;
  }

  #set(problem: Problem, untilMs = Number.POSITIVE_INFINITY): void {
    this.#isChanged ||= this.#known.get(problem.code)?.problem.message !== problem.message;
    this.#known.set(problem.code, { problem, untilMs, about: undefined });
  }

  /** Of one kind one is shown at a time: many that have it would else be told of in turns, with each packet. */
  #sign({ about, nowMs }: { readonly about: string; readonly nowMs: number }, problem: Problem): void {
    const untilMs = nowMs + SHOWN_MS;
    const known = this.#known.get(problem.code);
    if (!known || known.untilMs <= nowMs) {
      this.#isChanged = true;
      this.#known.set(problem.code, { problem, untilMs, about });
    } else if (known.about === about) this.#known.set(problem.code, { ...known, untilMs });
  }

  #reviewQuorum({ nowMs }: Moment, { leader, members, raft }: ProblemSituation): void {
    if (!raft || leader) {
      this.#leaderlessSinceMs = undefined;
      this.#known.delete('NO_QUORUM');
      return;
    }
    this.#leaderlessSinceMs ??= nowMs;
    if (nowMs - this.#leaderlessSinceMs < 2 * this.#timing.electionMaxMs) return;
    const states = new Map(members.map(({ id, state }) => [id, state]));
    const { voters } = raft.configuration;
    const missing = voters.filter(({ id }) => states.get(id) !== 'alive');
    const needed = Math.floor(voters.length / 2) + 1;
    const present = voters.length - missing.length;
    if (present >= needed) {
      this.#set({
        code: 'NO_QUORUM',
        message: `Nobody leads, though ${present} of ${voters.length} voters can be reached from here: an election is under way, or they don't reach each other.`,
        mend: 'It should be over in seconds; if it stays, look at the network between the voters, in both directions, TCP and UDP.',
      });
      return;
    }
    const names = missing.map(({ address, id }) => `${shortId(id)} at ${addressText(address)}`);
    this.#set({
      code: 'NO_QUORUM',
      message: `Nobody leads: of ${voters.length} voters ${needed} are needed, and ${present} can be reached from here (missing: ${names.join(', ')}).`,
      mend: 'Start the missing instances again, with their data directories, or mend the network between them. If they are lost for good, stop all instances, remove all data directories, and start them anew: what only the shared map held is lost then.',
    });
  }

  #reviewCount({ instances, raft }: ProblemSituation): void {
    if (!raft || instances === undefined || instances % 2 === 1) {
      this.#known.delete('EVEN_COUNT');
      return;
    }
    this.#set({
      code: 'EVEN_COUNT',
      message:
        instances === 2
          ? 'Of two instances both are needed: when one dies, nobody leads.'
          : `${instances} instances survive no more deaths than ${instances - 1} do.`,
      mend: `Run ${instances === 2 ? 3 : instances - 1} or ${instances + (instances === 2 ? 3 : 1)} instances.`,
    });
  }
}

const foundingCodes: readonly ProblemCode[] = [
  'NO_SEEDS',
  'SEEDS_UNREACHABLE',
  'ONLY_SELF',
  'TOO_FEW_INSTANCES',
  'UNSTABLE_SEEDS',
  'INSTANCES_DIFFER',
];
