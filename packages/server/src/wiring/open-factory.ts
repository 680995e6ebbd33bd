import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { RuntimesManifest } from '@vibrissa/protocol';

import type { Finding } from '../base/finding.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Config } from '../config/schema.ts';
import { discoverRuntimes, type DiscoveredRuntimes } from '../containers/sandbox/discover-runtimes.ts';
import type { Finding as SandboxFinding, PreflightReport } from '../containers/sandbox/preflight.ts';
import type { SandboxConfig } from '../containers/sandbox/sandbox-config.ts';
import { SandboxContainerFactory } from '../containers/sandbox/sandbox-container-factory.ts';
import type { Foundation } from './foundation.ts';
import { publicImages } from './public-images.ts';
import { StartError } from './start-error.ts';

function runtimeDirectory(): string {
  return fileURLToPath(new URL('../../../../runtimes', import.meta.url));
}

function sandboxConfigOf({ containers: { factory, sandbox } }: Config): SandboxConfig {
  return {
    plain: factory === 'process',
    tmpMb: sandbox.tmp,
    actionDirMb: sandbox.actionDirectory,
    sharedMemoryMb: sandbox.sharedMemory,
    pids: sandbox.pids,
    uids: { first: sandbox.firstUid, count: sandbox.uidCount },
    internet: sandbox.internet,
    allowedDestinations: sandbox.allow,
    ...(sandbox.cpuCores === undefined ? {} : { cpuCores: sandbox.cpuCores }),
  };
}

/** A manifest of the operator's, in OpenWhisk's format; only its kinds are offered. */
function readManifestFile(path: string): RuntimesManifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RuntimesManifest;
  } catch (cause) {
    throw new StartError('MANIFEST_UNUSABLE', {
      message: `The runtimes manifest ${path} can't be read: ${(cause as Error).message}`,
      mend: 'Mend the file, or leave runtimes.manifest out to offer what the machine has.',
      cause,
    });
  }
}

/** Containers that are images need nothing of this machine. */
function imageRuntimes({ runtimes }: Config): DiscoveredRuntimes {
  const manifest = runtimes.manifest === undefined ? publicImages() : readManifestFile(runtimes.manifest);
  return { manifest, commands: new Map() };
}

/**
 * The runtimes of this machine, under the operator's manifest if there is one. Mesos agents are taken to have what this
 * machine has; where containers are images, the manifest names those.
 */
export async function findRuntimes(config: Config): Promise<DiscoveredRuntimes> {
  if (config.containers.factory === 'mesos' && config.mesos.task !== 'command') return imageRuntimes(config);
  const { runtimes } = config;
  const runtimeDir = runtimeDirectory();
  if (!existsSync(runtimeDir)) {
    throw new StartError('RUNTIMES_MISSING', {
      message: `The directory ${runtimeDir} with the language runtimes is missing.`,
      mend: 'Install or check out Vibrissa again.',
    });
  }
  const path = process.env['PATH'] ?? '';
  const found = await discoverRuntimes({ runtimeDir, execPath: process.execPath, path, home: homedir() });
  return runtimes.manifest === undefined
    ? found
    : { ...found, manifest: readManifestFile(runtimes.manifest) };
}

const levels = { ok: 'ok', warn: 'warning', failure: 'failure' } as const;

function toFinding({ subject, status, message, mend }: SandboxFinding, isolation: string): Finding {
  // The platform does run without a sandbox, on loopback: to the operator that is a warning, a loud one.
  const level = subject === 'sandbox' && isolation === 'none' ? 'warning' : levels[status];
  const what =
    level === 'warning' && subject === 'sandbox' ? `NO ISOLATION: ${message}` : `${subject}: ${message}`;
  return { level, what, ...(mend === undefined ? {} : { mend }) };
}

/** The sandbox's report in the words of the platform's checks. */
export function findingsOf({ findings, isolation }: PreflightReport): readonly Finding[] {
  return findings.map((finding) => toFinding(finding, isolation));
}

export interface FactoryDeps extends Pick<Foundation, 'config' | 'clock' | 'logger'> {
  readonly metrics: Metrics;
  readonly runtimes: DiscoveredRuntimes;
  readonly apiSocketPath?: string;
}

/** Opens the local sandboxes, or plain processes. Without a `dataDir` (for checks) they leave nothing behind. */
export function openFactory(deps: FactoryDeps, dataDir?: string): Promise<SandboxContainerFactory> {
  const { apiSocketPath, clock, config, logger, metrics, runtimes } = deps;
  return SandboxContainerFactory.open({
    runtimeDir: runtimeDirectory(),
    apiPort: config.http.port,
    runtimes,
    clock,
    logger: logger.child({ component: 'sandbox' }),
    metrics,
    config: sandboxConfigOf(config),
    ...(apiSocketPath === undefined ? {} : { apiSocketPath }),
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}

const loopback = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;

/** Is the address one that only this machine reaches? */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/** Without isolation, whoever can invoke an action has this machine: then only this machine may reach the API. */
export function refuseToExpose({ http, containers }: Config, isolation: PreflightReport['isolation']): void {
  if (isolation !== 'none') return;
  if (containers.factory === 'sandbox') {
    throw new StartError('NOT_ISOLATED', {
      message: 'The settings ask for sandboxes (containers.factory), and this machine can make none.',
      mend: 'Mend what the checks above name, or leave containers.factory out.',
    });
  }
  if (isLoopback(http.host) || containers.listenWithoutIsolation) return;
  throw new StartError('NOT_ISOLATED', {
    message: `Actions would run without any isolation, so the API doesn't listen on ${http.host}: whoever reached it would have this machine.`,
    mend: 'Mend what the checks above name, listen on 127.0.0.1, or say that you want it: --set containers.listenWithoutIsolation=true',
  });
}
