import { SandboxLogs } from '@vibrissa/mesos';

import type { Ids } from '../../base/ids.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Container } from '../container.ts';
import {
  ContainerStartError,
  type ContainerFactory,
  type ContainerSpec,
  type RecoveredContainer,
  type StartHooks,
} from '../container-factory.ts';
import { isOf, labelsIn } from './container-labels.ts';
import { ContainerLauncher } from './container-launcher.ts';
import { ContainerMemos } from './container-memos.ts';
import type { MesosConfig } from './mesos-config.ts';
import { MesosConnection, type ConnectionDeps } from './mesos-connection.ts';
import { mesosPathsOf } from './mesos-paths.ts';
import { mesosStatus, type MesosStatus } from './mesos-status.ts';
import { checkMemos, recoverContainers, type RecoveryDeps } from './recover.ts';
import { StartFailures } from './start-failures.ts';
import { TaskContainers, type TaskContainersDeps } from './task-containers.ts';
import { taskDigestOf } from './task-digest.ts';
import { taskKinds, type ChosenKind } from './task-kind.ts';
import { openTokens } from './token.ts';

export interface MesosFactoryDeps extends Omit<ConnectionDeps, 'settings'> {
  readonly config: MesosConfig;
  readonly ids: Ids;
  readonly metrics: Metrics;
  /** The platform's API as agents reach it; settles when it listens. */
  readonly apiUrl: Promise<string>;
  /** The same, as far as the settings tell before it listens. */
  readonly expectedApiUrl: string;
  /** Path on that API of the archive with launcher and runtimes; absent: agents have them. */
  readonly archivePath?: string;
}

/** What stays in the cluster when the factory is closed. */
export interface LeftInMesos {
  readonly frameworkId: string;
  readonly tasks: number;
  readonly failoverTimeoutMs: number;
}

interface RecoveredCounts {
  readonly warm: number;
  readonly prewarmed: number;
}

/** Whoever stops the platform may kill it soon; what is not ended then is ended at the next start. */
const CLOSING_PATIENCE_MS = 1000;
/** Tasks of an earlier life are told to end at a start; their memory is Mesos's to give, so nobody waits long for it. */
const LEFTOVER_PATIENCE_MS = 3000;

function comparison(
  { archivePath, config, expectedApiUrl: apiUrl }: MesosFactoryDeps,
  kindOf: (container: ContainerSpec) => ChosenKind,
): RecoveryDeps['isAsToday'] {
  return (record, container) => {
    const kind = kindOf(container);
    if (kind.type === 'none') return false;
    const names = { kind, apiUrl, ...(archivePath !== undefined && { archivePath }) };
    return labelsIn(record)['digest'] === taskDigestOf(container, names, config);
  };
}

/**
 * Containers as tasks of a Mesos cluster.
 *
 *     const factory = await MesosContainerFactory.open(deps);
 *     await factory.connection.scheduler.subscribe({ withinMs: 10_000 });
 */
export class MesosContainerFactory implements ContainerFactory {
  readonly technology = 'mesos';
  readonly connection: MesosConnection;
  readonly #deps: TaskContainersDeps;
  readonly #kindOf: (container: Pick<ContainerSpec, 'kind' | 'image'>) => ChosenKind;
  readonly #containers: TaskContainers;
  readonly #failures: StartFailures;
  readonly #launcher: ContainerLauncher;
  readonly #isAsToday: RecoveryDeps['isAsToday'];
  #closing: Promise<void> | undefined;
  #left: LeftInMesos | undefined;
  #recovered: RecoveredCounts = { warm: 0, prewarmed: 0 };

  private constructor(deps: MesosFactoryDeps, parts: TaskContainersDeps) {
    this.connection = parts.connection;
    this.#deps = parts;
    this.#kindOf = taskKinds(deps.config);
    this.#isAsToday = comparison(deps, this.#kindOf);
    this.#containers = new TaskContainers(parts);
    this.#failures = new StartFailures(deps.clock);
    this.#launcher = new ContainerLauncher({
      ...parts,
      containers: this.#containers,
      failures: this.#failures,
      ids: deps.ids,
      apiUrl: deps.apiUrl,
      archivePath: deps.archivePath,
    });
    deps.metrics.gauge('gauge_mesos_containers_counter', () => this.#containers.size);
  }

  /** Reads what an earlier life has left in the data directory; connects to nobody yet. Rejects with a `MesosError`. */
  static async open(deps: MesosFactoryDeps): Promise<MesosContainerFactory> {
    const { clock, config, dataDir, logger } = deps;
    const paths = mesosPathsOf(dataDir);
    const tokenOf = await openTokens(paths.tokenKey);
    const memos = await ContainerMemos.open(paths.containers);
    // The last one, since it has to be closed: it holds the framework's lock.
    const connection = await MesosConnection.open({ ...deps, settings: config.settings });
    // Where there is no task, nothing can be lost: from here on, what has no memo has had none.
    if (connection.scheduler.tasks().length === 0) await checkMemos({ connection, logger, memos });
    const sandboxes = new SandboxLogs(connection.http, { clock });
    return new MesosContainerFactory(deps, { connection, sandboxes, memos, tokenOf, clock, logger, config });
  }

  /** What stays in the cluster; known when the factory is closed. */
  get left(): LeftInMesos | undefined {
    return this.#left;
  }

  supports(kind: string, image: string | undefined): { ok: true } | { ok: false; reason: string } {
    const chosen = this.#kindOf({ kind, ...(image !== undefined && { image }) });
    return chosen.type === 'none' ? { ok: false, reason: chosen.reason } : { ok: true };
  }

  hasPlainSentinels(container: Pick<ContainerSpec, 'kind' | 'image'>): boolean {
    const chosen = this.#kindOf(container);
    return (chosen.type === 'docker' || chosen.type === 'ucr') && !chosen.isOurs;
  }

  async create(spec: ContainerSpec, signal?: AbortSignal, hooks: StartHooks = {}): Promise<Container> {
    const kind = this.#kindOf(spec);
    signal?.throwIfAborted();
    if (kind.type === 'none') throw new ContainerStartError('developer', kind.reason);
    if (this.#closing) throw new ContainerStartError('platform', 'The platform is stopping.');
    return this.#launcher.launch(spec, kind, { ...hooks, signal });
  }

  async recover(): Promise<readonly RecoveredContainer[]> {
    const recovered = await recoverContainers({
      ...this.#deps,
      containers: this.#containers,
      isAsToday: this.#isAsToday,
    });
    const warm = recovered.filter(({ memo }) => memo !== undefined).length;
    this.#recovered = { warm, prewarmed: recovered.length - warm };
    return recovered;
  }

  /** How many containers of an earlier life were found idle. */
  get recovered(): RecoveredCounts {
    return this.#recovered;
  }

  /** Those that Mesos runs and nobody here knows are killed by the scheduler, as soon as Mesos tells of them. */
  async removeLeftovers(): Promise<number> {
    const { scheduler } = this.connection;
    const left = scheduler
      .tasks()
      .filter((record) => isOf(this.#deps.config, record) && !this.#containers.has(record.id));
    await Promise.all(
      left.map(({ id }) =>
        this.#containers.end({ id, delete: () => scheduler.delete(id) }, LEFTOVER_PATIENCE_MS),
      ),
    );
    return left.length;
  }

  /** How things stand with Mesos, for operators. */
  status(): Promise<MesosStatus> {
    return mesosStatus(this.connection, { ...this.#deps.config, failedStarts: this.#failures.list() });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { scheduler } = this.connection;
    const { teardownOnExit, timeouts } = this.#deps.config.settings;
    await this.#containers.ended(CLOSING_PATIENCE_MS);
    // What no master has taken has nothing that could be removed.
    const isTornDown = teardownOnExit && this.connection.hasSubscribed && (await this.#teardown());
    const { frameworkId } = scheduler;
    if (!isTornDown && frameworkId !== undefined) {
      const stays = scheduler.tasks().filter(({ state, unwanted }) => state !== undefined && !unwanted);
      const tasks = stays.length;
      this.#left = { frameworkId, tasks, failoverTimeoutMs: timeouts.failover };
    }
    await this.connection.close();
    await this.#deps.memos.close();
  }

  async #teardown(): Promise<boolean> {
    const { clock, config, logger, memos } = this.#deps;
    const late = new AbortController();
    const limit = clock.sleep(config.settings.timeouts.teardown, late.signal).then(() => {
      throw new Error('The master did not answer in time.');
    });
    limit.catch(() => {});
    try {
      await Promise.race([this.connection.scheduler.teardown(), limit]);
      await memos.keepOnly(new Set()).catch((error: unknown) => {
        logger.warn({ err: error }, 'What containers had become could not be removed');
      });
      return true;
    } catch (error) {
      logger.error(
        { err: error },
        'The framework could not be removed; its tasks stay until its failover timeout',
      );
      return false;
    } finally {
      late.abort();
    }
  }
}
