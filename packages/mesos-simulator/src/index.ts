export type { Fault, FaultPlace, FaultRule, GivenFault, GivenFaultRule } from './faults/fault.ts';
export type { ClusterControl, OperatorAnswer } from './faults/cluster-control.ts';
export type { DrainOptions, MaintenanceWindow } from './faults/operator-orders.ts';
export type { ActiveRule } from './faults/fault-rules.ts';
export { InvalidFault } from './faults/parse-fault-rule.ts';
export { MarathonError, type Marathon } from './marathon/marathon.ts';
export type {
  MarathonApp,
  MarathonAppDefinition,
  MarathonDeployment,
  MarathonTask,
} from './marathon/marathon-json.ts';
export type { MarathonOptions } from './marathon/marathon-options.ts';
export type { MarathonOutage } from './marathon/outage.ts';
export { InvalidNotation } from './simulator/agent-settings.ts';
export { InvalidOption } from './simulator/check-options.ts';
export { ControlError, type SimulatorControl, type SimulatorStatus } from './simulator/control.ts';
export type { AgentOptions, SimulatorOptions } from './simulator/simulator-options.ts';
export { MesosSimulator } from './simulator/simulator.ts';
export { randomFaults, type FaultRates } from './virtual/random-faults.ts';
export { labelledBehaviour, type TaskBehaviour, type TaskScript } from './virtual/task-script.ts';
export {
  VirtualCluster,
  type VirtualAgentOptions,
  type VirtualClusterOptions,
} from './virtual/virtual-cluster.ts';
export type { VirtualMessage } from './virtual/virtual-message.ts';
export type {
  VirtualConnection,
  VirtualEnd,
  VirtualHandlers,
  VirtualTransport,
} from './virtual/virtual-transport.ts';
