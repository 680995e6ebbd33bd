export type { Fault, FaultPlace, FaultRule, GivenFault, GivenFaultRule } from './faults/fault.ts';
export type { ActiveRule } from './faults/fault-rules.ts';
export { InvalidFault } from './faults/parse-fault-rule.ts';
export { InvalidNotation } from './simulator/agent-settings.ts';
export { InvalidOption } from './simulator/check-options.ts';
export {
  ControlError,
  type MaintenanceWindow,
  type OperatorAnswer,
  type SimulatorControl,
  type SimulatorStatus,
} from './simulator/control.ts';
export type { AgentOptions, SimulatorOptions } from './simulator/simulator-options.ts';
export { MesosSimulator } from './simulator/simulator.ts';
export {
  randomFaults,
  type CallFault,
  type FaultRates,
  type MessageFault,
  type VirtualFaults,
} from './virtual/faults.ts';
export { labelledBehaviour, type TaskBehaviour, type TaskScript } from './virtual/task-script.ts';
export {
  VirtualCluster,
  type VirtualAgentOptions,
  type VirtualClusterOptions,
} from './virtual/virtual-cluster.ts';
export type {
  VirtualConnection,
  VirtualEnd,
  VirtualHandlers,
  VirtualTransport,
} from './virtual/virtual-transport.ts';
