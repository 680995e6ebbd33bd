import type { FrameworkCall, SubscribeCall, WireFrameworkInfo } from '@vibrissa/mesos/wire';
import type { HttpCall } from '../messages.ts';
import { callSchema } from './call-schema.ts';
import { ConversionError, convertMessage } from './message-schema.ts';
import { readBody, refuse, type Refusal } from './read-body.ts';

/** A call whose shape is right. */
export type SchedulerCall = SubscribeCall | FrameworkCall;

export interface Parsed {
  readonly kind: 'parsed';
  readonly call: SchedulerCall;
}

/** From a request to a call, with the statuses and texts of a master for everything that is wrong with it. */
export function parseCall(http: HttpCall): Parsed | Refusal {
  const body = readBody(http);
  if (body.kind === 'refused') return body;
  let call: Record<string, unknown>;
  try {
    call = convertMessage(body.json, callSchema);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return refuse(400, `Failed to convert JSON into Call protobuf: ${error.message}`);
  }
  const wrong = validateCall(call as RawCall, http.principal);
  if (wrong !== undefined) return refuse(400, `Failed to validate scheduler::Call: ${wrong}`);
  return { kind: 'parsed', call: call as unknown as SchedulerCall };
}

interface RawCall {
  readonly type?: string;
  readonly framework_id?: { readonly value: string };
  readonly subscribe?: { readonly framework_info: WireFrameworkInfo };
  readonly update_framework?: { readonly framework_info: WireFrameworkInfo };
  readonly acknowledge?: { readonly uuid: string };
  readonly acknowledge_operation_status?: { readonly uuid: string };
  readonly [body: string]: unknown;
}

/** Types whose body must be there, by its name. */
const bodies: Readonly<Record<string, string>> = {
  SUBSCRIBE: 'subscribe',
  ACCEPT: 'accept',
  DECLINE: 'decline',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  KILL: 'kill',
  SHUTDOWN: 'shutdown',
  ACKNOWLEDGE: 'acknowledge',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  RECONCILE: 'reconcile',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  MESSAGE: 'message',
  REQUEST: 'request',
  UPDATE_FRAMEWORK: 'update_framework',
};

function validateCall(call: RawCall, principal: string | undefined): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  if (call.type === 'SUBSCRIBE') return validateSubscribe(call, principal);
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present";
  const body = bodies[call.type];
  if (body !== undefined && call[body] === undefined) return `Expecting '${body}' to be present`;
  if (call.type === 'UPDATE_FRAMEWORK') {
    const id = call.update_framework?.framework_info.id?.value;
    if (id !== call.framework_id.value) {
      return "'framework_id' differs from 'update_framework.framework_info.id'";
    }
  }
  const acknowledged = call.type === 'ACKNOWLEDGE' ? call.acknowledge : call.acknowledge_operation_status;
  if (call.type.startsWith('ACKNOWLEDGE') && !isUuid(acknowledged?.uuid ?? '')) return 'Not a valid UUID';
  return undefined;
}

function validateSubscribe(call: RawCall, principal: string | undefined): string | undefined {
  const info = call.subscribe?.framework_info;
  if (info === undefined) return "Expecting 'subscribe' to be present";
  if (info.id?.value !== call.framework_id?.value) {
    return "'framework_id' differs from 'subscribe.framework_info.id'";
  }
  if (principal !== undefined && info.principal !== undefined && info.principal !== principal) {
    return `Authenticated principal '${principal}' does not match principal '${info.principal}' set in \`FrameworkInfo\``;
  }
  return undefined;
}

/** 16 bytes of a known version: all zeros are none. */
function isUuid(base64: string): boolean {
  const bytes = Buffer.from(base64, 'base64');
  const version = (bytes[6] ?? 0) >> 4;
  return bytes.length === 16 && version >= 1 && version <= 5;
}
