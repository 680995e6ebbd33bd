import type { WireId } from '@vibrissa/mesos/wire';
import { isTerminal } from '../../base/task-states.ts';
import { scheduleAllocation } from '../allocator/allocate.ts';
import { markGone, rescindOffers } from '../agents/lose-agent.ts';
import { updateSchedule } from '../agents/maintenance.ts';
import { graceOf } from '../agents/register.ts';
import { removeFramework } from '../frameworks/leave.ts';
import type { MaintenanceWindow } from '../registry.ts';
import type { Agent, Drain } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

const done: Answer = { status: 200, text: '' };

/** Calls that change something. Undefined: no such call. */
export function changeCluster(
  master: MasterState,
  call: { readonly type: string; readonly [body: string]: unknown },
): Answer | undefined {
  switch (call.type) {
    case 'MARK_AGENT_GONE':
      return gone(master, agentIdIn(call['mark_agent_gone']));
    case 'DRAIN_AGENT':
      return drain(master, call['drain_agent'] as DrainBody);
    case 'DEACTIVATE_AGENT':
      return withAgent(master, agentIdIn(call['deactivate_agent']), deactivate);
    case 'REACTIVATE_AGENT':
      return withAgent(master, agentIdIn(call['reactivate_agent']), reactivate);
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      updateSchedule(master, windowsIn(call['update_maintenance_schedule']));
      return done;
    case 'TEARDOWN':
      return tearDown(master, call['teardown'] as { readonly framework_id?: WireId } | undefined);
    default:
      return undefined;
  }
}

function agentIdIn(body: unknown): string {
  return (body as { readonly agent_id?: WireId } | undefined)?.agent_id?.value ?? '';
}

function windowsIn(body: unknown): readonly MaintenanceWindow[] {
  const given = body as { schedule?: { windows?: readonly MaintenanceWindow[] } } | undefined;
  return given?.schedule?.windows ?? [];
}

function withAgent(
  master: MasterState,
  agentId: string,
  change: (master: MasterState, agent: Agent) => void,
): Answer {
  const agent = master.agents.get(agentId);
  if (agent === undefined) return { status: 404, text: 'Agent is not found' };
  change(master, agent);
  return done;
}

function gone(master: MasterState, agentId: string): Answer {
  if (master.registry.gone.has(agentId)) return done;
  const agent = master.agents.get(agentId);
  if (agent !== undefined) {
    markGone(master, agent);
    return done;
  }
  const wasThere = master.registry.unreachable.delete(agentId) || master.recoveredAgents.delete(agentId);
  if (!wasThere) return { status: 404, text: `Agent '${agentId}' not found` };
  master.registry.admitted.delete(agentId);
  master.registry.gone.add(agentId);
  return done;
}

function deactivate(master: MasterState, agent: Agent): void {
  master.registry.deactivated.add(agent.id);
  agent.deactivated = true;
  rescindOffers(master, agent);
}

/** Ends a drain, too. */
function reactivate(master: MasterState, agent: Agent): void {
  master.registry.deactivated.delete(agent.id);
  agent.deactivated = false;
  agent.drain = undefined;
  master.candidates.add(agent);
  scheduleAllocation(master);
}

interface DrainBody extends NonNullable<Drain['config']> {
  readonly agent_id?: WireId;
}

function drain(master: MasterState, body: DrainBody | undefined): Answer {
  return withAgent(master, agentIdIn(body), (_master, agent) => {
    deactivate(master, agent);
    const { agent_id: _id, ...config } = body ?? {};
    agent.drain = { config, state: 'DRAINING', startedMs: master.time.epochMs };
    master.toAgent(agent, { type: 'drain', ...graceOf(agent) });
    const busy = [...agent.tasks.values()].some((tasks) =>
      [...tasks.values()].some(({ state }) => !isTerminal(state)),
    );
    if (busy) return;
    agent.drain.state = 'DRAINED';
    if (config.mark_gone === true) markGone(master, agent);
  });
}

function tearDown(master: MasterState, body: { readonly framework_id?: WireId } | undefined): Answer {
  const framework = master.frameworks.get(body?.framework_id?.value ?? '');
  if (framework === undefined) return { status: 400, text: 'No framework found with specified ID' };
  removeFramework(master, framework);
  return done;
}
