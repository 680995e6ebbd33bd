import type { MesosEvent } from '@vibrissa/mesos/wire';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';

/**
 * A master does no I/O: it takes one of these at a time and returns effects. Its driver (an HTTP shell, the virtual
 * cluster) carries requests, streams and the links of agents.
 *
 *     const master = new MasterCore(options, { random, registry });
 *     for (const effect of master.step(time, { type: 'scheduler-call', request: 7, call })) execute(effect);
 *     // master.nextDeadlineMs: when it wants a 'tick'
 */
export type MasterInput =
  /** Who leads, by election; its own address makes this master the leader. Absent: nobody. At first nobody. */
  | { readonly type: 'leader'; readonly leader?: MasterAddress }
  /** A request at the scheduler's path, of any method; credentials are checked by then. */
  | { readonly type: 'scheduler-call'; readonly request: number; readonly call: HttpCall }
  /** A request at the operator's path `/api/v1`. */
  | { readonly type: 'operator-call'; readonly request: number; readonly call: HttpCall }
  /** The client's side of a stream is gone. */
  | { readonly type: 'stream-closed'; readonly stream: number }
  /** `link`: the driver's name for one connection of one agent process. */
  | { readonly type: 'agent-message'; readonly link: string; readonly message: AgentToMaster }
  | { readonly type: 'agent-disconnected'; readonly link: string }
  /** Takes every offer back, of one framework or of all: what a test wants at once, and `--offer_timeout` does in time. */
  | { readonly type: 'rescind-offers'; readonly frameworkId?: string }
  | { readonly type: 'tick' };

/** A request as far as a master looks at it. */
export interface HttpCall {
  readonly method: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** The `Mesos-Stream-Id` header. */
  readonly streamId?: string;
  /** Whom the credentials name, when there are any. */
  readonly principal?: string;
  /** As it came, or already parsed when no wire lies between. */
  readonly body: { readonly text: string } | { readonly json: unknown };
}

/** What the driver is to do, in this order. */
export type MasterEffect =
  /** Ends a request. `headers` are those beside Date, Content-Length and Connection. An empty `text` has no content type. */
  | {
      readonly type: 'answer';
      readonly request: number;
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly text: string;
    }
  /** Answers a request by an endless one: 200, chunked, RecordIO. The stream has the number of its request. */
  | {
      readonly type: 'open-stream';
      readonly stream: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
  /** One record of a stream. */
  | { readonly type: 'event'; readonly stream: number; readonly event: MesosEvent | OperatorEvent }
  /** The last chunk; the connection stays open. */
  | { readonly type: 'end-stream'; readonly stream: number }
  | { readonly type: 'to-agent'; readonly link: string; readonly message: MasterToAgent }
  /** It led and leads no longer: a master ends its process then. */
  | { readonly type: 'exit'; readonly reason: string };

/** What the operator API's event stream says. */
export interface OperatorEvent {
  readonly type: string;
  readonly [body: string]: unknown;
}

/** Where a master listens. */
export interface MasterAddress {
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
}
