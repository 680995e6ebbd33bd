import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { FaultSubject } from '../faults/fault-rules.ts';

/** A message on its way, as rules and a test's own choice of faults see it. */
export type VirtualMessage = Omit<FaultSubject, 'on'> &
  (
    | { readonly on: 'calls'; readonly client: string; readonly message: FrameworkCall | SubscribeCall }
    | { readonly on: 'events'; readonly client: string; readonly message: MesosEvent }
    | { readonly on: 'to-agent'; readonly agent: number; readonly message: MasterToAgent }
    | { readonly on: 'from-agent'; readonly agent: number; readonly message: AgentToMaster }
  );
