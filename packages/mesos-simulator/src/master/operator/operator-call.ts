import { answer, answerJson, answerRefusal, notLeading } from '../call/answer.ts';
import { readBody, refuse } from '../call/read-body.ts';
import type { HttpCall } from '../messages.ts';
import type { MasterState } from '../state/master-state.ts';
import { changeCluster } from './change-cluster.ts';
import { readCluster } from './read-cluster.ts';
import { renderState } from './render-state.ts';

interface OperatorCall {
  readonly type: string;
  readonly [body: string]: unknown;
}

/** Calls of a real master that this one has no part for. */
const leftOut: ReadonlySet<string> = new Set([
  'UPDATE_QUOTA',
  'SET_QUOTA',
  'REMOVE_QUOTA',
  'UPDATE_WEIGHTS',
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUMES',
  'DESTROY_VOLUMES',
  'GROW_VOLUME',
  'SHRINK_VOLUME',
  'START_MAINTENANCE',
  'STOP_MAINTENANCE',
  'SET_LOGGING_LEVEL',
]);

/** One request at `/api/v1`: GET_* are answered by JSON, SUBSCRIBE by a stream, what changes something by an empty 200. */
export function operatorCall(master: MasterState, request: number, http: HttpCall): void {
  const elsewhere = notLeading(master, '/master/api/v1');
  if (elsewhere !== undefined) return answerRefusal(master, request, elsewhere);
  const body = readBody(http);
  if (body.kind === 'refused') return answerRefusal(master, request, body);
  const call = body.json as OperatorCall | null;
  if (typeof call !== 'object' || call === null || Array.isArray(call)) {
    const text = 'Failed to convert JSON into Call protobuf: Expecting a JSON object';
    return answerRefusal(master, request, refuse(400, text));
  }
  if (call.type === 'SUBSCRIBE') return subscribeOperator(master, request);
  const read = readCluster(master, call.type);
  if (read !== undefined) return answerJson(master, request, read);
  if (leftOut.has(call.type)) {
    const text = `The simulator leaves out ${call.type}; its README says what else it can't do.`;
    return answer(master, request, { status: 501, text });
  }
  const changed = changeCluster(master, call);
  if (changed === undefined) {
    const text = "Failed to validate master::Call: Expecting 'type' to be present";
    return answerRefusal(master, request, refuse(400, text));
  }
  answer(master, request, changed);
}

/** The whole state, then what changes. */
function subscribeOperator(master: MasterState, stream: number): void {
  master.emit({ type: 'open-stream', stream, headers: [['Content-Type', 'application/json']] });
  const event = {
    type: 'SUBSCRIBED',
    subscribed: {
      get_state: renderState(master),
      heartbeat_interval_seconds: master.options.heartbeatIntervalMs / 1000,
    },
  };
  master.emit({ type: 'event', stream, event });
  master.operatorStreams.add(stream);
  beatOperator(master, stream);
}

export function beatOperator(master: MasterState, stream: number): void {
  master.emit({ type: 'event', stream, event: { type: 'HEARTBEAT' } });
  const atMs = master.time.nowMs + master.options.heartbeatIntervalMs;
  master.deadlines.set(`operator:${stream}`, atMs, { kind: 'operator-heartbeat', stream });
}
