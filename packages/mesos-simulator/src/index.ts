export type { Fault, FaultPlace, FaultRule } from './faults/fault.ts';
export type { ActiveRule } from './faults/fault-rules.ts';
export { InvalidNotation } from './simulator/agent-settings.ts';
export {
  ControlError,
  type MaintenanceWindow,
  type OperatorAnswer,
  type SimulatorControl,
  type SimulatorStatus,
} from './simulator/control.ts';
export type { AgentOptions, SimulatorOptions } from './simulator/simulator-options.ts';
export { MesosSimulator } from './simulator/simulator.ts';
