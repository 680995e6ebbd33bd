import type { FrameworkCall } from '@vibrissa/mesos/wire';
import { removeFramework } from '../frameworks/leave.ts';
import { subscribe } from '../frameworks/subscribe.ts';
import { updateFramework } from '../frameworks/update-framework.ts';
import type { HttpCall } from '../messages.ts';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { accept } from '../tasks/accept.ts';
import { acknowledge, acknowledgeOperation, reconcileOperations } from '../tasks/acknowledge.ts';
import { kill } from '../tasks/kill.ts';
import { reconcile } from '../tasks/reconcile.ts';
import { answer, answerRefusal, notLeading } from './answer.ts';
import { answerInverseOffers, decline, revive, suppress } from './offer-calls.ts';
import { parseCall } from './parse-call.ts';
import { refuse, type Refusal } from './read-body.ts';

/**
 * One request at the scheduler's path. 202 says that a call was well-formed, and nothing of what comes of it.
 */
export function schedulerCall(master: MasterState, request: number, http: HttpCall): void {
  const elsewhere = notLeading(master, '/master/api/v1/scheduler');
  if (elsewhere !== undefined) return answerRefusal(master, request, elsewhere);
  const parsed = parseCall(http);
  if (parsed.kind === 'refused') return answerRefusal(master, request, parsed);
  const { call } = parsed;
  if (call.type === 'SUBSCRIBE') {
    const refused = subscribe(master, { request, http, call });
    if (refused !== undefined) answerRefusal(master, request, refused);
    return;
  }
  const framework = authorized(master, call, http);
  if ('kind' in framework) return answerRefusal(master, request, framework);
  if (call.type === 'UPDATE_FRAMEWORK') {
    const refused = updateFramework(master, framework, call);
    if (refused === undefined) answer(master, request, { status: 200, text: '' });
    else answerRefusal(master, request, refused);
    return;
  }
  if ((call.type as string) === 'UNKNOWN') return answer(master, request, { status: 501, text: '' });
  answer(master, request, { status: 202, text: '' });
  master.count(`master/messages_${countedAs[call.type] ?? call.type.toLowerCase()}`);
  perform(master, framework, call);
}

/** Metrics still have the names of the messages before the HTTP API. */
const countedAs: Readonly<Record<string, string>> = {
  ACCEPT: 'launch_tasks',
  DECLINE: 'decline_offers',
  REVIVE: 'revive_offers',
  SUPPRESS: 'suppress_offers',
  KILL: 'kill_task',
  ACKNOWLEDGE: 'status_update_acknowledgement',
  RECONCILE: 'reconcile_tasks',
  TEARDOWN: 'unregister_framework',
  MESSAGE: 'framework_to_executor',
  REQUEST: 'resource_request',
  ACKNOWLEDGE_OPERATION_STATUS: 'operation_status_update_acknowledgement',
};

/** The framework whose living subscription the call belongs to. */
function authorized(master: MasterState, call: FrameworkCall, http: HttpCall): Framework | Refusal {
  const framework = master.frameworks.get(call.framework_id.value);
  if (framework === undefined) return refuse(400, 'Framework cannot be found');
  if (http.principal !== undefined && framework.info.principal !== http.principal) {
    const own = framework.info.principal ?? '';
    return refuse(
      400,
      `Authenticated principal '${http.principal}' does not match principal '${own}' set in \`FrameworkInfo\``,
    );
  }
  if (framework.stream === undefined) return refuse(403, 'Framework is not subscribed');
  if (http.streamId === undefined) {
    return refuse(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
  }
  if (http.streamId !== framework.stream.id) {
    return refuse(
      400,
      `The stream ID '${http.streamId}' included in this request didn't match the stream ID currently associated with framework ID ${framework.id}`,
    );
  }
  return framework;
}

function perform(master: MasterState, framework: Framework, call: FrameworkCall): void {
  switch (call.type) {
    case 'TEARDOWN':
      return removeFramework(master, framework);
    case 'ACCEPT':
      return accept(master, framework, call);
    case 'DECLINE':
      return decline(master, framework, call);
    case 'REVIVE':
      return revive(master, framework, call);
    case 'SUPPRESS':
      return suppress(master, framework, call);
    case 'KILL':
      return kill(master, framework, call);
    case 'ACKNOWLEDGE':
      return acknowledge(master, framework, call);
    case 'RECONCILE':
      return reconcile(master, framework, call);
    case 'ACKNOWLEDGE_OPERATION_STATUS':
      return acknowledgeOperation(master, framework, call);
    case 'RECONCILE_OPERATIONS':
      return reconcileOperations(master, framework, call);
    case 'ACCEPT_INVERSE_OFFERS':
    case 'DECLINE_INVERSE_OFFERS':
      return answerInverseOffers(master, framework, call);
    case 'SHUTDOWN':
      return shutdown(master, framework, call.shutdown);
    case 'MESSAGE':
      return message(master, framework, call.message);
    case 'UPDATE_FRAMEWORK':
  }
}

type CallOf<Type extends FrameworkCall['type']> = Extract<FrameworkCall, { type: Type }>;

function shutdown(master: MasterState, framework: Framework, body: CallOf<'SHUTDOWN'>['shutdown']): void {
  const agent = master.agents.get(body.agent_id.value);
  if (agent === undefined) return;
  const executorId = body.executor_id.value;
  master.toAgent(agent, { type: 'shutdown-executor', frameworkId: framework.id, executorId });
}

function message(master: MasterState, framework: Framework, body: CallOf<'MESSAGE'>['message']): void {
  const agent = master.agents.get(body.agent_id.value);
  if (agent === undefined) return;
  const executorId = body.executor_id.value;
  const { data } = body;
  master.toAgent(agent, { type: 'executor-message', frameworkId: framework.id, executorId, data });
}
