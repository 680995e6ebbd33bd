import type { WireTaskStatus } from '../wire/index.ts';
import { mergeStatus, tellsNothingNew } from './merge-status.ts';
import { meaningOf, type StatusMeaning } from './status-meaning.ts';
import { describeEnd, type TaskEnd } from './task-end.ts';
import { phaseOf, type TaskPhase } from './task-phase.ts';
import type { TaskRecord } from './task-record.ts';

type WhyNeverRan = 'offers-invalid' | 'dropped' | 'unknown' | 'id-taken';

/** What a status has changed. Exactly one of a task's changes is its first run. */
export type TaskChange =
  /** Nothing: it was known, or comes late. */
  | { readonly kind: 'duplicate' }
  /** It is not about this instance: the master refused to launch a second one of a task that runs. */
  | { readonly kind: 'not-its-death' }
  /** The master doesn't know it, but need not: it is young, or was asked without the agent's id. Ask again, with it. */
  | { readonly kind: 'unconfirmed' }
  /** On its way, or being killed; or something about a running task has changed. */
  | { readonly kind: 'progress' }
  /** It runs, and is healthy where that is checked, for the first time. */
  | { readonly kind: 'running' }
  | { readonly kind: 'health'; readonly healthy: boolean }
  /** Its agent can't be reached. It may run on. A kill is lost now. */
  | { readonly kind: 'unreachable' }
  /** Its agent is back, and it lives. A kill that was lost must be repeated. */
  | { readonly kind: 'returned'; readonly firstRun: boolean }
  /** It was told dead, and lives. */
  | { readonly kind: 'resurrected'; readonly firstRun: boolean }
  /** The launch came to nothing, so it can be repeated under a new id; save `id-taken`: another task has it, and runs. */
  | { readonly kind: 'never-ran'; readonly why: WhyNeverRan }
  | { readonly kind: 'ended'; readonly end: TaskEnd }
  /** It was told dead before, and now its real end is known: nobody need be told again. */
  | { readonly kind: 'end-confirmed' };

export interface StatusContext {
  /** The master was elected or restarted a short while ago: agents may not have come back to it. */
  readonly masterIsYoung: boolean;
  /** The attempt has not been told ended: when it turns out never to have run, it may be repeated under another id. */
  readonly launching: boolean;
}

/** What a status does in a phase. */
type Move =
  | 'same'
  | 'progress'
  | 'run'
  | 'end'
  | 'never-ran'
  | 'unreachable'
  | 'return'
  | 'resurrect'
  | 'confirm'
  | 'foreign';

type Row = Readonly<Record<StatusMeaning, Move>>;

/** Of a task that an executor has taken over: a refusal is another launch's, a drop is a death. */
const alive = {
  end: 'end',
  rejected: 'foreign',
  'id-taken': 'foreign',
  'offers-invalid': 'foreign',
  dropped: 'end',
  lost: 'end',
  unreachable: 'unreachable',
  gone: 'end',
  unknown: 'end',
  'unheard-of': 'same',
} as const;

/** Of a task of which no executor has spoken: what says that it isn't there says that it never ran. */
const unborn = {
  ...alive,
  starting: 'progress',
  running: 'run',
  killing: 'progress',
  rejected: 'end',
  'id-taken': 'never-ran',
  'offers-invalid': 'never-ran',
  dropped: 'never-ran',
  unknown: 'never-ran',
} as const;

const dead = {
  staging: 'same',
  starting: 'same',
  running: 'same',
  killing: 'same',
  end: 'same',
  rejected: 'same',
  'id-taken': 'same',
  'offers-invalid': 'same',
  dropped: 'same',
  lost: 'same',
  unreachable: 'same',
  gone: 'same',
  unknown: 'same',
  'unheard-of': 'same',
} as const;

const moves: Readonly<Record<TaskPhase, Row>> = {
  launched: { ...unborn, staging: 'progress' },
  staging: { ...unborn, staging: 'same' },
  starting: { ...alive, staging: 'same', starting: 'same', running: 'run', killing: 'progress' },
  running: { ...alive, staging: 'same', starting: 'same', running: 'run', killing: 'progress' },
  killing: { ...alive, staging: 'same', starting: 'same', running: 'same', killing: 'same' },
  unreachable: {
    ...alive,
    staging: 'return',
    starting: 'return',
    running: 'return',
    killing: 'return',
    unreachable: 'same',
  },
  away: {
    ...dead,
    staging: 'resurrect',
    starting: 'resurrect',
    running: 'resurrect',
    killing: 'resurrect',
    end: 'confirm',
  },
  over: dead,
};

interface Applied {
  readonly record: TaskRecord;
  readonly change: TaskChange;
}

/** Running, and healthy where a health check says when it is. */
function runs(record: TaskRecord, status: WireTaskStatus): boolean {
  return (
    status.state === 'TASK_RUNNING' && (record.spec?.healthCheck === undefined || status.healthy === true)
  );
}

/** What a repeated or first RUNNING says. */
function runningChange(before: TaskRecord, merged: WireTaskStatus): TaskChange {
  if (!before.ran && runs(before, merged)) return { kind: 'running' };
  const wasHealthy = before.state === 'TASK_RUNNING' ? before.status?.healthy : undefined;
  return merged.healthy !== undefined && merged.healthy !== wasHealthy
    ? { kind: 'health', healthy: merged.healthy }
    : { kind: 'progress' };
}

/** Asked without an agent's id, a master calls tasks of unreachable agents unknown. */
function wasAskedWithoutAgent({ placement, status: before }: TaskRecord, status: WireTaskStatus): boolean {
  return !status.agent_id && (placement !== undefined || before?.agent_id !== undefined);
}

function neverRan(meaning: StatusMeaning): TaskChange {
  const isSpecial = meaning === 'offers-invalid' || meaning === 'dropped' || meaning === 'id-taken';
  return { kind: 'never-ran', why: isSpecial ? meaning : 'unknown' };
}

function changeOf(
  move: Exclude<Move, 'same' | 'foreign'>,
  before: TaskRecord,
  status: WireTaskStatus,
): TaskChange {
  const firstRun = !before.ran && runs(before, status);
  switch (move) {
    case 'progress':
      return { kind: 'progress' };
    case 'run':
      return runningChange(before, status);
    case 'end':
      return { kind: 'ended', end: describeEnd(status) };
    case 'never-ran':
      return neverRan(meaningOf(status));
    case 'unreachable':
      return { kind: 'unreachable' };
    case 'return':
      return { kind: 'returned', firstRun };
    case 'resurrect':
      return { kind: 'resurrected', firstRun };
    case 'confirm':
      return { kind: 'end-confirmed' };
  }
}

/**
 * Applies a status to what is known of its task. Pure, total and idempotent: the same status again changes nothing
 * (an unconfirmed one stays so). Updates come at least once, answers to reconciliations at any time, and two sources
 * (master and agent) speak out of step; the tables above say what each means where.
 */
export function applyStatus(record: TaskRecord, status: WireTaskStatus, context: StatusContext): Applied {
  if (status.uuid !== undefined && status.uuid === record.status?.uuid) {
    return { record, change: { kind: 'duplicate' } };
  }
  const meaning = meaningOf(status);
  const planned = moves[phaseOf(record)][meaning];
  if (planned === 'same') return { record, change: { kind: 'duplicate' } };
  if (planned === 'foreign') return { record, change: { kind: 'not-its-death' } };
  if (meaning === 'unknown' && (context.masterIsYoung || wasAskedWithoutAgent(record, status))) {
    return { record, change: { kind: 'unconfirmed' } };
  }
  const move = planned === 'never-ran' && !context.launching ? 'end' : planned;
  const over = move === 'end' || move === 'never-ran' || move === 'confirm';
  if (move === 'run' && record.state === 'TASK_RUNNING' && tellsNothingNew(record, status)) {
    return { record, change: { kind: 'duplicate' } };
  }
  const merged = mergeStatus(record, status, over);
  const ran = record.ran === true || runs(record, merged);
  const after: TaskRecord = { ...record, state: merged.state, status: merged, ...(ran && { ran }) };
  return { record: after, change: changeOf(move, record, over ? status : merged) };
}
