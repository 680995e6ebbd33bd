import type { TranscriptLine } from '@vibrissa/testkit';
import type { MesosSimulator } from '../../src/index.ts';
import type { Tolerance } from './player.ts';

/** How a transcript is played, and what of it is not. */
export interface Plan {
  readonly name: string;
  /** Addresses of the recorded agents; default 127.0.0.1 and 127.0.0.2. */
  readonly agents?: readonly string[];
  /** Addresses of the recorded masters; default one at 127.0.0.1:5050. */
  readonly masters?: readonly string[];
  /** Through a fake Engine, whose containers are plain processes. */
  readonly needsDocker?: true;
  /** Flags of the recorded masters. */
  readonly simulator?: Omit<NonNullable<Parameters<typeof MesosSimulator.open>[0]>, 'agents'>;
  /** What happened to the recorded cluster by itself, as notes at their times. */
  readonly happenings?: readonly (readonly [atMs: number, note: string])[];
  /** Differences that a race explains; {@link toleranceReasons} says which. */
  readonly tolerates?: readonly Tolerance[];
  /** Single differences that a race explains, and which race that is. */
  readonly races?: readonly (readonly [difference: RegExp, reason: string])[];
  /** Sections that the simulator leaves out, by the note that begins each; the next note ends it. */
  readonly leavesOut?: Readonly<Record<string, string>>;
}

export const toleranceReasons: Readonly<Record<Tolerance, string>> = {
  'offers-cut-differently':
    'whether the resources of a task that ends come before, with or after the rest of its offer depends on how long a process took',
  'further-offers': 'an allocation may come between two recorded calls of the client',
  'update-repeated':
    'an update may come twice when an agent comes back, or when the recorded client was slow to acknowledge it',
  'offers-of-another-role': 'which role of a framework gets an agent is drawn by lot',
};

const racy = ['offers-cut-differently', 'further-offers'] as const;

/** What a built-in executor knows of its container when it sends an update depends on when it has asked for it. */
const containerStatus = [
  /UPDATE g\w+ TASK_\w+.*: \.update\.status\.container_status\.(network_infos|executor_pid)/,
  'the default executor tells what it knows of its container by then',
] as const;

const protobuf = 'bodies in protobuf are left out';
const sessions = 'sessions in nested containers are left out';
const limits = 'limits of memory and disk, which need cgroups, are left out';

/** Agents that found their master by its address notice its restart only when its pings stay away. */
function agentsNoticeLate(fromMs: number, toMs: number): [number, string][] {
  return [1, 2].flatMap((agent): [number, string][] => [
    [fromMs, `cut off agent ${agent}`],
    [toMs, `reach agent ${agent}`],
  ]);
}

export const plans: readonly Plan[] = [
  {
    name: 's01',
    races: [
      [
        /^at the end, subscribe-1: 127\.0\.0\.1$/,
        'its offer was declined for a second, and the teardown came a second later: the next allocation may be sooner',
      ],
    ],
  },
  { name: 's02', tolerates: racy },
  { name: 's03', tolerates: racy },
  {
    name: 's04',
    tolerates: racy,
    races: [
      [/UPDATE quick /, 'the recorded kill overtook the launch'],
      [
        /UPDATE override TASK_KILLED .*signal Terminated.*signal Killed/,
        'the recorded kill came before the shell had set its trap',
      ],
    ],
  },
  {
    name: 's05',
    tolerates: racy,
    races: [
      containerStatus,
      [
        /UPDATE g3[ab] TASK_KILLED .*signal Killed.*signal Terminated/,
        'the recorded kill came before the tasks of the group were launched whole',
      ],
    ],
  },
  { name: 's06', tolerates: racy },
  { name: 's07', tolerates: [...racy, 'offers-of-another-role'] },
  {
    name: 's08',
    tolerates: racy,
    races: [
      [
        /79(69|70) ms calls-1: /,
        'the stream is closed on one connection while the call is on its way on another',
      ],
    ],
  },
  {
    name: 's09',
    // A task of 5 s ends while its agent is away.
    happenings: [[2300, 'let 5000 ms of real time pass']],
    tolerates: [...racy, 'update-repeated'],
  },
  { name: 's10', tolerates: racy },
  {
    name: 's11',
    tolerates: racy,
    races: [[/agents\[\]\.reregistered_time: not there/, 'both recorded agents had come back once']],
  },
  {
    name: 's12',
    // A task of 6 s ends while its master is away.
    happenings: [...agentsNoticeLate(2900, 75_100), [3000, 'let 6000 ms of real time pass']],
    tolerates: [...racy, 'update-repeated'],
  },
  { name: 's13', tolerates: ['further-offers'] },
  { name: 's14', leavesOut: { 'protobuf content type with a JSON body': protobuf } },
  {
    name: 's15',
    tolerates: racy,
    races: [[/UPDATE pv TASK_FINISHED/, 'a task does not see its persistent volume: they are left out']],
  },
  { name: 's16', tolerates: racy },
  { name: 's17', tolerates: [...racy, 'offers-of-another-role'] },
  {
    name: 's18',
    leavesOut: {
      'protobuf request, protobuf events': protobuf,
      'protobuf request, JSON events': protobuf,
      'JSON request, protobuf events': protobuf,
      'protobuf request, no Accept': protobuf,
      'truncated protobuf': protobuf,
    },
  },
  { name: 's19', simulator: { credentials: { fw: 'secret1' } } },
  {
    name: 's20',
    tolerates: racy,
    races: [
      containerStatus,
      [/2541 ms get: .*container_status/, 'which two of the tasks are told: one is of a group'],
    ],
  },
  {
    name: 's21',
    tolerates: racy,
    races: [
      containerStatus,
      [/\.statistics\.(cpus_\w+_time_secs|mem_rss_bytes): not there/, 'processes are not measured'],
      [/2600 ms agent: /, 'the task writes a line each second, and real time was shorter'],
    ],
    leavesOut: {
      'LAUNCH_NESTED_CONTAINER_SESSION inside the group task (non-tty): output streamed as RecordIO of ProcessIO':
        sessions,
      'the same with Accept: application/json': sessions,
      'session with a tty, input attached': sessions,
      'ATTACH_CONTAINER_OUTPUT of a task without io switchboard': sessions,
      'nested container in a command task': sessions,
      'unknown container': sessions,
    },
  },
  {
    name: 's22',
    needsDocker: true,
    happenings: [[11_750, 'docker kill']],
    tolerates: racy,
  },
  { name: 's24', simulator: { offerTimeoutMs: 4000 }, tolerates: racy },
  { name: 's25', tolerates: [...racy, 'update-repeated'] },
  {
    name: 's26',
    agents: ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
    tolerates: [...racy, 'update-repeated'],
    happenings: [
      [11_560, 'SIGKILL agent 3'],
      // A task of 3 s ends while its agent is away.
      [11_600, 'let 3000 ms of real time pass'],
      [20_000, 'start agent 3 again'],
    ],
    leavesOut: {
      'memory limit exceeded': limits,
      'disk quota exceeded': limits,
      'the executor process is killed from outside':
        'its tasks have no executor process that could be killed alone',
    },
  },
  { name: 's27', tolerates: racy },
  {
    name: 'h01',
    agents: ['127.0.0.6'],
    masters: ['127.0.0.3:5050', '127.0.0.4:5050', '127.0.0.5:5050'],
    simulator: { masters: 3, host: '127.0.0.3', registry: 'replicated_log', electionMs: 1e9 },
    happenings: [
      [0, 'master 2 leads'],
      [0, 'start master 1'],
      [1454, 'cut off agent 1'],
      // A task of 6 s ends while there is no master.
      [1500, 'let 6000 ms of real time pass'],
      [11_186, 'master 3 leads'],
      [11_240, 'reach agent 1'],
      [34_400, 'cut off agent 1'],
      [43_640, 'master 1 leads'],
      [44_000, 'reach agent 1'],
    ],
    races: [[/43649 ms poll-3: /, 'the recorded master had not yet read its registry']],
    tolerates: [...racy, 'update-repeated'],
  },
  {
    name: 's90',
    simulator: { registry: 'replicated_log' },
    happenings: agentsNoticeLate(2400, 75_500),
    tolerates: [...racy, 'update-repeated'],
  },
];

/** Transcripts of which nothing is played, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  s23: 'custom executors are left out',
};

/** The lines of a transcript with what happened by itself among them. */
export function withHappenings(lines: readonly TranscriptLine[], plan: Plan): readonly TranscriptLine[] {
  const notes = (plan.happenings ?? []).map(([t, text]) => ({ t, kind: 'note', text }) as const);
  return [...lines, ...notes].toSorted((left, right) => left.t - right.t);
}

/** True for each request, and what came of it, in a section that is left out. */
export function sectionsLeftOut(plan: Plan): (line: TranscriptLine) => boolean {
  let isLeftOut = false;
  return (line) => {
    if (line.kind === 'note' && line.conn === undefined) isLeftOut = line.text in (plan.leavesOut ?? {});
    return isLeftOut && line.kind !== 'open' && line.kind !== 'closed';
  };
}
