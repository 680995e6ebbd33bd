import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { MasterAgent } from '@vibrissa/mesos';

import type { Finding } from '../base/finding.ts';
import type { PoolMemory } from '../commands/start-text.ts';
import type { Config } from '../config/schema.ts';
import { examineCluster } from '../containers/mesos/examine-cluster.ts';
import type { MesosConfig } from '../containers/mesos/mesos-config.ts';
import { MesosContainerFactory } from '../containers/mesos/mesos-container-factory.ts';
import { parseConstraints } from '../containers/mesos/parse-constraint.ts';
import { buildAgentArchive } from '../containers/sandbox/on-agent/agent-archive.ts';
import type { DiscoveredRuntimes } from '../containers/sandbox/discover-runtimes.ts';
import { agentApiFindings, agentApiUrl } from './agent-api-url.ts';
import type { AgentArchive } from './agent-archive-route.ts';
import type { Foundation } from './foundation.ts';
import {
  changedSince,
  keepFrameworkRecord,
  keepUserMemory,
  readFrameworkRecord,
} from './framework-record.ts';
import { mesosAccessOf } from './mesos-access.ts';
import { mesosStartError } from './mesos-start-error.ts';
import { isLoopback } from './open-factory.ts';
import { poolMemoryOf } from './pool-memory.ts';
import { StartError } from './start-error.ts';

export interface MesosWiring extends Foundation {
  readonly invoker: number;
  /** Of this start of the platform. */
  readonly epoch: number;
  readonly runtimes: DiscoveredRuntimes;
  /** The platform's API as agents reach it; settles when it listens. */
  readonly apiUrl: Promise<string>;
  /** Path on that API of the archive with launcher and runtimes. */
  readonly archivePath: string | undefined;
  readonly report: (finding: Finding) => void;
}

/** What agents fetch of the platform; undefined where they need nothing, or have it on their disks. */
export function agentArchiveOf({ containers, mesos }: Config): AgentArchive | undefined {
  const isFetched = mesos.task === 'command' && mesos.command.runtimePath === undefined;
  if (containers.factory !== 'mesos' || !isFetched) return undefined;
  const { bytes, digest } = buildAgentArchive();
  return { path: `/vibrissa/agent-${digest}.tar.gz`, bytes };
}

/** The certificate of the API, where nothing else vouches for it. */
function ownCertificate({ http }: Config): { readonly apiCa?: string } {
  if (http.tls.cert === undefined) return {};
  const pem = readFileSync(http.tls.cert, 'utf8');
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate) ? { apiCa: pem } : {};
}

/** Constraints that were meant otherwise than they are written stop the start. */
function constraintsOf(
  { mesos }: Config,
  setting: 'constraints' | 'blackboxConstraints',
): MesosConfig['constraints'] {
  const { constraints, problems } = parseConstraints(mesos[setting], mesos.constraintDelimiter);
  if (problems.length > 0) {
    throw new StartError('MESOS_UNUSABLE', {
      message: `mesos.${setting} can't be understood: ${problems.join(' ')}`,
      mend: 'Write each as: attribute LIKE regex (or UNLIKE, EQUALS, EXISTS), parted by mesos.constraintDelimiter.',
    });
  }
  return constraints;
}

function usesUcrWithoutNetwork({ mesos }: Config): boolean {
  return mesos.network === 'bridge' && (mesos.task === 'ucr' || mesos.blackboxTask === 'ucr');
}

/** The slice of the configuration. Throws {@link StartError}. */
export function mesosConfigOf(
  config: Config,
  { invoker, runtimes, report }: Pick<MesosWiring, 'invoker' | 'runtimes' | 'report'>,
): MesosConfig {
  const { actionDirectory, sharedMemory, tmp } = config.containers.sandbox;
  if (usesUcrWithoutNetwork(config)) {
    report({
      level: 'warning',
      what: "Only Docker has the network bridge: containers of the kind ucr have their agent's own network, where nothing keeps them apart.",
      mend: 'Name a CNI network with mesos.network, or say that you want this: --set mesos.network=host',
    });
  }
  return {
    invoker,
    settings: config.mesos,
    constraints: constraintsOf(config, 'constraints'),
    blackboxConstraints: constraintsOf(config, 'blackboxConstraints'),
    sandbox: { tmpMb: tmp, actionDirMb: actionDirectory, sharedMemoryMb: sharedMemory },
    manifest: runtimes.manifest,
    commandKinds: new Set(runtimes.commands.keys()),
    ...ownCertificate(config),
  };
}

/** Without isolation, whoever can invoke an action has the agents: then only this machine may reach the API. */
function refuseToExpose({ containers, http, mesos }: Config): void {
  const isUnconfined = mesos.task === 'command' && mesos.command.allowUnconfined;
  if (!isUnconfined || isLoopback(http.host) || containers.listenWithoutIsolation) return;
  throw new StartError('NOT_ISOLATED', {
    message: `mesos.command.allowUnconfined lets actions run without any isolation on agents, so the API doesn't listen on ${http.host}: whoever reached it would have the agents.`,
    mend: 'Install bubblewrap on the agents and leave that setting out, listen on 127.0.0.1, or say that you want it: --set containers.listenWithoutIsolation=true',
  });
}

/**
 * A platform that was a framework before starts without its master, too: its containers serve on, and the subscription
 * comes by itself.
 */
async function subscribe(factory: MesosContainerFactory, { config, report }: MesosWiring): Promise<void> {
  const { scheduler } = factory.connection;
  const { frameworkId } = scheduler;
  const record = frameworkId === undefined ? undefined : readFrameworkRecord(config.dataDir);
  try {
    const id = await scheduler.subscribe({ withinMs: config.mesos.timeouts.subscribe });
    if (record?.frameworkId === id) changedSince(record, config).forEach(report);
    keepFrameworkRecord(config, id);
  } catch (error) {
    const told = mesosStartError(error, config);
    const mayWait = frameworkId !== undefined && (error as { code?: unknown }).code === 'NO_MASTER';
    if (!mayWait || !(told instanceof StartError)) throw told;
    report({
      level: 'warning',
      what: `${told.message} Containers of the last run serve on; new ones wait for a master.`,
      mend:
        record === undefined || record.masters === config.mesos.masterUrl
          ? told.mend
          : `The masters of the last run were others: --mesos-master ${record.masters}`,
    });
  }
}

async function agentsOf(
  { connection }: MesosContainerFactory,
  { logger }: MesosWiring,
): Promise<readonly MasterAgent[] | undefined> {
  if (!connection.scheduler.isSubscribed) return undefined;
  try {
    return await connection.agents();
  } catch (error) {
    // A master may hide its agents from a framework; that they fit is seen when containers start.
    logger.warn({ err: error }, 'The master does not tell its agents');
    return undefined;
  }
}

async function examine(
  factory: MesosContainerFactory,
  wiring: MesosWiring,
  mesosConfig: MesosConfig,
): Promise<PoolMemory> {
  const { config, report } = wiring;
  agentApiFindings(config, config.http.port).forEach(report);
  const agents = await agentsOf(factory, wiring);
  const formerMb = readFrameworkRecord(config.dataDir)?.userMemoryMb;
  const memory = poolMemoryOf(config, { agents, formerMb, mesosConfig });
  const { source, userMemoryMb } = memory;
  if (source === 'agents' || source === 'largest action') keepUserMemory(config.dataDir, userMemoryMb);
  const wishes = { config: mesosConfig, standardMb: config.memory.std, userMemoryMb };
  if (agents) examineCluster(agents, wishes).forEach(report);
  return memory;
}

export interface OpenMesos {
  readonly factory: MesosContainerFactory;
  readonly memory: PoolMemory;
}

/** Makes the platform a framework of Mesos. Throws {@link StartError} where the operator can mend it. */
export async function openMesos(wiring: MesosWiring): Promise<OpenMesos> {
  const { apiUrl, archivePath, clock, config, epoch, ids, logger, metrics } = wiring;
  refuseToExpose(config);
  const mesosConfig = { ...mesosConfigOf(config, wiring), epoch };
  const access = mesosAccessOf(config);
  let factory: MesosContainerFactory | undefined;
  try {
    factory = await MesosContainerFactory.open({
      access,
      apiUrl,
      clock,
      config: mesosConfig,
      dataDir: config.dataDir,
      ids,
      logger: logger.child({ component: 'mesos' }),
      metrics,
      expectedApiUrl: agentApiUrl(config, config.http.port),
      ...(archivePath !== undefined && { archivePath }),
    });
    await subscribe(factory, wiring);
    return { factory, memory: await examine(factory, wiring, mesosConfig) };
  } catch (error) {
    await factory?.close();
    throw mesosStartError(error, config);
  }
}
