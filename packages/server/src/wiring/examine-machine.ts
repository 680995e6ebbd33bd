import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

import type { Finding } from '../base/finding.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { noMetrics } from '../base/metrics.ts';
import type { Config } from '../config/schema.ts';
import { examineMesos } from './examine-mesos.ts';
import { isRunning } from './is-running.ts';
import { isKernelPath, nearestExisting } from './kernel-path.ts';
import { findingsOf, findRuntimes, openFactory } from './open-factory.ts';
import { tryToListen } from './reserve-port.ts';

const MEBIBYTE = 1024 * 1024;
const LITTLE_SPACE_MB = 512;
/** No clock of a machine that can run this is honestly before that. */
const OLDEST_PLAUSIBLE_MS = Date.UTC(2026, 0, 1);

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) {
    return { level: 'ok', what: `Node.js ${process.versions.node}` };
  }
  return {
    level: 'failure',
    what: `Node.js ${process.versions.node} is too old; 20.19 or newer is needed.`,
    mend: 'Install Node.js 24: https://nodejs.org/en/download',
  };
}

function clockFinding(nowMs: number): Finding {
  if (nowMs >= OLDEST_PLAUSIBLE_MS) return { level: 'ok', what: 'The system clock is plausible' };
  return {
    level: 'warning',
    what: `The system clock says ${new Date(nowMs).toISOString()}: activation records will carry wrong times.`,
    mend: 'Set it, for example with: timedatectl set-ntp true',
  };
}

function directoryFinding(dataDir: string): Finding {
  const existing = nearestExisting(dataDir);
  if (isKernelPath(dataDir)) {
    return {
      level: 'failure',
      what: `The data directory ${dataDir} lies in a file system of the kernel, which keeps nothing.`,
      mend: 'Name a directory on a disk with --data-dir.',
    };
  }
  if (!statSync(existing).isDirectory()) {
    const what = existing === dataDir ? 'is a file' : `can't be made: ${existing} is a file`;
    return {
      level: 'failure',
      what: `The data directory ${dataDir} ${what}, not a directory.`,
      mend: 'Name a directory with --data-dir, or move that file away.',
    };
  }
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return {
      level: 'failure',
      what: `The data directory ${dataDir} can't be written.`,
      mend: 'Make it writable for this user, or name another with --data-dir.',
    };
  }
  const { bavail, bsize } = statfsSync(existing);
  const freeMb = Math.floor((bavail * bsize) / MEBIBYTE);
  if (freeMb >= LITTLE_SPACE_MB) return { level: 'ok', what: `Data directory ${dataDir}, ${freeMb} MB free` };
  return {
    level: 'warning',
    what: `Only ${freeMb} MB are free for the data directory ${dataDir}; a full disk refuses invocations.`,
    mend: 'Free some space, or name another directory with --data-dir.',
  };
}

function memoryFinding({ containerPool: { userMemoryMb } }: Config): Finding {
  const machineMb = Math.floor(totalmem() / MEBIBYTE);
  if (userMemoryMb <= machineMb) {
    const cores = availableParallelism();
    return { level: 'ok', what: `${userMemoryMb} of ${machineMb} MB for containers, ${cores} processors` };
  }
  return {
    level: 'warning',
    what: `containerPool.userMemoryMb is ${userMemoryMb}, but the machine has ${machineMb} MB.`,
    mend: `Set it to ${Math.floor(machineMb / 2)} or less.`,
  };
}

/** Is the address of the API free? Codes of the system become sentences with a mend. */
async function addressFinding({ http: { host, port } }: Config): Promise<Finding> {
  const reservation = await tryToListen(host, port);
  if (reservation.ok) {
    return { level: 'ok', what: port === 0 ? 'A free port will be taken' : `Port ${port} is free` };
  }
  const { code } = reservation;
  if (code === 'EADDRINUSE') {
    return {
      level: 'failure',
      what: `Port ${port} of ${host} is taken, perhaps by a platform that runs already.`,
      mend: `Stop what listens there (find it with: ss -ltnp 'sport = :${port}'), or choose another port: --port ${port + 1}`,
    };
  }
  if (code === 'EACCES') {
    return {
      level: 'failure',
      what: `Port ${port} needs rights that this user doesn't have.`,
      mend: 'Choose a port from 1024 on, for example --port 3233.',
    };
  }
  return {
    level: 'failure',
    what: `${host} is no address of this machine that can be listened on (${code}).`,
    mend: 'Give --host 127.0.0.1, 0.0.0.0, or an address that `ip addr` shows.',
  };
}

/** Its own port and directory are no obstacles to a platform that runs. */
function runningFinding({ dataDir }: Config): Finding {
  return { level: 'ok', what: `A platform runs on ${dataDir}; whether its port is free was not checked` };
}

function machineFindings(config: Config): readonly Finding[] {
  // The memory of containers elsewhere is not this machine's.
  const memory = config.containers.factory === 'mesos' ? [] : [memoryFinding(config)];
  return [nodeFinding(), clockFinding(systemClock.now()), directoryFinding(config.dataDir), ...memory];
}

/** The checks that don't concern containers; nothing is changed by them. */
export async function examineHost(config: Config): Promise<readonly Finding[]> {
  return [...machineFindings(config), await addressFinding(config)];
}

/** All checks, those of the sandboxes too, without a platform: for `vibrissa doctor`. */
export async function examineMachine(config: Config): Promise<readonly Finding[]> {
  const host = (await isRunning(config.dataDir))
    ? [...machineFindings(config), runningFinding(config)]
    : await examineHost(config);
  const runtimes = await findRuntimes(config);
  if (config.containers.factory === 'mesos') return [...host, ...(await examineMesos(config, runtimes))];
  const factory = await openFactory({
    config,
    runtimes,
    clock: systemClock,
    logger: silentLogger,
    metrics: noMetrics,
  });
  try {
    return [...host, ...findingsOf(factory.report)];
  } finally {
    await factory.close();
  }
}
