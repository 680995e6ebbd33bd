import type { WireTaskStatus } from '../wire/index.ts';
import type { TaskRecord } from './task-record.ts';
import { meaningOf, type StatusMeaning } from './status-meaning.ts';

/** Where a launched task is in its life, as its record tells. */
export type TaskPhase =
  /** The ACCEPT was sent, or was to be sent: nothing was heard. */
  | 'launched'
  | 'staging'
  | 'starting'
  | 'running'
  | 'killing'
  | 'unreachable'
  /** Told dead by somebody who can't know for sure: it comes back, sometimes. */
  | 'away'
  /** It has ended, as an executor or agent saw. */
  | 'over';

const phaseAfter: Readonly<Record<StatusMeaning, TaskPhase>> = {
  staging: 'staging',
  starting: 'starting',
  running: 'running',
  killing: 'killing',
  end: 'over',
  rejected: 'away',
  'id-taken': 'away',
  'offers-invalid': 'away',
  dropped: 'away',
  lost: 'away',
  unreachable: 'unreachable',
  gone: 'away',
  unknown: 'away',
  'unheard-of': 'launched',
};

/** It says that its task is no more, or never was. */
export function tellsAnEnd(status: WireTaskStatus): boolean {
  const phase = phaseAfter[meaningOf(status)];
  return phase === 'over' || phase === 'away';
}

export function phaseOf({ state, status }: TaskRecord): TaskPhase {
  if (state === undefined) return 'launched';
  return phaseAfter[meaningOf(status ?? { task_id: { value: '' }, state })];
}
