import { scheduleAllocation } from './allocator/allocate.ts';
import type { MasterAddress } from './messages.ts';
import type { MasterState } from './state/master-state.ts';

/** The election has a result. A master that led and does not any more ends its process, as Mesos's does. */
export function follow(master: MasterState, leader: MasterAddress | undefined): void {
  const { ip, port } = master.options.address;
  const elected = leader !== undefined && leader.ip === ip && leader.port === port;
  master.leader = leader;
  if (master.phase !== 'following') {
    if (!elected) master.emit({ type: 'exit', reason: 'Lost leadership' });
    return;
  }
  if (!elected) return;
  master.phase = 'recovering';
  const { recoveryMs } = master.options;
  if (recoveryMs === 0) finishRecovery(master);
  else master.deadlines.set('recovered', master.time.nowMs + recoveryMs, { kind: 'recovered' });
}

/** The registry has been read: agents in it have some minutes to come back. */
export function finishRecovery(master: MasterState): void {
  master.phase = 'leading';
  master.electedMs = master.time.nowMs;
  master.electedEpochMs = master.time.epochMs;
  for (const agentId of master.registry.admitted.keys()) master.recoveredAgents.add(agentId);
  if (master.recoveredAgents.size > 0) {
    const atMs = master.time.nowMs + master.options.agentReregisterTimeoutMs;
    master.deadlines.set('forget-recovered-agents', atMs, { kind: 'forget-recovered-agents' });
  }
  scheduleAllocation(master);
}

/** Those that did not come back are unreachable. */
export function forgetRecoveredAgents(master: MasterState): void {
  const nanoseconds = Math.round(master.time.epochMs * 1e6);
  for (const agentId of master.recoveredAgents) {
    master.registry.admitted.delete(agentId);
    master.registry.unreachable.set(agentId, nanoseconds);
  }
  master.recoveredAgents.clear();
}
