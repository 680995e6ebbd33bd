import { isSameJson } from '../base/same-json.ts';
import { SharedValues } from '../base/shared-values.ts';
import type { WireContainerStatus, WireTaskStatus } from '../wire/index.ts';
import type { Placement, StoredTaskSpec, TaskRecord } from './task-record.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What many tasks of a framework have in common. */
const specParts = {
  name: new SharedValues(),
  image: new SharedValues(),
  command: new SharedValues(),
  ports: new SharedValues(),
  env: new SharedValues(),
  fetch: new SharedValues(),
  constraints: new SharedValues(),
  healthCheck: new SharedValues(),
  labels: new SharedValues(),
  volumes: new SharedValues(),
} satisfies { readonly [Part in keyof StoredTaskSpec]?: SharedValues };

const roles = new SharedValues();
const states = new SharedValues();
const sources = new SharedValues();
const reasons = new SharedValues();
const agentIds = new SharedValues();
const wireAgentIds = new SharedValues();
const hostnames = new SharedValues();
const agentUrls = new SharedValues();
const hostPorts = new SharedValues();
const networks = new SharedValues();

/** The same spec, with parts that are equal to those of other tasks shared with them. */
export function leanSpec(spec: StoredTaskSpec): StoredTaskSpec {
  const lean: Mutable<StoredTaskSpec> = { ...spec, role: roles.of(spec.role) };
  for (const name of Object.keys(specParts) as (keyof typeof specParts)[]) share(lean, name);
  return lean;
}

/** The same placement; all that it says of the agent is shared with other tasks there. */
export function leanPlacement(placement: Placement): Placement {
  const { agentUrl } = placement;
  return {
    agentId: agentIds.of(placement.agentId),
    hostname: hostnames.of(placement.hostname),
    ...(agentUrl && { agentUrl: agentUrls.of(agentUrl) }),
    hostPorts: hostPorts.of(placement.hostPorts),
  };
}

/** The same status of the task with that Mesos task id. */
export function leanStatus(status: WireTaskStatus, mesosTaskId: string): WireTaskStatus {
  const { agent_id, executor_id, container_status, source, reason } = status;
  const task_id = status.task_id.value === mesosTaskId ? { value: mesosTaskId } : status.task_id;
  return {
    ...status,
    task_id,
    state: states.of(status.state),
    ...(source && { source: sources.of(source) }),
    ...(reason && { reason: reasons.of(reason) }),
    ...(agent_id && { agent_id: wireAgentIds.of(agent_id) }),
    // Executors that Mesos makes for a task have its id.
    ...(executor_id && { executor_id: executor_id.value === mesosTaskId ? task_id : executor_id }),
    ...(container_status && { container_status: leanContainer(container_status) }),
  };
}

/**
 * The same record, in as little memory as can be: some hundred bytes instead of two thousand. `former`: what it
 * replaces, with which it shares what is the same.
 */
export function leanRecord(record: TaskRecord, former?: TaskRecord): TaskRecord {
  const { id, spec, labels, placement, state, status } = record;
  const mesosTaskId = record.mesosTaskId === id ? id : record.mesosTaskId;
  const known = former?.spec;
  return {
    ...record,
    mesosTaskId,
    ...(spec && { spec: known && isSameJson(known, spec) ? known : leanSpec({ ...spec, id }) }),
    ...(labels && { labels: specParts.labels.of(labels) }),
    ...(placement && { placement: leanPlacement(placement) }),
    ...(state && { state: states.of(state) }),
    ...(status && { status: leanStatus(status, mesosTaskId) }),
  };
}

function share<Part extends keyof typeof specParts>(spec: Mutable<StoredTaskSpec>, name: Part): void {
  const part = spec[name];
  if (part !== undefined) spec[name] = specParts[name].of(part);
}

function leanContainer(container: WireContainerStatus): WireContainerStatus {
  const { network_infos } = container;
  return network_infos ? { ...container, network_infos: networks.of(network_infos) } : container;
}
