import type { FieldSchema, MessageSchema } from './message-schema.ts';

const text: FieldSchema = { kind: 'string' };
const number: FieldSchema = { kind: 'number' };
const bool: FieldSchema = { kind: 'bool' };
const texts: FieldSchema = { kind: 'string', repeated: true };
const bytes: FieldSchema = { kind: 'bytes', required: true };
const any: FieldSchema = { kind: 'message', message: {} };
const id: FieldSchema = { kind: 'message', message: { value: { kind: 'string', required: true } } };

const required = (field: FieldSchema): FieldSchema => ({ ...field, required: true });
const many = (field: FieldSchema): FieldSchema => ({ ...field, repeated: true });
const message = (schema: MessageSchema): FieldSchema => ({ kind: 'message', message: schema });
const oneOf = (...values: string[]): FieldSchema => ({ kind: 'enum', values });

const capabilities = oneOf(
  'REVOCABLE_RESOURCES',
  'TASK_KILLING_STATE',
  'GPU_RESOURCES',
  'SHARED_RESOURCES',
  'PARTITION_AWARE',
  'MULTI_ROLE',
  'RESERVATION_REFINEMENT',
  'REGION_AWARE',
);

const frameworkInfo = message({
  user: required(text),
  name: required(text),
  id,
  failover_timeout: number,
  checkpoint: bool,
  role: text,
  hostname: text,
  principal: text,
  webui_url: text,
  capabilities: many(message({ type: capabilities })),
  labels: any,
  roles: texts,
  offer_filters: any,
});

const resource = message({
  name: required(text),
  type: required(oneOf('SCALAR', 'RANGES', 'SET')),
  scalar: message({ value: required(number) }),
  ranges: message({ range: many(message({ begin: required(number), end: required(number) })) }),
  set: message({ item: texts }),
  role: text,
});

const taskInfo = message({
  name: required(text),
  task_id: required(id),
  agent_id: required(id),
  resources: many(resource),
});

const executorInfo = message({ executor_id: required(id), framework_id: id, resources: many(resource) });

const operation = message({
  type: oneOf('LAUNCH', 'LAUNCH_GROUP', 'RESERVE', 'UNRESERVE', 'CREATE', 'DESTROY'),
  id,
  launch: message({ task_infos: many(taskInfo) }),
  launch_group: message({
    executor: required(executorInfo),
    task_group: required(message({ tasks: many(taskInfo) })),
  }),
  reserve: message({ resources: many(resource) }),
  unreserve: message({ resources: many(resource) }),
  create: message({ volumes: many(resource) }),
  destroy: message({ volumes: many(resource) }),
});

const filters = message({ refuse_seconds: number });
const roles = message({ roles: texts });

/** The scheduler API's calls. `UNKNOWN` is a type, too: it passes, and nothing can be done with it. */
export const callSchema: MessageSchema = {
  framework_id: id,
  type: oneOf(
    'UNKNOWN',
    'SUBSCRIBE',
    'TEARDOWN',
    'ACCEPT',
    'DECLINE',
    'ACCEPT_INVERSE_OFFERS',
    'DECLINE_INVERSE_OFFERS',
    'REVIVE',
    'KILL',
    'SHUTDOWN',
    'ACKNOWLEDGE',
    'ACKNOWLEDGE_OPERATION_STATUS',
    'RECONCILE',
    'RECONCILE_OPERATIONS',
    'MESSAGE',
    'REQUEST',
    'SUPPRESS',
    'UPDATE_FRAMEWORK',
  ),
  subscribe: message({
    framework_info: required(frameworkInfo),
    force: bool,
    suppressed_roles: texts,
    offer_constraints: any,
  }),
  accept: message({ offer_ids: many(id), operations: many(operation), filters }),
  decline: message({ offer_ids: many(id), filters }),
  accept_inverse_offers: message({ inverse_offer_ids: many(id), filters }),
  decline_inverse_offers: message({ inverse_offer_ids: many(id), filters }),
  revive: roles,
  suppress: roles,
  kill: message({ task_id: required(id), agent_id: id, kill_policy: any }),
  shutdown: message({ executor_id: required(id), agent_id: required(id) }),
  acknowledge: message({ agent_id: required(id), task_id: required(id), uuid: bytes }),
  acknowledge_operation_status: message({
    agent_id: id,
    resource_provider_id: id,
    uuid: bytes,
    operation_id: required(id),
  }),
  reconcile: message({ tasks: many(message({ task_id: required(id), agent_id: id })) }),
  reconcile_operations: message({
    operations: many(message({ operation_id: required(id), agent_id: id, resource_provider_id: id })),
  }),
  message: message({ agent_id: required(id), executor_id: required(id), data: bytes }),
  request: any,
  update_framework: message({
    framework_info: required(frameworkInfo),
    suppressed_roles: texts,
    offer_constraints: any,
  }),
};
