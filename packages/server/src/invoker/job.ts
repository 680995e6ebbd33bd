import type { ActivationMessage } from '@vibrissa/protocol';
import type { Trail } from '../base/trail.ts';
import type { RunnableAction } from './resolve-action.ts';
import type { ActivationLogs } from './run/collect-logs.ts';
import type { LogFetcher } from './run/fetch-logs.ts';

/** An activation on its way through the pool. */
export interface Job {
  readonly message: ActivationMessage;
  /** The arguments in clear, for the container alone; the message may have them locked. */
  content: string | undefined;
  readonly action: RunnableAction;
  /** Action, definition, namespace and environment: which warm containers fit. */
  readonly key: string;
  readonly prewarmKey: string;
  readonly memoryMb: number;
  /** Containers that its action may have at a time, in its namespace. */
  readonly maxContainers: number | undefined;
  /** The journal has it as started: its code may have run. */
  started: boolean;
  /** Epoch milliseconds of that. */
  startedAt: number;
  /** What came of its logs so far; undefined where none are kept. */
  logs: Pick<ActivationLogs, 'inOrder'> | undefined;
  /** Where they are fetched from; undefined where they come by themselves. */
  fetcher: LogFetcher | undefined;
  /** How often a container turned out to be dead before the code ran. */
  attempts: number;
  /** Only a new container is tried: used ones may all be where nobody reaches them. */
  needsNew: boolean;
  /** The platform stopped and gave it up: whoever asked records it, nobody else may. */
  abandoned: boolean;
  /** Follows its steps; undefined where nobody does. */
  readonly trail: Trail | undefined;
  /** How its container came to serve it. */
  containerState: string | undefined;
  /** W3C `traceparent` that its code is told. */
  traceparent: string | undefined;
  /** Its record is being written: nobody may give it up any more. */
  recording: boolean;
}

/** The activation of a message, for an action that was found. */
export function createJob(message: ActivationMessage, action: RunnableAction, trail?: Trail): Job {
  return {
    message,
    content: message.content,
    action,
    key: action.definition + message.user.namespace.uuid + (message.environment ?? ''),
    prewarmKey: action.prewarmKey,
    memoryMb: action.entity.limits.memory,
    maxContainers: action.entity.limits.instances,
    started: false,
    startedAt: 0,
    logs: undefined,
    fetcher: undefined,
    attempts: 0,
    needsNew: false,
    abandoned: false,
    trail,
    containerState: undefined,
    traceparent: message.traceparent,
    recording: false,
  };
}
