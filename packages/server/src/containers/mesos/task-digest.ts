import { createHash } from 'node:crypto';

import type { ContainerSpec } from '../container-factory.ts';
import type { MesosConfig } from './mesos-config.ts';
import { taskSpecOf, type TaskNames } from './task-spec-of.ts';

const DIGITS = 16;

/**
 * Tells tasks apart that different settings have made for one container: what they allow it, where they let it run, which
 * files it runs, and where it finds the API. Its id and token, which are each task's own, are left out.
 */
export function taskDigestOf(
  container: ContainerSpec,
  names: Omit<TaskNames, 'id' | 'token'>,
  config: MesosConfig,
): string {
  const spec = taskSpecOf(container, { ...names, id: '', token: '' }, config);
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, DIGITS);
}
