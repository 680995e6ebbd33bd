import type { FrameworkCall, MesosEvent, SubscribeCall } from '@vibrissa/mesos/wire';

import type { ProbeResult, ProbeSpec } from '../agent/messages.ts';
import type { HttpAnswer } from '../http/answer.ts';

/** A request of the REST API. */
export interface ApiCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** What happens to Marathon. */
export type MarathonInput =
  | { readonly type: 'tick' }
  | { readonly type: 'event'; readonly event: MesosEvent }
  /** The subscription has ended, or could not be had. */
  | { readonly type: 'disconnected' }
  | { readonly type: 'request'; readonly request: number; readonly call: ApiCall }
  | {
      readonly type: 'probed';
      readonly taskId: string;
      /** Which of the app's health checks. */
      readonly check: number;
      readonly result: ProbeResult;
    };

/** What Marathon wants done. */
export type MarathonEffect =
  /** On a new connection; a former one is given up. */
  | { readonly type: 'subscribe'; readonly call: SubscribeCall }
  | { readonly type: 'call'; readonly call: FrameworkCall }
  | { readonly type: 'answer'; readonly request: number; readonly answer: HttpAnswer }
  | {
      readonly type: 'probe';
      readonly taskId: string;
      readonly check: number;
      readonly host: string;
      readonly spec: ProbeSpec;
      readonly timeoutMs: number;
    };
