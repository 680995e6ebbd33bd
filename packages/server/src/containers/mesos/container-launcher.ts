import {
  ContainerRunError,
  describeEnd,
  TaskEndedError,
  type RunningTask,
  type TaskHandle,
  type WireTaskStatus,
} from '@vibrissa/mesos';

import type { Ids } from '../../base/ids.ts';
import { ContainerStartError, type ContainerSpec, type StartHooks } from '../container-factory.ts';
import { awaitListening } from './await-listening.ts';
import { lastWords, placeOf } from './last-words.ts';
import { LaunchWatch, LostWhileStarting, type LaunchLimit } from './launch-watch.ts';
import type { MesosContainer } from './mesos-container.ts';
import { startErrorOf } from './start-error-of.ts';
import type { StartFailures } from './start-failures.ts';
import type { ContainerDraft, TaskContainers, TaskContainersDeps } from './task-containers.ts';
import { digestOfTask } from './task-digest.ts';
import type { TaskKind } from './task-kind.ts';
import { taskIdOf, taskSpecOf } from './task-spec-of.ts';

export interface LauncherDeps extends TaskContainersDeps {
  readonly containers: TaskContainers;
  readonly failures: StartFailures;
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

/** What is to be started, and for whom. */
interface Wish extends StartHooks {
  readonly container: ContainerSpec;
  readonly kind: TaskKind;
  readonly signal: AbortSignal | undefined;
  readonly limit: LaunchLimit;
}

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
    asker: StartHooks & { readonly signal: AbortSignal | undefined },
  ): Promise<MesosContainer> {
    const { clock, config, logger } = this.#deps;
    const limitMs = config.settings.timeouts.taskLaunch;
    const limit = { limitMs, untilMs: clock.monotonicMs() + limitMs };
    for (let launches = 1; ; launches += 1) {
      try {
        return await this.#attempt({ container, kind, limit, ...asker });
      } catch (error) {
        asker.signal?.throwIfAborted();
        if (!(error instanceof LostWhileStarting)) throw error;
        logger.warn({ err: error, container: container.name }, 'A container was lost while it started');
        if (launches < LAUNCHES && clock.monotonicMs() < limit.untilMs) continue;
        throw new ContainerStartError('platform', error.message, { told: error.message, cause: error });
      }
    }
  }

  async #attempt({ container, kind, ...asker }: Wish): Promise<MesosContainer> {
    const { clock, connection, containers } = this.#deps;
    const { signal } = asker;
    const spec = await this.#specOf(container, kind, signal);
    const handle = await connection.submissions.submit(spec);
    const watch = new LaunchWatch({ clock, connection }, { ...asker, handle, spec });
    try {
      const task = await Promise.race([handle.running, watch.interrupted]);
      const draft = await this.#connect({ handle, task, kind, watch });
      signal?.throwIfAborted();
      return containers.make(handle, draft);
    } catch (error) {
      connection.forget(handle.id);
      const explained = await this.#explain(error, { handle, kind, container, signal });
      const ended = containers.end(handle);
      // Who has given it up wants to know that it is gone; who waits for an error has waited long enough.
      if (signal?.aborted) await ended;
      throw explained;
    } finally {
      watch.end();
    }
  }

  async #specOf(container: ContainerSpec, kind: TaskKind, signal: AbortSignal | undefined) {
    const { apiUrl: url, archivePath, config, ids, tokenOf } = this.#deps;
    const apiUrl = await unlessAborted(url, signal);
    const id = taskIdOf(container, ids.token());
    const names = { kind, apiUrl, ...(archivePath !== undefined && { archivePath }) };
    const spec = taskSpecOf(container, { ...names, id, token: tokenOf(id) }, config);
    // What no two starts have in common stays out of the digest: else no start would take over a task of another.
    const ofThisStart = config.epoch === undefined ? {} : { epoch: String(config.epoch) };
    return { ...spec, labels: { ...spec.labels, digest: digestOfTask(spec), ...ofThisStart } };
  }

  /** A task that runs is a container when its runtime takes connections. */
  async #connect(launch: {
    handle: TaskHandle;
    task: RunningTask;
    kind: TaskKind;
    watch: LaunchWatch;
  }): Promise<ContainerDraft> {
    const { clock, containers } = this.#deps;
    const { handle, kind, task, watch } = launch;
    const draft = containers.draft(task, kind.type === 'command' || kind.isOurs);
    const { host, port, token } = draft.address;
    const settleMs = kind.type === 'docker' ? PROXY_SETTLE_MS : 0;
    const proof = draft.isOurs ? { token } : {};
    const listening = awaitListening({ host, port, clock, settleMs, signal: watch.over, ...proof });
    const died = handle.ended.then((status) => {
      throw new TaskEndedError(handle.id, status);
    });
    died.catch(() => {});
    // Lines that Mesos's own programs have written by now are no activation's.
    const skipped = draft.logs.skipToEnd().catch(() => {});
    await Promise.race([Promise.all([listening, skipped]), watch.interrupted, died]);
    return draft;
  }

  async #explain(
    error: unknown,
    launch: Pick<Wish, 'container' | 'kind' | 'signal'> & { readonly handle: TaskHandle },
  ): Promise<unknown> {
    const { container, handle, kind, signal } = launch;
    if (!(error instanceof Error) || signal?.aborted) return error;
    const { connection, failures, sandboxes } = this.#deps;
    const explained = connection.scheduler.explain(handle.id);
    const record = 'record' in explained ? explained.record : undefined;
    const agent = record?.placement?.hostname;
    const status = statusOf(error);
    let told: Error;
    if (isLoss(error, status)) told = new LostWhileStarting(error.message);
    else {
      const place = record && status && placeOf(record, connection.scheduler.frameworkId);
      const said = place && (await lastWords(sandboxes, place));
      told = startErrorOf(error, { kind, agent, lastWords: said });
    }
    failures.note(container, { agent, reason: told.message });
    return told;
  }
}

/** Another launch may do. An agent that has refused the task for what it is would refuse it again. */
function isLoss(error: Error, status: WireTaskStatus | undefined): boolean {
  if (error instanceof LostWhileStarting) return true;
  if (status === undefined || error instanceof ContainerRunError) return false;
  return losses.has(describeEnd(status).kind);
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
