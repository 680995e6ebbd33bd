import type { TaskRecord } from '@vibrissa/mesos';

import type { MesosSettings } from './mesos-config.ts';

/** The address of Mesos's page, where the settings tell one. */
function pageOf({ masterPublicUrl, masterUrl }: MesosSettings): string | undefined {
  const given = masterPublicUrl ?? masterUrl.split(',')[0]?.trim() ?? '';
  return /^https?:\/\//.test(given) ? given.replace(/\/+$/, '') : undefined;
}

/** Where people find the files of a task: on Mesos's page, else their path on the agent. Undefined before it has a place. */
export function sandboxLink(
  record: TaskRecord,
  frameworkId: string | undefined,
  settings: MesosSettings,
): string | undefined {
  const { placement, mesosTaskId, status } = record;
  if (placement === undefined || frameworkId === undefined) return undefined;
  const executor = status?.executor_id?.value ?? mesosTaskId;
  const path = `frameworks/${frameworkId}/executors/${executor}`;
  const page = pageOf(settings);
  if (page === undefined) return `/${path}/runs/latest on ${placement.hostname}`;
  return `${page}/#/agents/${placement.agentId}/${path}`;
}
