import type { MasterAgent } from '@vibrissa/mesos';

import type { PoolMemory } from '../commands/start-text.ts';
import type { Config } from '../config/schema.ts';
import { roomOf } from '../containers/mesos/examine-cluster.ts';
import type { MesosConfig } from '../containers/mesos/mesos-config.ts';

/** What the cluster has shown. */
interface Shown {
  readonly mesosConfig: Pick<MesosConfig, 'settings' | 'constraints' | 'blackboxConstraints'>;
  /** Undefined: no master has told them. */
  readonly agents: readonly MasterAgent[] | undefined;
  /** Of the last start that was told. */
  readonly formerMb: number | undefined;
}

/** The rest is for others: a cluster is seldom one platform's alone. */
const SHARE = 0.5;

/**
 * `containerPool.userMemoryMb` of a platform on Mesos. Without the setting it is half of what the agents have for the
 * role, so that two platforms fit side by side, but no less than the largest action may ask for. Pure.
 */
export function poolMemoryOf(
  { containerPool, memory }: Config,
  { agents, formerMb, mesosConfig }: Shown,
): PoolMemory {
  const { isUserMemoryGiven, userMemoryMb } = containerPool;
  if (isUserMemoryGiven) return { userMemoryMb, source: 'setting' };
  if (agents !== undefined && agents.length > 0) {
    const { mostMb } = roomOf(agents, { config: mesosConfig, standardMb: memory.std });
    const shareMb = Math.floor(mostMb * SHARE);
    return shareMb < memory.max
      ? { userMemoryMb: memory.max, source: 'largest action' }
      : { userMemoryMb: shareMb, source: 'agents' };
  }
  return formerMb === undefined
    ? { userMemoryMb, source: 'machine' }
    : { userMemoryMb: formerMb, source: 'last start' };
}
