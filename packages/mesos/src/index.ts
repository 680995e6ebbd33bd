export type * from './wire/index.ts';

export { HttpAsker } from './agent/http-asker.ts';
export {
  MesosOperator,
  OperatorRefused,
  subscribedAt,
  type FrameworkLikeness,
} from './agent/mesos-operator.ts';
export type * from './agent/operator-answers.ts';
export { SandboxError, type SandboxErrorCode } from './agent/sandbox-error.ts';
export { SandboxLogs, type LogPage, type LogRequest } from './agent/sandbox-logs.ts';
export type { SandboxPlace } from './agent/sandbox-path.ts';
export type { Clock, Timer } from './base/clock.ts';
export type { RandomSource } from './base/random.ts';
export {
  compileConstraint,
  InvalidConstraint,
  satisfies,
  valuesOf as attributeValues,
  type CompiledConstraint,
} from './offers/constraints.ts';
export type * from './offers/placement.ts';
export { matchOffers } from './offers/match-offers.ts';
export type {
  AgentTotals,
  CoreEffect,
  CoreInput,
  Notice,
  Reconciled,
  TaskUpdate,
} from './scheduler/core-messages.ts';
export type { CoreOptions } from './scheduler/core/core-options.ts';
export type { TaskExplanation } from './scheduler/core/explain-task.ts';
export { launchErrorOf } from './scheduler/errors/error-of.ts';
export { failureOf } from './scheduler/errors/failure-of.ts';
export * from './scheduler/errors/index.ts';
export { MesosScheduler } from './scheduler/mesos-scheduler.ts';
export { optionProblem } from './scheduler/option-shape.ts';
export type * from './scheduler/options.ts';
export { runningTask, type LogOptions, type LogSource, type RunningTask } from './scheduler/running-task.ts';
export { SchedulerCore } from './scheduler/scheduler-core.ts';
export type { SchedulerStats } from './scheduler/scheduler-stats.ts';
export type { TaskGroupHandle, TaskHandle } from './scheduler/task-handle.ts';
export { FileFrameworkState, type FileStateOptions } from './state/file-framework-state.ts';
export type { FrameworkState, StateChange, StoredState } from './state/framework-state.ts';
export { MemoryFrameworkState } from './state/memory-framework-state.ts';
export { FrameworkStateError, type StateErrorCode } from './state/state-error.ts';
export { describeEnd, type TaskEnd } from './tasks/task-end.ts';
export type { DeleteOutcome, LaunchFailure, Shortage } from './tasks/task-outcome.ts';
export type { Endpoint, Placement, StoredTaskSpec, TaskRecord } from './tasks/task-record.ts';
export type * from './tasks/task-spec.ts';
export { whyInvalid } from './tasks/why-invalid.ts';
export type { Credentials, TokenProvider } from './transport/authorizer.ts';
export { InvalidMasters, NoMasters } from './transport/detectors/detector-error.ts';
export { parseMasters } from './transport/detectors/parse-masters.ts';
export { HttpTransport } from './transport/http-transport.ts';
export { MasterUnreachable, NotAMaster } from './transport/transport-error.ts';
export type { TlsOptions } from './transport/socket-opener.ts';
export type * from './transport/transport.ts';
