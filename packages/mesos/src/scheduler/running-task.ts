import type { LogPage, LogRequest, SandboxLogs } from '../agent/sandbox-logs.ts';
import type { SandboxPlace } from '../agent/sandbox-path.ts';
import { endpointOf } from '../tasks/endpoint.ts';
import type { Endpoint, TaskRecord } from '../tasks/task-record.ts';
import { NoSandboxError } from './errors/sandbox-errors.ts';
import { linesOf } from './lines-of.ts';

/** What of a task's output is wanted. */
export interface LogOptions {
  /** A path in the sandbox; default `stdout`. */
  readonly file?: string;
  /** Only the last so many lines of what is there; default: all of them. */
  readonly lines?: number;
  /** Goes on until the task has ended; default false: to the end as it is now. */
  readonly follow?: boolean;
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal;
}

/** A task that runs, as it was when it was told to run. */
export interface RunningTask {
  /** The id that it was submitted with. */
  readonly taskId: string;
  /** The id that Mesos knows it by; another one after each launch that came to nothing. */
  readonly mesosTaskId: string;
  /** Undefined when Mesos has not told where it is (some adopted tasks). */
  readonly agent: { readonly id: string; readonly hostname: string | undefined } | undefined;
  /** Where it can be dialled. Undefined when nobody has told: an adopted task, or a network that has no address yet. */
  readonly endpoint: Endpoint | undefined;
  readonly record: TaskRecord;
  /** Lines of its output without their ends; one of over a MiB comes in pieces. Throws `SandboxError` when the agent doesn't give them. */
  logs(options?: LogOptions): AsyncGenerator<string, void, undefined>;
  /** The same in pages of at most 64 KiB, each with the offset at which to go on. */
  logPages(request?: LogRequest): AsyncGenerator<LogPage, void, undefined>;
}

/** What a running task's logs are read with. */
export interface LogSource {
  readonly sandboxes: SandboxLogs;
  readonly frameworkId: () => string | undefined;
}

/** `ended` settles when the task has ended, so that followed logs end, too. */
export function runningTask(record: TaskRecord, ended: Promise<unknown>, source: LogSource): RunningTask {
  const { placement, status } = record;
  const agentId = placement?.agentId ?? status?.agent_id?.value;
  const logPages = (request: LogRequest = {}) =>
    source.sandboxes.read(sandboxOf(record, source.frameworkId()), {
      ...request,
      ...(request.follow && !request.ended ? { ended: signalOf(ended) } : {}),
    });
  return {
    taskId: record.id,
    mesosTaskId: record.mesosTaskId,
    agent: agentId === undefined ? undefined : { id: agentId, hostname: placement?.hostname },
    endpoint: endpointOf(record),
    record,
    logPages,
    logs: ({ lines, ...rest }: LogOptions = {}) =>
      linesOf(logPages({ ...rest, ...(lines === undefined ? {} : { from: { lastLines: lines } }) })),
  };
}

function sandboxOf(record: TaskRecord, frameworkId: string | undefined): SandboxPlace {
  const agentUrl = record.placement?.agentUrl;
  if (!agentUrl || frameworkId === undefined) throw new NoSandboxError(record.id);
  return {
    agentUrl,
    frameworkId,
    // Executors that Mesos makes for a task have the task's own id.
    executorId: record.status?.executor_id?.value ?? record.mesosTaskId,
    ...(record.groupId === undefined ? {} : { groupTaskId: record.mesosTaskId }),
  };
}

function signalOf(ended: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort();
  ended.then(end, end);
  return controller.signal;
}
