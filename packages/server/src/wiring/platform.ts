import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

import { readManifest, type KnownRuntimes } from '@vibrissa/protocol';

import type { ClusterReport } from '../administration/cluster-report.ts';
import type { Finding } from '../base/finding.ts';
import { catalogue } from '../catalogue/catalogue.ts';
import { installCatalogue } from '../catalogue/install-catalogue.ts';
import { SingleNodeCluster } from '../cluster/single-node/single-node-cluster.ts';
import type { MesosFacts, PlatformFacts } from '../commands/start-text.ts';
import type { MesosLeft } from '../commands/stop-text.ts';
import type { Config } from '../config/schema.ts';
import type { ContainerFactory } from '../containers/container-factory.ts';
import type { DiscoveredRuntimes } from '../containers/sandbox/discover-runtimes.ts';
import { Invoker, type InvokerDeps } from '../invoker/invoker.ts';
import { EmbeddedMessageBus } from '../messaging/embedded/embedded-message-bus.ts';
import { openLog, type OpenLog } from '../observability/pino-logger.ts';
import type { Unfinished } from '../store/activation-journal.ts';
import { VERSION } from '../version.ts';
import { agentApiUrl } from './agent-api-url.ts';
import type { AgentArchive } from './agent-archive-route.ts';
import { apiSocketPathOf } from './api-socket-path.ts';
import { apiUrlOf } from './api-url.ts';
import { clusterPage } from './cluster-page.ts';
import { examineHost } from './examine-machine.ts';
import { layFoundation, type Foundation } from './foundation.ts';
import { ensureGuest, guestKeyFile } from './guest.ts';
import { invokerConfigOf } from './invoker-settings.ts';
import { mesosPage } from './mesos-page.ts';
import { openController, type Controller } from './open-controller.ts';
import { findingsOf, findRuntimes, isLoopback, openFactory, refuseToExpose } from './open-factory.ts';
import { Listeners, type ListenerDeps } from './open-listeners.ts';
import { agentArchiveOf, openMesos, type OpenMesos } from './open-mesos.ts';
import { openStores, type OpenStores } from './open-stores.ts';
import { readTls, type Tls } from './read-tls.ts';
import { tryToListen } from './reserve-port.ts';
import { StartError } from './start-error.ts';
import { systemLimitsOf } from './system-limits.ts';
import { watchedJournal } from './watched-journal.ts';

export interface PlatformOptions {
  readonly config: Config;
  /** Standard error is a screen: the log then goes to a file. */
  readonly logToFile: boolean;
  /** Told of each check as it is made. */
  readonly report: (finding: Finding) => void;
}

/** The parts that live, from the lowest to the highest; absent ones were not opened yet. */
interface Parts {
  stores?: OpenStores;
  cluster?: SingleNodeCluster;
  factory?: ContainerFactory;
  /** The same, where containers are Mesos tasks. */
  mesos?: OpenMesos;
  bus?: EmbeddedMessageBus;
  controller?: Controller;
  listeners?: Listeners;
  invoker?: Invoker;
}

const THIS_INVOKER = 0;

async function checkHost(config: Config, report: PlatformOptions['report']): Promise<Tls | undefined> {
  const findings = await examineHost(config);
  const failures = findings.filter(({ level }) => level === 'failure');
  // Those are told once, by the error.
  findings.filter((finding) => !failures.includes(finding)).forEach(report);
  if (failures.length > 0) {
    throw new StartError('MACHINE_UNFIT', {
      message: failures.map(({ what }) => what).join('\n  '),
      mend: failures.map(({ mend }) => mend).join('\n        '),
    });
  }
  const tls = readTls(config);
  if (tls === undefined && !isLoopback(config.http.host)) {
    report({
      level: 'warning',
      what: `The API on ${config.http.host} is not encrypted: keys travel in clear.`,
      mend: 'Give --tls-cert and --tls-key, or put a proxy with TLS before it.',
    });
  }
  return tls;
}

function knownRuntimes({ manifest }: DiscoveredRuntimes): KnownRuntimes {
  const read = readManifest(manifest);
  if (read.ok) return read.runtimes;
  throw new StartError('MANIFEST_UNUSABLE', {
    message: `The runtimes manifest is wrong: ${read.problems.join(' ')}`,
    mend: 'Mend the file of runtimes.manifest.',
  });
}

/** Settings with what only this start knows: where relative paths lead, and which port was free. */
async function settle(given: Config): Promise<Config> {
  const config = { ...given, dataDir: resolve(given.dataDir) };
  if (config.http.port !== 0) return config;
  const reservation = await tryToListen(config.http.host, 0);
  return reservation.ok ? { ...config, http: { ...config.http, port: reservation.port } } : config;
}

/**
 * The whole platform in one process: store, containers, bus, invoker, controller and listeners.
 *
 *     const platform = await Platform.open({ config, logToFile: false, report: console.log });
 *     await platform.close();                                // drains
 */
export class Platform {
  readonly #foundation: Foundation;
  readonly #log: OpenLog;
  readonly #report: PlatformOptions['report'];
  readonly #parts: Parts = {};
  #facts: PlatformFacts | undefined;
  #resuming: Promise<unknown> = Promise.resolve();
  /** Settles when the API listens: its URL for Mesos agents. */
  readonly #apiUrl: Promise<string>;
  readonly #agentArchive: AgentArchive | undefined;
  #tellApiUrl: (url: string) => void = () => {};

  private constructor(foundation: Foundation, log: OpenLog, report: PlatformOptions['report']) {
    this.#foundation = foundation;
    this.#log = log;
    this.#report = report;
    this.#agentArchive = agentArchiveOf(foundation.config);
    this.#apiUrl = new Promise((resolve) => (this.#tellApiUrl = resolve));
  }

  /** Starts everything; when a part fails, those before it are closed. Errors with a `mend` are for the operator. */
  static async open({ config: given, logToFile, report }: PlatformOptions): Promise<Platform> {
    const tls = await checkHost(given, report);
    const config = await settle(given);
    const logFile = config.log.file ?? (logToFile ? join(config.dataDir, 'vibrissa.log') : undefined);
    const log = openLog({ level: config.log.level, file: logFile });
    const platform = new Platform(await layFoundation(config, log.logger), log, report);
    try {
      await platform.#start({ tls, logFile, portIsFree: given.http.port === 0 });
      return platform;
    } catch (error) {
      await platform.#closeParts();
      throw error;
    }
  }

  get facts(): PlatformFacts {
    if (!this.#facts) throw new Error('The platform has not started.');
    return this.#facts;
  }

  /** Sees to it that all of the log was written: before the process ends. */
  flushLog(): void {
    this.#log.flush();
  }

  /**
   * Drains and closes: takes nothing new, lets what runs end within the configured grace, records the rest as stopped,
   * leaves queued activations to the next start, removes every container, save idle ones that outlive it. Idempotent it
   * is not: call it once. Resolves with what stays in a Mesos cluster.
   */
  async close(): Promise<MesosLeft | undefined> {
    const { logger, config } = this.#foundation;
    const { controller, invoker, listeners } = this.#parts;
    logger.info({ graceMs: config.shutdown.grace }, 'Draining');
    listeners?.stopAccepting();
    controller?.dispatch.stop();
    if (invoker && controller) {
      const { waiting, running } = await invoker.drain(config.shutdown.grace);
      await controller.invocations.handBack(waiting);
      await controller.invocations.recordStopped(running);
      // What is still on its way runs: its time is up.
      await controller.dispatch.drain(0);
    }
    await this.#closeParts();
    logger.info({}, 'Stopped');
    return this.#parts.mesos?.factory.left;
  }

  async #start(options: {
    tls: Tls | undefined;
    logFile: string | undefined;
    portIsFree: boolean;
  }): Promise<void> {
    const { config, ids } = this.#foundation;
    const [stores, runtimes] = await this.#openStoresAndFindRuntimes();
    const known = knownRuntimes(runtimes);
    const cluster = (this.#parts.cluster = await this.#openCluster());
    const apiSocketPath = apiSocketPathOf(config.dataDir);
    const factory = (this.#parts.factory = await this.#openFactory({
      runtimes,
      apiSocketPath,
      epoch: cluster.epoch,
    }));
    const bus = (this.#parts.bus = EmbeddedMessageBus.open({ logger: this.#foundation.logger }));
    const limits = systemLimitsOf(config);
    const controller = openController({ ...this.#foundation, stores, bus, limits, runtimes: known });
    this.#parts.controller = controller;
    if (config.catalogue.install) {
      await installCatalogue({ ...this.#foundation, ...stores, limits, runtimes: known }, catalogue);
    }
    const listenerDeps = {
      ...this.#foundation,
      controller,
      stores,
      apiSocketPath,
      ...options,
      clusterReport: () => this.#clusterReport(cluster),
      ...this.#mesosReport(),
      agentArchive: this.#agentArchive,
    };
    const listeners = (this.#parts.listeners = await Listeners.open(listenerDeps));
    const guestKey = await ensureGuest({
      auth: stores.auth,
      ids,
      dataDir: config.dataDir,
      presetKey: config.users.guest,
    });
    const unfinished = await stores.journal.unfinished();
    this.#parts.invoker = await this.#openInvoker({ stores, bus, factory, manifest: known.manifest });
    this.#resume(controller, unfinished);
    await controller.feeds.start();
    const port = await listeners.openToUsers();
    this.#tellApiUrl(agentApiUrl(config, port));
    this.#facts = {
      port,
      guestKeyFile: guestKey === undefined ? undefined : guestKeyFile(config.dataDir),
      apiUrl: apiUrlOf(config, { here: '127.0.0.1', port }),
      adminUrl: listeners.adminPort === undefined ? undefined : `http://127.0.0.1:${listeners.adminPort}`,
      adminSocket: listeners.adminSocketPath,
      dataDir: config.dataDir,
      logFile: options.logFile,
      recovered: countRecovered(unfinished),
      ...(await this.#mesosFacts()),
    };
  }

  #openCluster(): Promise<SingleNodeCluster> {
    const { clock, config } = this.#foundation;
    return SingleNodeCluster.open({ dataDir: config.dataDir, clock, host: hostname(), version: VERSION });
  }

  #clusterReport(cluster: SingleNodeCluster): ClusterReport {
    const { config } = this.#foundation;
    const { connection } = this.#parts.mesos?.factory ?? {};
    const url = this.#facts?.apiUrl ?? apiUrlOf(config, { here: '127.0.0.1', port: config.http.port });
    const view = cluster.view(url.replace(/^https?:\/\//, ''));
    return clusterPage(view, connection && { connection, settings: config.mesos });
  }

  #mesosReport(): Pick<ListenerDeps, 'mesosReport'> {
    const { mesos } = this.#parts;
    if (!mesos) return {};
    return {
      mesosReport: async () => {
        const containers = this.#parts.invoker?.snapshot().containers ?? [];
        return mesosPage(await mesos.factory.status(), containers, mesos.memory);
      },
    };
  }

  async #mesosFacts(): Promise<{ readonly mesos?: MesosFacts }> {
    const { mesos } = this.#parts;
    if (!mesos) return {};
    const { agents, framework, masters } = await mesos.factory.status();
    return {
      mesos: {
        frameworkId: framework.id,
        frameworkName: framework.name,
        masters,
        agents: agents?.length,
        memory: mesos.memory,
        adopted: mesos.factory.recovered,
        failoverTimeoutMs: framework.failoverTimeoutMs,
        teardownOnExit: this.#foundation.config.mesos.teardownOnExit,
      },
    };
  }

  /** At the same time: each waits for a thread or for processes. */
  async #openStoresAndFindRuntimes(): Promise<[OpenStores, DiscoveredRuntimes]> {
    const finding = findRuntimes(this.#foundation.config);
    finding.catch(() => {});
    const opened = await openStores(this.#foundation);
    const { activations, artifacts, attachments, auth } = opened;
    const stores = (this.#parts.stores = {
      activations,
      artifacts,
      attachments,
      auth,
      journal: watchedJournal(opened.journal, this.#foundation.events),
      reloadKeys: () => opened.reloadKeys(),
      close: () => opened.close(),
    });
    return [stores, await finding];
  }

  async #openFactory(given: {
    runtimes: DiscoveredRuntimes;
    apiSocketPath: string;
    epoch: number;
  }): Promise<ContainerFactory> {
    const { config } = this.#foundation;
    const { apiSocketPath, epoch, runtimes } = given;
    if (config.containers.factory === 'mesos') {
      this.#parts.mesos = await this.#openMesos(runtimes, epoch);
      return this.#parts.mesos.factory;
    }
    const deps = { ...this.#foundation, runtimes, apiSocketPath };
    const factory = await openFactory(deps, config.dataDir);
    this.#parts.factory = factory;
    findingsOf(factory.report).forEach(this.#report);
    refuseToExpose(config, factory.report.isolation);
    return factory;
  }

  #openMesos(runtimes: DiscoveredRuntimes, epoch: number): Promise<OpenMesos> {
    return openMesos({
      ...this.#foundation,
      runtimes,
      epoch,
      invoker: THIS_INVOKER,
      apiUrl: this.#apiUrl,
      archivePath: this.#agentArchive?.path,
      report: this.#report,
    });
  }

  #openInvoker(
    parts: Pick<InvokerDeps, 'bus' | 'factory' | 'manifest'> & { stores: OpenStores },
  ): Promise<Invoker> {
    const { stores, ...rest } = parts;
    const { artifacts, attachments, journal } = stores;
    const { clock, events, ids, logger, metrics, parameterLocks, random, trails, config } = this.#foundation;
    return Invoker.open({
      ...rest,
      artifacts,
      attachments,
      journal,
      parameterLocks,
      clock,
      ids,
      metrics,
      trails,
      events,
      random,
      id: THIS_INVOKER,
      logger: logger.child({ component: 'invoker' }),
      config: invokerConfigOf(
        config,
        this.#parts.mesos?.memory.userMemoryMb ?? config.containerPool.userMemoryMb,
      ),
    });
  }

  /** Settles what the last run left, while new requests are served. */
  #resume({ dispatch }: Controller, unfinished: readonly Unfinished[]): void {
    this.#resuming = dispatch.resume(unfinished).catch((error: unknown) => {
      this.#foundation.logger.error({ err: error }, 'Unfinished activations could not be settled');
    });
  }

  /** From the highest to the lowest; a part that fails to close doesn't keep those below it open. */
  async #closeParts(): Promise<void> {
    const { bus, cluster, controller, factory, invoker, listeners, stores } = this.#parts;
    await this.#resuming;
    const closings = [invoker, listeners, controller?.invocations, factory, bus, cluster, stores];
    for (const part of closings) {
      await part?.close().catch((error: unknown) => {
        this.#foundation.logger.error({ err: error }, 'A part of the platform could not be closed');
      });
    }
    await this.#foundation.closeTracing();
  }
}

function countRecovered(unfinished: readonly Unfinished[]): PlatformFacts['recovered'] {
  const resumed = unfinished.filter(({ message, started }) => message.durable && !started).length;
  return { resumed, stopped: unfinished.length - resumed };
}
