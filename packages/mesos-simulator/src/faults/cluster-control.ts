import type { GivenFaultRule } from './fault.ts';
import type { DrainOptions, MaintenanceWindow } from './operator-orders.ts';

/** The operator API's answer, as it came. */
export interface OperatorAnswer {
  readonly status: number;
  readonly text: string;
}

/** In virtual time at once, else when it has happened. */
type Happens<T = void> = T | Promise<T>;

/**
 * What can go wrong with a cluster, by the same names on real ports and in virtual time. Agents and masters are counted
 * from 1.
 */
export interface ClusterControl {
  /** As SIGKILL of the agent's process: tasks of checkpointing frameworks go on. */
  killAgent(number: number): Happens;
  /** Starts it again with the same agent id; it recovers what still runs. Does nothing when it runs. */
  startAgent(number: number): Happens;
  /** As SIGUSR1: it unregisters, kills its tasks and ends. */
  leaveAgent(number: number): void;
  /** Cuts it off from the master; neither notices. */
  partitionAgent(number: number): void;
  healAgent(number: number): void;
  deactivateAgent(number: number): Happens<OperatorAnswer>;
  /** Ends a drain, too. */
  reactivateAgent(number: number): Happens<OperatorAnswer>;
  drainAgent(number: number, options?: DrainOptions): Happens<OperatorAnswer>;
  markAgentGone(number: number): Happens<OperatorAnswer>;
  /** Replaces the schedule by a window for this agent's machine. */
  scheduleMaintenance(number: number, window?: MaintenanceWindow): Happens<OperatorAnswer>;
  /** Clears the whole schedule. */
  cancelMaintenance(): Happens<OperatorAnswer>;
  /** As SIGKILL: all its connections end. The others believe in a dead leader until its session expires. */
  killMaster(number: number): Happens;
  startMaster(number: number): Happens;
  /**
   * From now on; the first rule that matches a message strikes. Returns its number. Throws an `InvalidFault` when it
   * could never strike or has a field that isn't known, and when there is no such agent.
   */
  addFault(rule: GivenFaultRule): number;
  /** False: there is none with that number. What it has already done stays done. */
  removeFault(id: number): boolean;
  clearFaults(): void;
  /** Sets the time of day; nothing that waits notices. */
  jumpClock(byMs: number): void;
  /** Takes back all offers of one framework, or of all. */
  rescindOffers(frameworkId?: string): void;
  /** Any call of the leading master's operator API. */
  operator(call: unknown): Happens<OperatorAnswer>;
}
