import type { CoreEffect, CoreInput } from '@vibrissa/mesos';
import type { MesosEvent, SessionCall, WireTaskStatus } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../../src/agent/link.ts';
import { launchedBy } from './ledger.ts';

/** What happened, a line each, to be read by people. Only written when a seed is replayed. */
export class Trace {
  readonly lines: string[] = [];

  say(nowMs: number, text: string): void {
    this.lines.push(`${(nowMs / 1000).toFixed(3).padStart(9)} ${text}`);
  }

  input(nowMs: number, input: CoreInput): void {
    const text = describeInput(input);
    if (text !== undefined) this.say(nowMs, `client < ${text}`);
  }

  effect(nowMs: number, effect: CoreEffect): void {
    this.say(nowMs, `client > ${describeEffect(effect)}`);
  }

  fromAgent(nowMs: number, agent: number, message: AgentToMaster): void {
    const text = describeLink(message);
    if (text !== undefined) this.say(nowMs, `  agent ${agent} > ${text}`);
  }

  toAgent(nowMs: number, agent: number, message: MasterToAgent): void {
    const text = describeLink(message);
    if (text !== undefined) this.say(nowMs, `  agent ${agent} < ${text}`);
  }
}

function describeLink(message: AgentToMaster | MasterToAgent): string | undefined {
  switch (message.type) {
    case 'ping':
    case 'pong':
      return undefined;
    case 'status-update':
      return `status-update ${describeStatus(message.status)}`;
    case 'reregister':
      return `reregister ${message.agentId} with ${message.tasks
        .map(({ info, latestState }) => `${info.task_id.value}:${latestState}`)
        .join(' ')}`;
    case 'reregistered':
      return `reregistered, unknown: ${message.unknownTasks.map(({ taskId }) => taskId).join(' ')}`;
    case 'run-task':
      return `run-task ${message.task.task_id.value}`;
    case 'run-task-group':
      return `run-task-group ${message.tasks.map(({ task_id }) => task_id.value).join(' ')}`;
    case 'kill-task':
      return `kill-task ${message.taskId}`;
    case 'acknowledge':
      return `acknowledge ${message.taskId} ${message.uuid.slice(0, 6)}`;
    default:
      return message.type;
  }
}

function describeInput(input: CoreInput): string | undefined {
  switch (input.type) {
    case 'alive':
    case 'tick':
      return undefined;
    case 'start':
      return `start with ${input.stored.frameworkId ?? 'no id'}: ${input.stored.tasks
        .map((record) => `${record.mesosTaskId}:${record.state ?? '?'}${record.unwanted ? '!' : ''}`)
        .join(' ')}`;
    case 'submit':
      return `submit ${input.task.id} ${JSON.stringify(input.task.labels ?? {})}`;
    case 'submit-all':
      return `submit-all ${input.tasks.map(({ id }) => id).join(' ')}`;
    case 'submit-group':
      return `submit-group ${input.group.id}`;
    case 'delete':
      return `delete ${input.taskId} (request ${input.request})`;
    case 'event':
      return input.event.type === 'HEARTBEAT'
        ? undefined
        : `[${input.connection}] ${describeEvent(input.event)}`;
    case 'ended':
      return `[${input.connection}] ended ${JSON.stringify(input.end, (_key, value: unknown) => (value instanceof Error ? value.message : value))}`;
    case 'answered': {
      const { callId, status, text } = input.answer;
      return status === 202 ? undefined : `[${input.connection}] answered call ${callId}: ${status} ${text}`;
    }
    case 'persisted':
      return `persisted ${input.write}${input.error ? `: ${input.error.message}` : ''}`;
    case 'handled':
      return `handled ${input.update}${input.error ? `: ${input.error.message}` : ''}`;
    default:
      return JSON.stringify(input);
  }
}

function describeEvent(event: MesosEvent): string {
  switch (event.type) {
    case 'OFFERS':
      return `OFFERS ${event.offers.offers.map(({ id }) => short(id.value)).join(' ')}`;
    case 'RESCIND':
      return `RESCIND ${short(event.rescind.offer_id.value)}`;
    case 'UPDATE':
      return `UPDATE ${describeStatus(event.update.status)}`;
    case 'SUBSCRIBED':
      return `SUBSCRIBED ${event.subscribed.framework_id.value}`;
    default:
      return JSON.stringify(event);
  }
}

function describeEffect(effect: CoreEffect): string {
  switch (effect.type) {
    case 'connect':
      return `[${effect.connection}] SUBSCRIBE to ${effect.master} as ${effect.call.framework_id?.value ?? 'new'}`;
    case 'send':
      return `[${effect.connection}] call ${effect.callId} ${describeCall(effect.call)}`;
    case 'persist': {
      const { frameworkId, put = [], remove = [] } = effect.change;
      const puts = put.map(
        (record) => `${record.mesosTaskId}:${record.state ?? '?'}${record.unwanted ? '!' : ''}`,
      );
      return `persist ${effect.write}: ${[frameworkId ?? '', ...puts, ...remove.map((id) => `-${id}`)].join(' ')}`;
    }
    case 'task-update':
      return `task-update ${effect.update} ${effect.told.taskId}: ${describeStatus(effect.told.status)}`;
    case 'task-running':
      return `task-running ${effect.record.mesosTaskId}`;
    case 'launch-failed':
      return `launch-failed ${effect.taskId}: ${effect.failure.kind}`;
    case 'task-ended':
      return `task-ended ${effect.record.mesosTaskId}: ${effect.status.state}`;
    case 'deleted':
      return `deleted (request ${effect.request}): ${effect.outcome.kind}`;
    case 'notice':
      return `notice ${JSON.stringify(effect.notice).slice(0, 200)}`;
    default:
      return JSON.stringify(effect).slice(0, 200);
  }
}

function describeCall(call: SessionCall): string {
  switch (call.type) {
    case 'ACCEPT':
      return `ACCEPT ${call.accept.offer_ids.map(({ value }) => short(value)).join(' ')}: ${call.accept.operations
        .flatMap(launchedBy)
        .map(({ task_id }) => task_id.value)
        .join(' ')}`;
    case 'DECLINE':
      return `DECLINE ${call.decline.offer_ids.map(({ value }) => short(value)).join(' ')} ${call.decline.filters?.refuse_seconds ?? ''}`;
    case 'KILL':
      return `KILL ${call.kill.task_id.value}`;
    case 'ACKNOWLEDGE':
      return `ACKNOWLEDGE ${call.acknowledge.task_id.value} ${call.acknowledge.uuid.slice(0, 6)}`;
    case 'RECONCILE':
      return `RECONCILE ${call.reconcile.tasks.map(({ task_id }) => task_id.value).join(' ')}`;
    default:
      return JSON.stringify(call);
  }
}

function describeStatus({ task_id, state, source, reason, uuid, message }: WireTaskStatus): string {
  return [task_id.value, state, source, reason, uuid?.slice(0, 6), message].filter(Boolean).join(' ');
}

/** Offer ids share a long beginning. */
function short(offerId: string): string {
  return offerId.slice(offerId.lastIndexOf('-') + 1);
}
