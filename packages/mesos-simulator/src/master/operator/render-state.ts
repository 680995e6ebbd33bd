import type { WireResource } from '@vibrissa/mesos/wire';
import { CAPABILITIES_OF_AGENTS } from '../../agent/capabilities.ts';
import { isTerminal } from '../../base/task-states.ts';
import { Resources } from '../resources/resources.ts';
import type { Agent, Executor, Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { renderTask } from '../tasks/render-task.ts';
import { allocationsOn, inOldFormat } from './agent-allocations.ts';

/** GET_STATE, and the first record of an operator's event stream. */
export function renderState(master: MasterState): object {
  return {
    get_tasks: renderTasks(master),
    get_executors: renderExecutors(master),
    get_frameworks: renderFrameworks(master),
    get_agents: renderAgents(master),
  };
}

export function renderTasks(master: MasterState): object {
  const frameworks = [...master.frameworks.values(), ...master.completedFrameworks.values()];
  return {
    tasks: frameworks.flatMap(({ tasks }) => [...tasks.values()].map(renderTask)),
    unreachable_tasks: frameworks.flatMap(({ unreachableTasks }) =>
      [...unreachableTasks.values()].map(renderTask),
    ),
    completed_tasks: frameworks.flatMap(({ completedTasks }) =>
      completedTasks.slice(-master.options.maxCompletedTasks).map(renderTask),
    ),
  };
}

export function renderExecutors(master: MasterState): object {
  const executors = [...master.agents.values()].flatMap((agent) =>
    [...agent.executors.values()].map((executor) => ({
      executor_info: {
        ...executor.info,
        resources: withRole(executor.resources, executor.role),
      },
      agent_id: { value: agent.id },
    })),
  );
  return executors.length === 0 ? {} : { executors };
}

export function renderFrameworks(master: MasterState): object {
  return {
    frameworks: [...master.frameworks.values()].map((framework) => renderFramework(master, framework)),
    completed_frameworks: [...master.completedFrameworks.values()].map((framework) =>
      renderFramework(master, framework),
    ),
  };
}

export function renderAgents(master: MasterState): object {
  return {
    agents: [...master.agents.values()].map((agent) => renderAgent(agent)),
    recovered_agents: [...master.recoveredAgents].map((agentId) => ({
      id: { value: agentId },
      hostname: master.registry.admitted.get(agentId)?.hostname,
      port: master.registry.admitted.get(agentId)?.port,
    })),
  };
}

export function renderRoles(master: MasterState): object {
  const members = new Map<string, Framework[]>();
  for (const framework of master.frameworks.values()) {
    for (const role of framework.roles) members.set(role, [...(members.get(role) ?? []), framework]);
  }
  const roles = [...members].map(([name, frameworks]) => ({
    name,
    weight: master.options.weights[name] ?? 1,
    frameworks: frameworks.map(({ id }) => ({ value: id })),
    resources: scalars(
      frameworks.reduce((sum, framework) => {
        const { used, offered } = allocationOf(master, framework, name);
        return sum.add(used).add(offered);
      }, Resources.none),
    ),
  }));
  return roles.length === 0 ? {} : { roles };
}

function renderFramework(master: MasterState, framework: Framework): object {
  const { used, offered } = allocationOf(master, framework);
  const role = [...framework.roles][0] ?? '*';
  const connected = framework.stream !== undefined;
  return {
    framework_info: framework.info,
    active: connected,
    connected,
    recovered: framework.recovered,
    registered_time: time(framework.registeredMs),
    reregistered_time: time(framework.reregisteredMs),
    // Told of completed ones alone, though a framework that may come back has lost its registration, too.
    ...(framework.unregisteredMs === undefined || master.frameworks.has(framework.id)
      ? {}
      : { unregistered_time: time(framework.unregisteredMs) }),
    ...listed(
      'offers',
      [...framework.offers].map(({ wire }) => wire),
    ),
    ...listed(
      'inverse_offers',
      [...framework.inverseOffers].map(({ wire }) => wire),
    ),
    ...listed('allocated_resources', inOldFormat(used, role)),
    ...listed('offered_resources', inOldFormat(offered, role)),
    offer_constraints: framework.offerConstraints ?? {},
  };
}

/** What tasks and executors of a framework use, and what it holds in offers; of one of its roles, or of all. */
export function allocationOf(
  master: MasterState,
  framework: Framework,
  role?: string,
): { readonly used: Resources; readonly offered: Resources } {
  const ours = (of: { readonly role: string }): boolean => role === undefined || of.role === role;
  let used = Resources.none;
  for (const task of framework.tasks.values()) {
    if (ours(task) && !isTerminal(task.state)) used = used.add(task.resources);
  }
  for (const executor of executorsOf(master, framework)) {
    if (ours(executor)) used = used.add(executor.resources);
  }
  let offered = Resources.none;
  for (const offer of framework.offers) if (ours(offer)) offered = offered.add(offer.resources);
  return { used, offered };
}

function executorsOf(master: MasterState, framework: Framework): readonly Executor[] {
  return [...framework.executorAgents]
    .flatMap((agentId) => [...(master.agents.get(agentId)?.executors.values() ?? [])])
    .filter(({ frameworkId }) => frameworkId === framework.id);
}

function renderAgent(agent: Agent): object {
  const { info, drain } = agent;
  const { used, offered } = allocationsOn(agent);
  return {
    agent_info: {
      hostname: info.hostname,
      port: info.port,
      resources: info.resources,
      ...listed('attributes', info.attributes),
      id: { value: agent.id },
      checkpoint: true,
      ...(info.domain === undefined ? {} : { domain: info.domain }),
    },
    active: agent.link !== undefined && !agent.deactivated,
    deactivated: agent.deactivated,
    version: info.version,
    pid: `slave(1)@${info.ip}:${info.port}`,
    registered_time: time(agent.registeredMs),
    ...(agent.reregisteredMs === undefined ? {} : { reregistered_time: time(agent.reregisteredMs) }),
    total_resources: inOldFormat(agent.total, undefined),
    ...listed('allocated_resources', used),
    ...listed('offered_resources', offered),
    capabilities: CAPABILITIES_OF_AGENTS.map((type) => ({ type })),
    ...(drain === undefined
      ? {}
      : {
          drain_info: { state: drain.state, config: drain.config },
          estimated_drain_start_time: time(Math.floor(drain.startedMs / 1000) * 1000),
        }),
  };
}

function withRole(resources: Resources, role: string): readonly WireResource[] {
  return resources.toWire().map((resource) => ({ ...resource, allocation_info: { role } }));
}

function scalars(resources: Resources): readonly WireResource[] {
  return [...resources.scalarsMilli]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, milli]) => ({ name, type: 'SCALAR', scalar: { value: milli / 1000 } }));
}

function time(epochMs: number): { readonly nanoseconds: number } {
  return { nanoseconds: Math.round(epochMs * 1e6) };
}

function listed(name: string, items: readonly unknown[]): object {
  return items.length === 0 ? {} : { [name]: items };
}
