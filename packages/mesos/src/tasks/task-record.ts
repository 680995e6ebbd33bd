import type { TaskState, WireTaskStatus, WireUrl } from '../wire/index.ts';
import type { TaskSpec } from './task-spec.ts';

/** A spec whose defaults are filled in and whose functions are left out: what can be stored. */
export type StoredTaskSpec = Omit<TaskSpec, 'customize'> & { readonly id: string; readonly role: string };

/** Where a task was placed: taken from the offer, because no later message repeats it all. */
export interface Placement {
  readonly agentId: string;
  readonly hostname: string;
  /** The agent's HTTP address, for logs. */
  readonly agentUrl?: WireUrl;
  /** Ports of the agent, in the order of the spec's ports (a routable network takes none: 0). */
  readonly hostPorts: readonly number[];
}

/**
 * A task as the client knows it. JSON: what a {@link FrameworkState} keeps.
 *
 * A launch that came to nothing is repeated under a new Mesos task id; the record's `id` stays.
 */
export interface TaskRecord {
  readonly id: string;
  /** The id that Mesos knows: `id` for the first attempt, then `id.2`, `id.3`, … */
  readonly mesosTaskId: string;
  readonly attempt: number;
  /** Absent for a task that was found in Mesos and adopted. */
  readonly spec?: StoredTaskSpec;
  /** The spec had a function, which can't be stored: what a successor would launch is not the same. */
  readonly customized?: boolean;
  readonly groupId?: string;
  readonly placement?: Placement;
  /** The last one that Mesos has told; absent until the first update. */
  readonly state?: TaskState;
  readonly status?: WireTaskStatus;
  /** It was seen running, and healthy if its health is checked: this is told once in its life. */
  readonly ran?: boolean;
  /** Epoch milliseconds of the ACCEPT. */
  readonly launchedAtMs?: number;
  /** Somebody wants it gone: it is killed whenever it turns up. */
  readonly unwanted?: boolean;
  /** Labels that were sent with it; a later leader reads them from the master. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where a running task can be dialled. */
export interface Endpoint {
  /** The first port's, absent for a task without ports. */
  readonly host: string;
  readonly port?: number;
  /** All of them by name. */
  readonly ports: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}
