import type { AnyMesosError, WireTaskStatus } from '@vibrissa/mesos';

import { ContainerStartError } from '../container-factory.ts';
import { isMesosError, sentence } from './error-words.ts';
import type { TaskKind } from './task-kind.ts';

/** What is known of a start that has failed, beside its error. */
export interface FailedStart {
  readonly kind: TaskKind;
  /** Hostname, where it was placed. */
  readonly agent: string | undefined;
  /** The last line of the task's standard error. */
  readonly lastWords: string | undefined;
}

/** What Mesos said of it, and what the task itself did: the latter says more where there is both. */
function why(status: WireTaskStatus, lastWords: string | undefined): string {
  const said = (status.message ?? status.reason ?? status.state).trim();
  return sentence(lastWords === undefined ? said : `${lastWords} (Mesos: ${said.replace(/\.$/, '')})`);
}

function platform(told: string, cause: unknown): ContainerStartError {
  return new ContainerStartError('platform', told, { told, cause });
}

function on(agent: string | undefined): string {
  return agent === undefined ? '' : ` on ${agent}`;
}

/** The Mesos containerizer has many words for an image that can't be had, and no reason of its own. */
const aboutImage = /\b(?:image|manifest|registry)\b/i;

function pullFailed(
  error: AnyMesosError & { code: 'IMAGE_PULL_FAILED' | 'CONTAINER_RUN_FAILED' },
  { kind }: FailedStart,
) {
  const image = kind.type === 'command' ? '' : kind.image;
  const text = `Failed to pull container image '${image}'.`;
  const told = `${text} Mesos says: ${sentence(error.status.message ?? 'nothing')}`;
  if (kind.type !== 'command' && kind.isUsers)
    return new ContainerStartError('developer', told, { cause: error });
  return platform(told, error);
}

/** Its container ended, or was never made. */
function ended(status: WireTaskStatus, { agent, kind, lastWords }: FailedStart, cause: unknown) {
  const reason = why(status, lastWords);
  if (kind.type !== 'command' && kind.isUsers && /status \d+|signal/.test(status.message ?? '')) {
    const told = `The container of image '${kind.image}' ended before it took connections: ${reason}`;
    return new ContainerStartError('developer', told, { cause });
  }
  return platform(`Its container could not be started${on(agent)}: ${reason}`, cause);
}

/** The error that the invoker is told, for any failure of a launch. `fault` and texts are for the activation's record. */
export function startErrorOf(error: unknown, failed: FailedStart): ContainerStartError {
  if (error instanceof ContainerStartError) return error;
  if (!isMesosError(error)) return new ContainerStartError('platform', String(error), { cause: error });
  switch (error.code) {
    case 'IMAGE_PULL_FAILED':
      return pullFailed(error, failed);
    case 'CONTAINER_RUN_FAILED':
      if (failed.kind.type === 'ucr' && aboutImage.test(error.status.message ?? ''))
        return pullFailed(error, failed);
      // Options, networks and ports are the operator's, whoever has named the image.
      return platform(
        `Its container could not be started${on(failed.agent)}: ${why(error.status, failed.lastWords)}`,
        error,
      );
    case 'TASK_ENDED':
      return ended(error.status, failed, error);
    case 'TASK_LOST':
      return platform(
        `Its container was lost while it started (${error.state}): ${sentence(error.reason)}`,
        error,
      );
    case 'INVALID_TASK':
      return platform(`Mesos refuses its container: ${sentence(error.message)}`, error);
    default:
      return new ContainerStartError('platform', error.message, { cause: error });
  }
}
