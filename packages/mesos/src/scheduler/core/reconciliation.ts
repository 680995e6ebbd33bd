import type { TaskInQuestion } from '../../reconcile/reconcile-plan.ts';
import type { RequestFailure } from '../core-messages.ts';
import type { CoreParts } from './core-parts.ts';
import type { LiveTask } from './live-task.ts';
import { agentIdOf } from './new-task.ts';

/** After the bound a young master must be asked once more, when its answers count. */
const BEYOND_YOUTH_MS = 60_000;
/** As many tasks as one call about lost launches names. */
const PROBES_PER_CALL = 1000;

/** Asks about everything that was launched; an older run ends here. */
export function beginReconciliation(core: CoreParts): void {
  const { nowMs } = core.moment;
  const { reconcileBoundMs, youngMasterMs } = core.options.limits;
  settleReconciliations(core, { kind: 'superseded' });
  const youthLeftMs = core.masterSinceMs + youngMasterMs - nowMs;
  const boundMs = Math.max(reconcileBoundMs, youthLeftMs > 0 ? youthLeftMs + BEYOND_YOUTH_MS : 0);
  core.plan.begin({ tasks: questions(core), nowMs, boundMs });
}

/** The user wants to know how things stand. */
export function onReconcile(core: CoreParts, request: number): void {
  if (core.standing !== 'open' || !core.outbox.isOpen) {
    const kind = core.standing === 'open' ? 'not-subscribed' : core.standing;
    core.outbox.push({ type: 'reconciled', request, outcome: { kind } });
    return;
  }
  beginReconciliation(core);
  core.reconcileRequests.push(request);
}

/** Sends what is due; begins the periodic run; tells how a run came out. */
export function askDue(core: CoreParts): void {
  if (!core.outbox.isOpen) return;
  const { nowMs } = core.moment;
  if (core.plan.isPeriodDue(nowMs)) beginReconciliation(core);
  const wasRunning = core.plan.isRunning;
  for (const call of core.plan.due(nowMs)) core.outbox.send(call);
  const { result } = core.plan;
  if (wasRunning && !core.plan.isRunning && result) finish(core, result.silent);
  askAboutLaunches(core);
}

/** Who waits for a run that will not end. */
export function settleReconciliations(core: CoreParts, failure: RequestFailure): void {
  for (const request of core.reconcileRequests.splice(0)) {
    core.outbox.push({ type: 'reconciled', request, outcome: failure });
  }
}

function finish(core: CoreParts, silentMesosIds: readonly string[]): void {
  const silent = silentMesosIds.map((id) => core.book.byMesosId(id)?.record.id ?? id);
  if (silent.length > 0) {
    core.outbox.warn('Mesos is silent about tasks: nobody knows whether they run', {
      tasks: silent.slice(0, 100),
    });
  }
  for (const request of core.reconcileRequests.splice(0)) {
    core.outbox.push({ type: 'reconciled', request, outcome: { kind: 'reconciled', silent } });
  }
}

function askAboutLaunches(core: CoreParts): void {
  if (core.probes.size === 0) return;
  const tasks = [...core.probes].map(wireQuestion);
  core.probes.clear();
  for (let at = 0; at < tasks.length; at += PROBES_PER_CALL) {
    core.outbox.send({ type: 'RECONCILE', reconcile: { tasks: tasks.slice(at, at + PROBES_PER_CALL) } });
  }
}

function wireQuestion(task: LiveTask): { task_id: { value: string }; agent_id?: { value: string } } {
  const agentId = agentIdOf(task.record);
  const task_id = { value: task.record.mesosTaskId };
  return agentId === undefined ? { task_id } : { task_id, agent_id: { value: agentId } };
}

function* questions(core: CoreParts): Generator<TaskInQuestion> {
  for (const task of core.book.launched()) {
    if (task.phase === 'storing') continue;
    const agentId = agentIdOf(task.record);
    const { mesosTaskId } = task.record;
    yield agentId === undefined ? { mesosTaskId } : { mesosTaskId, agentId };
  }
}
