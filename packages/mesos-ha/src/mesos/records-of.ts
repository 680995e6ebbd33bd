import type { MasterAgent, MasterTask, MasterTasks, Placement, TaskRecord, TaskState } from '@vibrissa/mesos';

import { plainLabels, readLabels } from './cluster-labels.ts';

const ended: ReadonlySet<TaskState> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

/** The records of a cluster's tasks, made of what their master tells of them: for when nobody has kept them. */
export function recordsOf(
  cluster: string,
  tasks: Pick<MasterTasks, 'pending' | 'tasks' | 'unreachable'>,
  agents: readonly MasterAgent[],
): readonly TaskRecord[] {
  const byId = new Map(agents.map((agent) => [agent.agent_info.id?.value, agent]));
  const records = new Map<string, TaskRecord>();
  for (const task of [...tasks.unreachable, ...tasks.pending, ...tasks.tasks]) {
    const labels = readLabels(task.labels);
    if (labels?.name !== cluster) continue;
    const record = recordOf(task, labels.task ?? task.task_id.value, byId.get(task.agent_id.value));
    // Of two attempts the later one counts; the other is told apart by its Mesos task id, and killed.
    const other = records.get(record.id);
    if (!other || other.attempt < record.attempt) records.set(record.id, record);
  }
  return [...records.values()];
}

function recordOf(task: MasterTask, id: string, agent: MasterAgent | undefined): TaskRecord {
  const { task_id, state, statuses = [] } = task;
  // One whose end is not acknowledged is told again: until then it has not ended.
  const isOver = ended.has(state);
  const { uuid: _, ...last } = statuses.at(-1) ?? { task_id, state };
  return {
    id,
    mesosTaskId: task_id.value,
    attempt: attemptOf(task_id.value, id),
    placement: placementOf(task, agent),
    labels: plainLabels(task.labels),
    ...(isOver ? {} : { state, status: { ...last, task_id, state } }),
    ...(hasRun(task) ? { ran: true } : {}),
  };
}

/** `web.3` is the third of `web`. */
function attemptOf(mesosTaskId: string, id: string): number {
  const number = mesosTaskId.startsWith(`${id}.`) ? Number(mesosTaskId.slice(id.length + 1)) : 1;
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

function hasRun({ state, statuses = [] }: MasterTask): boolean {
  return state === 'TASK_RUNNING' || statuses.some((status) => status.state === 'TASK_RUNNING');
}

function placementOf({ agent_id, resources = [] }: MasterTask, agent: MasterAgent | undefined): Placement {
  const hostPorts = resources.flatMap((resource) =>
    resource.type === 'RANGES' && resource.name === 'ports' ? resource.ranges.range.flatMap(portsOf) : [],
  );
  const { hostname = '', port = 5051 } = agent?.agent_info ?? {};
  return {
    agentId: agent_id.value,
    hostname,
    ...(hostname === '' ? {} : { agentUrl: { scheme: 'http', address: { hostname, port } } }),
    hostPorts,
  };
}

function portsOf({ begin, end }: { readonly begin: number; readonly end: number }): readonly number[] {
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, n) => begin + n);
}
