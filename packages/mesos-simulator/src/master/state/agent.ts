import type { AgentInfo } from '../../agent/agent-info.ts';
import { Resources } from '../resources/resources.ts';
import type { Agent } from './entities.ts';

export function newAgent(id: string, info: AgentInfo, registeredMs: number): Agent {
  const total = Resources.of(info.resources);
  return {
    id,
    info,
    link: undefined,
    total,
    available: total,
    tasks: new Map(),
    executors: new Map(),
    offers: new Set(),
    inverseOffers: new Map(),
    pendingKills: new Map(),
    registeredMs,
    reregisteredMs: undefined,
    missedPings: 0,
    deactivated: false,
    drain: undefined,
    unavailability: undefined,
    inverseAnswers: new Map(),
  };
}

/** As masters print agents in messages. */
export function describeAgent({ id, info }: Agent): string {
  return `${id} at slave(1)@${info.ip}:${info.port} (${info.hostname})`;
}

export function executorKey(frameworkId: string, executorId: string): string {
  return `${frameworkId}/${executorId}`;
}
