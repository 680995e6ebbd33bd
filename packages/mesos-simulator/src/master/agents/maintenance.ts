import type { WireUnavailability } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../../agent/agent-info.ts';
import { offerAtOnce } from '../frameworks/demand.ts';
import type { MachineId, MaintenanceWindow } from '../registry.ts';
import type { MasterState } from '../state/master-state.ts';
import { rescindOffers } from './lose-agent.ts';

/** The planned absence of the machine that an agent is on. */
export function unavailabilityOf(master: MasterState, info: AgentInfo): WireUnavailability | undefined {
  return master.registry.schedule.find(({ machine_ids: machines }) =>
    machines.some((machine) => isOn(info, machine)),
  )?.unavailability;
}

/**
 * A new schedule: the offers of all machines are rescinded and made anew, those of machines in the schedule with their
 * `unavailability`.
 */
export function updateSchedule(master: MasterState, windows: readonly MaintenanceWindow[]): void {
  master.registry.schedule = windows;
  for (const agent of master.agents.values()) {
    rescindOffers(master, agent);
    agent.unavailability = unavailabilityOf(master, agent.info);
    agent.inverseAnswers.clear();
  }
  for (const framework of master.frameworks.values()) framework.inverseFilters.clear();
  offerAtOnce(master);
}

/** Host names count without case; what a machine id leaves out fits any. */
export function isOn({ hostname, ip }: AgentInfo, machine: MachineId): boolean {
  const sameName =
    machine.hostname === undefined || machine.hostname.toLowerCase() === hostname.toLowerCase();
  return sameName && (machine.ip === undefined || machine.ip === ip);
}
