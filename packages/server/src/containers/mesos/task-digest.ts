import { createHash } from 'node:crypto';

import type { TaskSpec } from '@vibrissa/mesos';

import type { ContainerSpec } from '../container-factory.ts';
import type { MesosConfig } from './mesos-config.ts';
import { taskSpecOf, TOKEN_VARIABLE, type TaskNames } from './task-spec-of.ts';

const DIGITS = 16;

/** Of a task that {@link taskSpecOf} has made: the same as that of any other one for this container. */
export function digestOfTask(spec: TaskSpec): string {
  // What is each task's own is blank, and everything in its place.
  const shared = { ...spec, id: '', env: { ...spec.env, [TOKEN_VARIABLE]: '' } };
  return createHash('sha256').update(JSON.stringify(shared)).digest('hex').slice(0, DIGITS);
}

/**
 * Tells tasks apart that different settings have made for one container: what they allow it, where they let it run, which
 * files it runs, and where it finds the API. Its id and token, which are each task's own, are left out.
 */
export function taskDigestOf(
  container: ContainerSpec,
  names: Omit<TaskNames, 'id' | 'token'>,
  config: MesosConfig,
): string {
  return digestOfTask(taskSpecOf(container, { ...names, id: '', token: '' }, config));
}
