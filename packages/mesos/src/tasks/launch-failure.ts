import type { WireTaskStatus } from '../wire/index.ts';
import { describeEnd } from './task-end.ts';
import type { LaunchFailure } from './task-outcome.ts';

/** `docker run` itself failed, for instance because the port is taken. */
const dockerRunFailed = 125;

/** What the Docker and the Mesos containerizer say when they can't get an image: by the words only, no reason tells. */
const pullFailure =
  /\bpull\b|\bpulling\b|\bmanifest\b|docker registry|image provider|failed to perform 'curl'/i;

const fetchFailure = /failed to fetch all uris/i;

/** An agent drops a task whose user it doesn't have: no other launch of it will do better there. */
const noUser = /no such user/i;

const duplicateId = /duplicate id/i;

function rejected(message: string): LaunchFailure {
  const mend = duplicateId.test(message)
    ? 'another task of this framework has the id; give a new one.'
    : 'the master refused the task, and will refuse it again: change it.';
  return { kind: 'invalid-task', reason: message === '' ? mend : `${message}: ${mend}` };
}

/** How a launch has failed whose task ended, or was told dead, before it counted as running. */
export function launchFailureOf(status: WireTaskStatus): LaunchFailure {
  const end = describeEnd(status);
  if (end.kind === 'invalid') return rejected(end.message);
  if (end.kind === 'lost' && noUser.test(end.message)) return { kind: 'container-run-failed', status };
  if (end.kind === 'lost') {
    return { kind: 'lost', state: end.state, reason: end.message };
  }
  if (end.kind === 'not-started') {
    const { message } = end;
    return pullFailure.test(message) && !fetchFailure.test(message)
      ? { kind: 'image-pull-failed', status }
      : { kind: 'container-run-failed', status };
  }
  return end.kind === 'failed' && end.exitStatus === dockerRunFailed
    ? { kind: 'container-run-failed', status }
    : { kind: 'ended-early', status };
}

/**
 * Does the failure of a launch suggest that a port of the agent is taken by somebody who isn't Mesos? Docker exits
 * with 125 then, and with some other mistakes; placing the task elsewhere is right for all of them.
 */
export function suspectsPort(status: WireTaskStatus): boolean {
  const failure = launchFailureOf(status);
  if (failure.kind !== 'container-run-failed') return false;
  const message = status.message ?? '';
  return (
    new RegExp(`status ${dockerRunFailed}\\b`).test(message) ||
    /port is already allocated|address already in use/i.test(message)
  );
}
