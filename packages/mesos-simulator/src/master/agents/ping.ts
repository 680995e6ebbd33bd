import type { Agent } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { markUnreachable } from './lose-agent.ts';

/** Each interval one ping; the fifth that stays unanswered ends it. A disconnected agent is waited for, too. */
export function ping(master: MasterState, agent: Agent): void {
  const { agentPingTimeoutMs, maxAgentPingTimeouts } = master.options;
  if (agent.missedPings >= maxAgentPingTimeouts) {
    markUnreachable(master, agent);
    return;
  }
  agent.missedPings++;
  master.toAgent(agent, { type: 'ping' });
  master.deadlines.set(`ping:${agent.id}`, master.time.nowMs + agentPingTimeoutMs, { kind: 'ping', agent });
}
