import type { WireTaskStatus } from '../wire/index.ts';

/**
 * What a status means. A state alone does not tell: LOST, GONE, DROPPED and ERROR are said of tasks that ran, of
 * tasks that never did, and of tasks that run on.
 */
export type StatusMeaning =
  | 'staging'
  | 'starting'
  | 'running'
  | 'killing'
  /** An end that an executor or agent has seen: FINISHED, FAILED, KILLED, or ERROR with a uuid. */
  | 'end'
  /** The master refused a launch (TASK_ERROR of its own). */
  | 'rejected'
  /** It refused a launch because a task of this Mesos id runs: that one is not meant, though it bears the id. */
  | 'id-taken'
  /** The launch's offers were not valid any more: nothing was sent to an agent. */
  | 'offers-invalid'
  /** It never ran, says the agent or the master. */
  | 'dropped'
  /** The agent left, or was cut off from a framework that doesn't checkpoint. */
  | 'lost'
  | 'unreachable'
  /** Dead for sure, as far as the master knows. */
  | 'gone'
  /** The answer to a question: the master does not know it. */
  | 'unknown'
  /** A state that this client doesn't know. */
  | 'unheard-of';

/** Without PARTITION_AWARE (and sometimes with it) LOST stands for DROPPED, UNREACHABLE, GONE and UNKNOWN. */
function meaningOfLost({ reason, unreachable_time: unreachableTime }: WireTaskStatus): StatusMeaning {
  if (unreachableTime) return 'unreachable';
  if (reason === 'REASON_INVALID_OFFERS') return 'offers-invalid';
  return reason === 'REASON_RECONCILIATION' ? 'unknown' : 'lost';
}

/** Of a group all members are told of the one whose id is taken. */
function meaningOfError({ uuid, message = '', task_id }: WireTaskStatus): StatusMeaning {
  if (uuid !== undefined) return 'end';
  return /duplicate ID: (.+)$/i.exec(message)?.[1] === task_id.value ? 'id-taken' : 'rejected';
}

export function meaningOf(status: WireTaskStatus): StatusMeaning {
  switch (status.state) {
    case 'TASK_STAGING':
      return 'staging';
    case 'TASK_STARTING':
      return 'starting';
    case 'TASK_RUNNING':
      return 'running';
    case 'TASK_KILLING':
      return 'killing';
    case 'TASK_FINISHED':
    case 'TASK_FAILED':
    case 'TASK_KILLED':
      return 'end';
    case 'TASK_ERROR':
      return meaningOfError(status);
    case 'TASK_DROPPED':
      return status.reason === 'REASON_INVALID_OFFERS' ? 'offers-invalid' : 'dropped';
    case 'TASK_LOST':
      return meaningOfLost(status);
    case 'TASK_UNREACHABLE':
      return 'unreachable';
    case 'TASK_GONE':
      // With the agent's id a master calls every task gone that it doesn't know.
      return status.reason === 'REASON_RECONCILIATION' ? 'unknown' : 'gone';
    case 'TASK_GONE_BY_OPERATOR':
      return 'gone';
    case 'TASK_UNKNOWN':
      return 'unknown';
    default:
      return 'unheard-of';
  }
}
