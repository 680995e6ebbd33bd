import type { AgentTask, AgentToMaster } from '../../agent/link.ts';
import { isTerminal } from '../../base/task-states.ts';
import { frameworkInfoOf } from '../frameworks/framework-info.ts';
import { Resources } from '../resources/resources.ts';
import { executorKey } from '../state/agent.ts';
import type { Agent, Framework } from '../state/entities.ts';
import { newFramework } from '../state/framework.ts';
import type { MasterState } from '../state/master-state.ts';
import type { Task } from '../state/task.ts';
import { addTask } from '../tasks/remove-task.ts';

type Reregister = Extract<AgentToMaster, { type: 'reregister' }>;

/**
 * Takes over what an agent runs that this master did not know to be there. Frameworks that it has never heard of are
 * *recovered*: known, but not subscribed. Those that were removed are shut down.
 */
export function addReportedTasks(master: MasterState, agent: Agent, message: Reregister): readonly Task[] {
  const infos = new Map(message.frameworks.map((info) => [info.id?.value ?? '', info]));
  const added: Task[] = [];
  for (const reported of message.tasks) {
    const { frameworkId } = reported;
    const framework = frameworkOf(master, frameworkId, infos.get(frameworkId));
    if (framework === undefined) continue;
    added.push(addReportedTask(master, { agent, framework, reported }));
  }
  for (const frameworkId of infos.keys()) {
    if (master.completedFrameworks.has(frameworkId)) {
      master.toAgent(agent, { type: 'shutdown-framework', frameworkId });
    }
  }
  return added;
}

function frameworkOf(
  master: MasterState,
  frameworkId: string,
  info: Framework['info'] | undefined,
): Framework | undefined {
  const known = master.frameworks.get(frameworkId);
  if (known !== undefined || info === undefined || master.completedFrameworks.has(frameworkId)) return known;
  const framework = newFramework(frameworkId, frameworkInfoOf(info), master.time.epochMs);
  framework.recovered = true;
  master.frameworks.set(frameworkId, framework);
  return framework;
}

function addReportedTask(
  master: MasterState,
  {
    agent,
    framework,
    reported,
  }: { readonly agent: Agent; readonly framework: Framework; readonly reported: AgentTask },
): Task {
  const { info, group, statuses } = reported;
  const role = info.resources[0]?.allocation_info?.role ?? [...framework.roles][0] ?? '*';
  const last = statuses.at(-1);
  const task: Task = {
    id: info.task_id.value,
    frameworkId: framework.id,
    agentId: agent.id,
    role,
    info,
    resources: Resources.of(info.resources),
    ...(group === undefined ? {} : { executorId: group.executor_id.value }),
    state: reported.latestState,
    statuses,
    ...(last?.uuid === undefined ? {} : { forwarded: { state: last.state, uuid: last.uuid } }),
  };
  framework.unreachableTasks.delete(task.id);
  addTask(master, task);
  if (!isTerminal(task.state)) use(master, { agent, framework, role, resources: task.resources });
  if (group === undefined) return task;
  const key = executorKey(framework.id, group.executor_id.value);
  if (!agent.executors.has(key)) {
    const resources = Resources.of(group.resources ?? []);
    agent.executors.set(key, { frameworkId: framework.id, role, info: group, resources });
    framework.executorAgents.add(agent.id);
    use(master, { agent, framework, role, resources });
  }
  return task;
}

function use(
  master: MasterState,
  used: {
    readonly agent: Agent;
    readonly framework: Framework;
    readonly role: string;
    readonly resources: Resources;
  },
): void {
  const { agent, framework, role, resources } = used;
  agent.available = agent.available.subtract(resources);
  master.candidates.resourcesChanged(agent);
  master.shares.allocate(role, framework.id, resources);
}
