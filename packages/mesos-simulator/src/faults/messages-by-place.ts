import type { MesosEvent, SessionCall } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { FaultPlace } from './fault.ts';

// As records, so that the compiler asks for a type that is new.
const calls: Readonly<Record<SessionCall['type'] | 'SUBSCRIBE', true>> = {
  SUBSCRIBE: true,
  TEARDOWN: true,
  ACCEPT: true,
  DECLINE: true,
  REVIVE: true,
  SUPPRESS: true,
  KILL: true,
  SHUTDOWN: true,
  ACKNOWLEDGE: true,
  RECONCILE: true,
  MESSAGE: true,
  UPDATE_FRAMEWORK: true,
  ACKNOWLEDGE_OPERATION_STATUS: true,
  RECONCILE_OPERATIONS: true,
  ACCEPT_INVERSE_OFFERS: true,
  DECLINE_INVERSE_OFFERS: true,
};

const events: Readonly<Record<MesosEvent['type'], true>> = {
  SUBSCRIBED: true,
  HEARTBEAT: true,
  OFFERS: true,
  RESCIND: true,
  UPDATE: true,
  UPDATE_OPERATION_STATUS: true,
  INVERSE_OFFERS: true,
  RESCIND_INVERSE_OFFER: true,
  MESSAGE: true,
  FAILURE: true,
  ERROR: true,
};

const toAgent: Readonly<Record<MasterToAgent['type'], true>> = {
  registered: true,
  reregistered: true,
  ping: true,
  'run-task': true,
  'run-task-group': true,
  'kill-task': true,
  acknowledge: true,
  'framework-updated': true,
  'shutdown-framework': true,
  'shutdown-executor': true,
  'executor-message': true,
  drain: true,
  'apply-operation': true,
  'acknowledge-operation': true,
  shutdown: true,
};

const fromAgent: Readonly<Record<AgentToMaster['type'], true>> = {
  register: true,
  reregister: true,
  unregister: true,
  pong: true,
  'status-update': true,
  'executor-exited': true,
  'executor-message': true,
  'operation-status': true,
};

/** What passes each place, by type: what a rule can name. */
export const messagesByPlace: Readonly<Record<FaultPlace, readonly string[]>> = {
  // Nobody sends REQUEST, but masters know it.
  calls: [...Object.keys(calls), 'REQUEST'],
  events: Object.keys(events),
  'to-agent': Object.keys(toAgent),
  'from-agent': Object.keys(fromAgent),
};
