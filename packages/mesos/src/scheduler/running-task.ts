import type { LogPage, LogRequest, SandboxLogs } from '../agent/sandbox-logs.ts';
import type { SandboxPlace } from '../agent/sandbox-path.ts';
import { endpointOf } from '../tasks/endpoint.ts';
import type { Endpoint, TaskRecord } from '../tasks/task-record.ts';
import { InvalidOptionsError } from './errors/options-error.ts';
import { NoSandboxError } from './errors/sandbox-errors.ts';
import { NotLeaderError, SchedulerClosedError } from './errors/standing-errors.ts';
import { linesOf } from './lines-of.ts';
import { logOptionsShape, logRequestShape } from './log-shape.ts';

/** What of a task's output is wanted. */
export interface LogOptions {
  /** A path in the sandbox; default `stdout`. */
  readonly file?: string;
  /** Only the last so many lines of what is there; default: all of them. */
  readonly lines?: number;
  /**
   * Goes on until the task has ended; default false: to the end as it is now. Ends with `SchedulerClosedError` or
   * `NotLeaderError` when this scheduler ends before.
   */
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
  /** Fires when the scheduler is closed. */
  readonly closed: AbortSignal;
}

/** `ended` settles when the task has ended, so that followed logs end, too. */
export function runningTask(record: TaskRecord, ended: Promise<unknown>, source: LogSource): RunningTask {
  const { placement, status } = record;
  const agentId = placement?.agentId ?? status?.agent_id?.value;
  // That of the task: after a teardown the scheduler has none, or another one.
  const frameworkId = source.frameworkId();
  const logPages = (request: LogRequest = {}) => {
    check(logRequestShape(request, 'request'));
    const end = request.follow && !request.ended ? signalOf(ended) : undefined;
    const pages = source.sandboxes.read(sandboxOf(record, frameworkId ?? source.frameworkId()), {
      ...request,
      ...(end ? { ended: end.signal } : {}),
    });
    return uncut(pages, { request, closed: source.closed, cut: () => end?.cut });
  };
  return {
    taskId: record.id,
    mesosTaskId: record.mesosTaskId,
    agent: agentId === undefined ? undefined : { id: agentId, hostname: placement?.hostname },
    endpoint: endpointOf(record),
    record,
    logPages,
    logs: (options: LogOptions = {}) => {
      check(logOptionsShape(options, 'options'));
      const { lines, ...rest } = options;
      return linesOf(logPages({ ...rest, ...(lines === undefined ? {} : { from: { lastLines: lines } }) }));
    },
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

function check(problem: string | undefined): void {
  if (problem !== undefined) throw new InvalidOptionsError(problem, "The logs can't be read");
}

interface End {
  readonly signal: AbortSignal;
  /** Why nobody will tell its end, though it may well go on. */
  readonly cut?: Error;
}

function signalOf(ended: Promise<unknown>): End {
  const controller = new AbortController();
  const end: { signal: AbortSignal; cut?: Error } = { signal: controller.signal };
  ended.then(
    () => controller.abort(),
    (error: unknown) => {
      if (error instanceof NotLeaderError || isClosed(error)) end.cut = error;
      controller.abort();
    },
  );
  return end;
}

/** Not by a teardown: that one ends the tasks, too. */
function isClosed(error: unknown): error is SchedulerClosedError {
  return error instanceof SchedulerClosedError && error.how === 'closed';
}

interface Cuts {
  readonly request: LogRequest;
  readonly closed: AbortSignal;
  readonly cut: () => Error | undefined;
}

/** What this scheduler's own end has cut off is no end of the log, and no fault of the agent. */
async function* uncut(
  pages: AsyncIterable<LogPage>,
  { request, closed, cut }: Cuts,
): AsyncGenerator<LogPage, void, undefined> {
  try {
    yield* pages;
  } catch (error) {
    throw closed.aborted ? new SchedulerClosedError() : error;
  }
  if (!request.follow || request.signal?.aborted) return;
  const error = cut();
  if (error) throw error;
  if (closed.aborted && request.ended?.aborted === false) throw new SchedulerClosedError();
}
