import { FieldReader } from './read-event-fields.ts';
import { readLabels, readResource } from './read-event-offers.ts';
import type { TaskState } from './tasks.ts';

/** An object, so that the compiler finds a state that is missing. */
const taskStates: Readonly<Record<TaskState, true>> = {
  TASK_STAGING: true,
  TASK_STARTING: true,
  TASK_RUNNING: true,
  TASK_KILLING: true,
  TASK_FINISHED: true,
  TASK_FAILED: true,
  TASK_KILLED: true,
  TASK_ERROR: true,
  TASK_LOST: true,
  TASK_DROPPED: true,
  TASK_UNREACHABLE: true,
  TASK_GONE: true,
  TASK_GONE_BY_OPERATOR: true,
  TASK_UNKNOWN: true,
};

/** Checks a task status, in place. False: its state is one that this client doesn't know, and could only misread. */
export function readTaskStatus(value: unknown): boolean {
  const status = new FieldReader(value, 'a status');
  status.id('task_id');
  if (!Object.hasOwn(taskStates, status.string('state'))) return false;
  status.optionalStrings('message', 'source', 'reason', 'uuid', 'data');
  status.optionalIds('agent_id', 'executor_id');
  status.optionalNumbers('timestamp');
  status.optionalBoolean('healthy');
  readLabels(status);
  if (status.has('container_status')) readContainerStatus(status);
  if (status.has('unreachable_time')) status.object('unreachable_time', 'a time').number('nanoseconds');
  if (status.has('limitation')) {
    const limitation = status.object('limitation', 'a limitation');
    if (limitation.has('resources')) limitation.filteredList('resources', readResource);
  }
  return true;
}

/** Checks the status of an operation, in place. */
export function readOperationStatus(value: unknown): void {
  const status = new FieldReader(value, "an operation's status");
  status.string('state');
  status.optionalStrings('message');
  status.optionalIds('operation_id', 'uuid', 'agent_id', 'resource_provider_id');
}

function readContainerStatus(status: FieldReader): void {
  const container = status.object('container_status', 'a container status');
  container.optionalNumbers('executor_pid');
  container.optionalIds('container_id');
  if (container.has('network_infos')) container.list('network_infos', readNetworkInfo);
}

function readNetworkInfo(value: unknown): void {
  const network = new FieldReader(value, 'a network info');
  network.optionalStrings('name');
  readLabels(network);
  if (network.has('ip_addresses')) {
    network.list('ip_addresses', (element) =>
      new FieldReader(element, 'an IP address').optionalStrings('protocol', 'ip_address'),
    );
  }
  if (network.has('port_mappings')) {
    network.list('port_mappings', (element) => {
      const mapping = new FieldReader(element, 'a port mapping');
      mapping.number('host_port');
      mapping.number('container_port');
      mapping.optionalStrings('protocol');
    });
  }
}
