import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import {
  FileFrameworkState,
  MasterUnreachable,
  MesosScheduler,
  NoMasters,
  NotAMaster,
  OperatorRefused,
  type StoredState,
} from '@vibrissa/mesos';

import { systemClock } from '../base/clock.ts';
import { mendOf } from '../base/mendable.ts';
import type { Config } from '../config/schema.ts';
import { sentence } from '../containers/mesos/error-words.ts';
import type { MesosAccess } from '../containers/mesos/mesos-connection.ts';
import { mesosPathsOf } from '../containers/mesos/mesos-paths.ts';
import type { Refused } from './administer-data-directory.ts';
import { askMaster } from './ask-master.ts';
import { frameworkRecordPath, readFrameworkRecord } from './framework-record.ts';
import { isRunning } from './is-running.ts';
import { mesosAccessOf } from './mesos-access.ts';
import { inSettingNames } from './mesos-option-text.ts';
import { mesosStartError } from './mesos-start-error.ts';

/** What a teardown removes. */
export interface Removal {
  readonly frameworkId: string;
  readonly masters: string;
  /** Ids of its tasks: as the master tells them, else as they were written down last. */
  readonly tasks: readonly string[];
  /** Why the master has not told them; a sentence. */
  readonly untold?: string;
}

/** `none`: there is nothing to remove. `gone`: the master had removed it before. */
export type TornDown =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'asked' | 'removed' | 'gone'; readonly removal: Removal }
  | Refused;

export interface TeardownRequest {
  /** Does it, instead of only saying what it would remove. */
  readonly yes: boolean;
  /** Nobody has named the masters: then those of the last run are meant. */
  readonly mastersAreDefault: boolean;
}

/** What a master says of the framework; `hidden`: it doesn't say, and why. */
type Standing =
  | { readonly kind: 'known'; readonly tasks: readonly string[] }
  | { readonly kind: 'completed' | 'unknown' }
  | { readonly kind: 'hidden'; readonly why: string };

const ANSWER_MS = 5000;

async function readState(directory: string): Promise<StoredState> {
  const state = await FileFrameworkState.open(directory);
  try {
    return await state.load();
  } finally {
    await state.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const expiry = systemClock.sleep(ms, late.signal).then(() => {
    throw new Error(`The master did not remove the framework within ${Math.round(ms / 1000)} s.`);
  });
  expiry.catch(() => {});
  return Promise.race([work, expiry]).finally(() => late.abort());
}

async function standingAt(access: MesosAccess, frameworkId: string, timeoutMs: number): Promise<Standing> {
  try {
    return await askMaster(access, timeoutMs, async (operator, signal) => {
      const isIt = (each: { framework_info: { id?: { value: string } } }): boolean =>
        each.framework_info.id?.value === frameworkId;
      const { completed, frameworks } = await operator.getFrameworks(signal);
      if (completed.some(isIt)) return { kind: 'completed' };
      if (!frameworks.some(isIt)) return { kind: 'unknown' };
      const { pending, tasks, unreachable } = await operator.getTasks(frameworkId, signal);
      return {
        kind: 'known',
        tasks: [...pending, ...tasks, ...unreachable].map(({ task_id: id }) => id.value),
      };
    });
  } catch (error) {
    if (error instanceof OperatorRefused) return { kind: 'hidden', why: sentence(error.message) };
    throw error;
  }
}

async function removeFromMesos(config: Config, access: MesosAccess): Promise<'removed' | 'gone'> {
  const { mesos, dataDir } = config;
  const scheduler = await MesosScheduler.open({
    ...access,
    framework: {
      name: mesos.frameworkName,
      roles: [mesos.role],
      failoverTimeoutMs: mesos.timeouts.failover,
      ...(mesos.user !== undefined && { user: mesos.user }),
    },
    state: await FileFrameworkState.open(mesosPathsOf(dataDir).framework),
  });
  try {
    await scheduler.subscribe({ withinMs: mesos.timeouts.subscribe });
    await within(mesos.timeouts.teardown, scheduler.teardown());
    return 'removed';
  } catch (error) {
    if (codeOf(error) === 'FRAMEWORK_REMOVED') return 'gone';
    throw error;
  } finally {
    await scheduler.close();
  }
}

function nobodyAnswers(error: unknown): boolean {
  const isOurs = error instanceof MasterUnreachable || error instanceof NoMasters;
  return isOurs || (error instanceof Error && error.name === 'TimeoutError');
}

function refusalOf(given: unknown, config: Config, frameworkId: string | undefined): Refused {
  if (codeOf(given) === 'STATE_IN_USE') {
    return { refused: 'A platform uses this framework now.', mend: 'Stop it first.' };
  }
  const masters = config.mesos.masterUrl;
  const what = `${frameworkId === undefined ? 'The framework' : `Framework ${frameworkId}`} was not removed.`;
  const name = '--mesos-master http://HOST:5050';
  if (nobodyAnswers(given)) {
    const why = (given as Error).name === 'TimeoutError' ? '' : ` ${sentence((given as Error).message)}`;
    return {
      refused: `${what} No Mesos master answers at ${masters}.${inSettingNames(why)}`,
      mend: `Name the master that the platform used, and see that it can be reached from here: ${name}`,
    };
  }
  const error = mesosStartError(given, config);
  const { message } = error as Error;
  const mend = mendOf(error)?.mend;
  const isAlien = given instanceof NotAMaster;
  return {
    refused: `${what} ${isAlien ? `What answers at ${masters} is no Mesos master: ` : ''}${inSettingNames(message)}`,
    mend: mend ?? `Name the master that the platform used: ${name}`,
  };
}

/** Another cluster would take the framework's id as a new one's, and remove that instead. */
function refuseStranger(removal: Removal, formerMasters: string | undefined): Refused {
  return {
    refused: `The Mesos master at ${removal.masters} knows no framework ${removal.frameworkId}: nothing was removed.`,
    mend: `Name the masters that the platform used last: --mesos-master ${formerMasters ?? 'http://HOST:5050'}`,
  };
}

interface Plan {
  readonly frameworkId: string;
  readonly yes: boolean;
  /** Ids of tasks, as they were written down last. */
  readonly written: readonly string[];
  readonly formerMasters: string | undefined;
}

async function tearDown(config: Config, plan: Plan): Promise<TornDown> {
  const { dataDir, mesos } = config;
  const { formerMasters, frameworkId, written, yes } = plan;
  const access = mesosAccessOf(config);
  const standing = await standingAt(access, frameworkId, Math.min(ANSWER_MS, mesos.timeouts.subscribe));
  const tasks = standing.kind === 'known' ? standing.tasks : written;
  const removal = {
    frameworkId,
    masters: mesos.masterUrl,
    tasks,
    ...(standing.kind === 'hidden' && { untold: standing.why }),
  };
  // A master that has just become the leader lists no framework that hasn't come back to it.
  const isElsewhere = standing.kind === 'unknown' && formerMasters !== mesos.masterUrl;
  if (isElsewhere) return refuseStranger(removal, formerMasters);
  if (!yes) return { outcome: standing.kind === 'completed' ? 'gone' : 'asked', removal };
  const outcome = await removeFromMesos(config, access);
  const { containers, framework } = mesosPathsOf(dataDir);
  for (const path of [framework, containers, frameworkRecordPath(dataDir)]) {
    await rm(path, { recursive: true, force: true });
  }
  return { outcome, removal };
}

/**
 * Removes the framework of a stopped platform from Mesos, which kills all its tasks, and what was written down of it.
 * Without `yes` it only says what that would be, as the master tells it.
 */
export async function teardownFramework(given: Config, request: TeardownRequest): Promise<TornDown> {
  const { dataDir } = given;
  const { framework } = mesosPathsOf(dataDir);
  if (!existsSync(framework)) return { outcome: 'none' };
  if (await isRunning(dataDir)) {
    return {
      refused: `The platform of ${dataDir} runs: it would lose its containers.`,
      mend: 'Stop it first; --teardown-on-exit at its next start makes every stop a teardown.',
    };
  }
  const formerMasters = readFrameworkRecord(dataDir)?.masters;
  const masterUrl = request.mastersAreDefault ? formerMasters : undefined;
  const config = masterUrl === undefined ? given : { ...given, mesos: { ...given.mesos, masterUrl } };
  let frameworkId: string | undefined;
  try {
    const stored = await readState(framework);
    ({ frameworkId } = stored);
    if (frameworkId === undefined) return { outcome: 'none' };
    const written = stored.tasks.map(({ mesosTaskId }) => mesosTaskId);
    return await tearDown(config, { yes: request.yes, frameworkId, written, formerMasters });
  } catch (error) {
    return refusalOf(error, config, frameworkId);
  }
}
