import {
  describeEnd,
  TaskEndedError,
  type RunningTask,
  type TaskHandle,
  type WireTaskStatus,
} from '@vibrissa/mesos';

import type { Ids } from '../../base/ids.ts';
import { ContainerStartError, type ContainerSpec } from '../container-factory.ts';
import { placeOf } from './agent-files.ts';
import { awaitListening } from './await-listening.ts';
import { LaunchWatch, LostWhileStarting } from './launch-watch.ts';
import type { MesosContainer } from './mesos-container.ts';
import { startErrorOf } from './start-error-of.ts';
import type { TaskContainers, TaskContainersDeps } from './task-containers.ts';
import type { TaskKind } from './task-kind.ts';
import { taskIdOf, taskSpecOf } from './task-spec-of.ts';

export interface LauncherDeps extends TaskContainersDeps {
  readonly containers: TaskContainers;
  readonly ids: Ids;
  /** The platform's API as agents reach it; settles when it listens. */
  readonly apiUrl: Promise<string>;
  /** Path of the archive with launcher and runtimes on that API. */
  readonly archivePath: string | undefined;
}

/** Launches that an agent's loss has ended before the activation gets an error. */
const LAUNCHES = 3;
/** Docker's proxy takes connections before the container does, and then closes them. */
const PROXY_SETTLE_MS = 30;

const losses = new Set(['lost', 'drained', 'preempted', 'killed', 'unwitnessed']);

/** Starts containers: submits tasks, and waits until their runtimes take connections. */
export class ContainerLauncher {
  readonly #deps: LauncherDeps;

  constructor(deps: LauncherDeps) {
    this.#deps = deps;
  }

  /** Throws {@link ContainerStartError}, or the signal's reason. Nothing is left behind then. */
  async launch(
    container: ContainerSpec,
    kind: TaskKind,
    signal: AbortSignal | undefined,
  ): Promise<MesosContainer> {
    for (let launches = 1; ; launches += 1) {
      try {
        return await this.#attempt(container, kind, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof LostWhileStarting)) throw error;
        this.#deps.logger.warn(
          { err: error, container: container.name },
          'A container was lost while it started',
        );
        if (launches < LAUNCHES) continue;
        throw new ContainerStartError('platform', error.message, { told: error.message, cause: error });
      }
    }
  }

  async #attempt(
    container: ContainerSpec,
    kind: TaskKind,
    signal: AbortSignal | undefined,
  ): Promise<MesosContainer> {
    const { clock, config, connection, containers } = this.#deps;
    const spec = await this.#specOf(container, kind, signal);
    const handle = await connection.submissions.submit(spec);
    const started = containers.starting(handle.id);
    const limitMs = config.settings.timeouts.taskLaunch;
    const watch = new LaunchWatch({ clock, connection, limitMs }, { handle, spec, signal });
    try {
      const task = await Promise.race([handle.running, watch.interrupted]);
      return await this.#connect({ handle, task, kind, watch });
    } catch (error) {
      connection.forget(handle.id);
      const explained = await this.#explain(error, handle, kind);
      const ended = containers.end(handle);
      // Who has given it up wants to know that it is gone; who waits for an error has waited long enough.
      if (signal?.aborted) await ended;
      throw explained;
    } finally {
      watch.end();
      started();
    }
  }

  async #specOf(container: ContainerSpec, kind: TaskKind, signal: AbortSignal | undefined) {
    const { apiUrl: url, archivePath, config, ids, tokenOf } = this.#deps;
    const apiUrl = await unlessAborted(url, signal);
    const id = taskIdOf(container, ids.token());
    const archive =
      archivePath !== undefined && kind.type === 'command' ? { archiveUrl: `${apiUrl}${archivePath}` } : {};
    return taskSpecOf(container, { id, kind, token: tokenOf(id), apiUrl, ...archive }, config);
  }

  /** A task that runs is a container when its runtime takes connections. */
  async #connect(launch: {
    handle: TaskHandle;
    task: RunningTask;
    kind: TaskKind;
    watch: LaunchWatch;
  }): Promise<MesosContainer> {
    const { clock, containers } = this.#deps;
    const { handle, kind, task, watch } = launch;
    const isOurs = kind.type === 'command' || kind.isOurs;
    const container = containers.make(handle, task, isOurs);
    const { address } = container;
    if ('socketPath' in address) return container;
    const { host, port } = address;
    const settleMs = kind.type === 'docker' ? PROXY_SETTLE_MS : 0;
    const listening = awaitListening({ host, port, clock, settleMs, signal: watch.over });
    listening.catch(() => {});
    const died = handle.ended.then((status) => {
      throw new TaskEndedError(handle.id, status);
    });
    died.catch(() => {});
    // Lines that Mesos's own programs have written by now are no activation's.
    const skipped = container.logs.skipToEnd().catch(() => {});
    await Promise.race([listening, watch.interrupted, died]);
    await skipped;
    return container;
  }

  async #explain(error: unknown, handle: TaskHandle, kind: TaskKind): Promise<unknown> {
    const { connection, files } = this.#deps;
    if (!(error instanceof Error) || error instanceof LostWhileStarting) return error;
    const status = statusOf(error);
    if (status && losses.has(describeEnd(status).kind)) return new LostWhileStarting(error.message);
    const explained = connection.scheduler.explain(handle.id);
    const record = 'record' in explained ? explained.record : undefined;
    const place = record && status && placeOf(record, connection.scheduler.frameworkId);
    const lastWords = place && (await files.lastWords(place));
    return startErrorOf(error, { kind, agent: record?.placement?.hostname, lastWords });
  }
}

function statusOf(error: Error): WireTaskStatus | undefined {
  return 'status' in error && typeof error.status === 'object' ? (error.status as WireTaskStatus) : undefined;
}

async function unlessAborted<T>(value: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  if (!signal) return value;
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([value, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
