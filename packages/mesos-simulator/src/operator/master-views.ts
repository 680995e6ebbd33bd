import type { AgentSnapshot, FrameworkSnapshot, MasterSnapshot, TaskSnapshot } from '../master/snapshot.ts';
import { attributeValues } from './attributes.ts';
import { CAPABILITIES_OF_AGENTS } from '../agent/capabilities.ts';
import { fullReservationFields, quantities, reservationFields, summarize } from './resource-summary.ts';
import { countStates, taskView } from './task-views.ts';
import { versionInfo } from './version-info.ts';

function seconds(ms: number | undefined): number {
  return (ms ?? 0) / 1000;
}

function tasksOf(framework: FrameworkSnapshot): TaskSnapshot[] {
  return [...framework.tasks, ...framework.unreachableTasks, ...framework.completedTasks];
}

function allTasks({ frameworks, completedFrameworks }: MasterSnapshot): TaskSnapshot[] {
  return [...frameworks, ...completedFrameworks].flatMap(tasksOf);
}

function agentView(agent: AgentSnapshot): Record<string, unknown> {
  const { info } = agent;
  return {
    id: agent.id,
    hostname: info.hostname,
    port: info.port,
    attributes: attributeValues(info.attributes),
    ...(info.domain ? { domain: info.domain } : {}),
    pid: `slave(1)@${info.ip}:${info.port}`,
    registered_time: seconds(agent.registeredMs),
    ...(agent.reregisteredMs === undefined ? {} : { reregistered_time: seconds(agent.reregisteredMs) }),
    resources: summarize(agent.total),
    used_resources: summarize(agent.used),
    offered_resources: summarize(agent.offered),
    ...reservationFields(agent.total),
    active: agent.connected && !agent.deactivated,
    deactivated: agent.deactivated,
    version: info.version,
    capabilities: CAPABILITIES_OF_AGENTS,
  };
}

/** The fields that lists and summaries of frameworks have in common. */
function frameworkHead({ id, info, ...framework }: FrameworkSnapshot): Record<string, unknown> {
  return {
    id,
    name: info.name,
    used_resources: summarize(framework.used),
    offered_resources: summarize(framework.offered),
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: framework.connected,
    connected: framework.connected,
    recovered: framework.recovered,
  };
}

/** Of groups; the executors of plain tasks are not told. */
function executors(framework: FrameworkSnapshot): Record<string, unknown>[] {
  const seen = new Map<string, TaskSnapshot>();
  for (const task of framework.tasks) {
    if (task.executorId !== undefined) seen.set(`${task.agentId}/${task.executorId}`, task);
  }
  return [...seen.values()].map(({ executorId, agentId, role, info }) => ({
    executor_id: executorId,
    name: '',
    framework_id: framework.id,
    command: { argv: [], uris: [] },
    resources: summarize(info.executor?.resources),
    role,
    type: 'DEFAULT',
    slave_id: agentId,
  }));
}

function frameworkView(framework: FrameworkSnapshot): Record<string, unknown> {
  const { info } = framework;
  return {
    ...frameworkHead(framework),
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: seconds(framework.registeredMs),
    unregistered_time: seconds(framework.unregisteredMs),
    ...(framework.reregisteredMs === framework.registeredMs
      ? {}
      : { reregistered_time: seconds(framework.reregisteredMs) }),
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    resources: summarize([...framework.used, ...framework.offered]),
    ...(info.roles ? { roles: info.roles } : { role: info.role ?? '*' }),
    tasks: framework.tasks.map(taskView),
    unreachable_tasks: framework.unreachableTasks.map(taskView),
    completed_tasks: framework.completedTasks.map(taskView),
    offers: framework.offers.map((offer) => ({
      id: offer.id.value,
      framework_id: offer.framework_id.value,
      allocation_info: offer.allocation_info ?? {},
      slave_id: offer.agent_id.value,
      resources: summarize(offer.resources),
    })),
    executors: executors(framework),
    ...(info.labels ? { labels: info.labels.labels } : {}),
    offer_constraints: {},
  };
}

/** `wanted`: the id of one framework. */
export function frameworksView(snapshot: MasterSnapshot, wanted?: string | null): Record<string, unknown> {
  const isWanted = ({ id }: FrameworkSnapshot) => !wanted || id === wanted;
  return {
    frameworks: snapshot.frameworks.filter(isWanted).map(frameworkView),
    completed_frameworks: snapshot.completedFrameworks.filter(isWanted).map(frameworkView),
    unregistered_frameworks: [],
  };
}

function recovered({ recoveredAgentIds }: MasterSnapshot): unknown[] {
  return recoveredAgentIds.map((id) => ({ id }));
}

export function stateView(snapshot: MasterSnapshot): Record<string, unknown> {
  const { info, agents, cluster } = snapshot;
  const { frameworks, completed_frameworks } = frameworksView(snapshot);
  const isActive = (agent: AgentSnapshot) => agent.connected && !agent.deactivated;
  return {
    ...versionInfo(info.version ?? ''),
    start_time: seconds(snapshot.startMs),
    ...(snapshot.electedMs === undefined ? {} : { elected_time: seconds(snapshot.electedMs) }),
    id: info.id,
    pid: info.pid,
    hostname: info.hostname,
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    activated_slaves: agents.filter(isActive).length,
    deactivated_slaves: agents.filter((agent) => !isActive(agent)).length,
    unreachable_slaves: snapshot.unreachableAgentIds.length,
    leader: info.pid,
    leader_info: { id: info.id, pid: info.pid, port: info.port, hostname: info.hostname },
    ...(cluster === undefined ? {} : { cluster }),
    flags: snapshot.flags,
    slaves: agents.map(agentView),
    recovered_slaves: recovered(snapshot),
    frameworks,
    completed_frameworks,
    orphan_tasks: [],
    unregistered_frameworks: [],
  };
}

/** `wanted`: the id of one agent. */
export function slavesView(snapshot: MasterSnapshot, wanted?: string | null): Record<string, unknown> {
  return {
    slaves: snapshot.agents
      .filter(({ id }) => !wanted || id === wanted)
      .map((agent) => ({
        ...agentView(agent),
        ...fullReservationFields(agent.total),
        used_resources_full: agent.used,
        offered_resources_full: agent.offered,
      })),
    recovered_slaves: recovered(snapshot),
  };
}

export interface TaskPage {
  readonly limit: number;
  readonly offset: number;
  readonly ascending: boolean;
  readonly frameworkId?: string;
  readonly taskId?: string;
}

/** The latest first, unless asked otherwise. */
export function tasksView(snapshot: MasterSnapshot, page: TaskPage): Record<string, unknown> {
  const startOf = (task: TaskSnapshot) => task.statuses[0]?.timestamp ?? 0;
  const sign = page.ascending ? 1 : -1;
  const found = allTasks(snapshot)
    .filter((task) => page.frameworkId === undefined || task.frameworkId === page.frameworkId)
    .filter((task) => page.taskId === undefined || task.id === page.taskId)
    .toSorted((a, b) => sign * (startOf(a) - startOf(b)));
  return { tasks: found.slice(page.offset, page.offset + page.limit).map(taskView) };
}

export function summaryView(snapshot: MasterSnapshot): Record<string, unknown> {
  const { cluster, info, agents, frameworks } = snapshot;
  const tasks = allTasks(snapshot);
  return {
    hostname: info.hostname,
    ...(cluster === undefined ? {} : { cluster }),
    slaves: agents.map((agent) => {
      const mine = tasks.filter((task) => task.agentId === agent.id);
      const frameworkIds = [...new Set(mine.map((task) => task.frameworkId))];
      return { ...agentView(agent), ...countStates(mine), framework_ids: frameworkIds };
    }),
    frameworks: frameworks.map((framework) => {
      const mine = tasksOf(framework);
      const agentIds = [...new Set(mine.map((task) => task.agentId))];
      return { ...frameworkHead(framework), ...countStates(mine), slave_ids: agentIds };
    }),
  };
}

/** Those that frameworks have. */
export function rolesView({ frameworks, weights }: MasterSnapshot): Record<string, unknown> {
  const names = [...new Set(frameworks.flatMap(({ roles }) => roles))].toSorted();
  return {
    roles: names.map((name) => {
      const mine = frameworks.filter(({ roles }) => roles.includes(name));
      const ofRole = (pick: (framework: FrameworkSnapshot) => FrameworkSnapshot['used']) =>
        quantities(
          mine.flatMap(pick).filter((resource) => (resource.allocation_info?.role ?? name) === name),
        );
      const allocated = ofRole(({ used }) => used);
      const { ports: _ports, ...consumed } = allocated;
      return {
        name,
        weight: weights[name] ?? 1,
        quota: { role: name, guarantee: {}, limit: {}, consumed },
        resources: ofRole(({ used, offered }) => [...used, ...offered]),
        allocated,
        offered: ofRole(({ offered }) => offered),
        reserved: {},
        frameworks: mine.map(({ id }) => id),
      };
    }),
  };
}
