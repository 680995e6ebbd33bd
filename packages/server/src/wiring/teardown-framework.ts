import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { FileFrameworkState, MesosScheduler, type StoredState } from '@vibrissa/mesos';

import { systemClock } from '../base/clock.ts';
import type { Config } from '../config/schema.ts';
import type { MesosAccess } from '../containers/mesos/mesos-connection.ts';
import { mesosPathsOf } from '../containers/mesos/mesos-paths.ts';
import type { Refused } from './administer-data-directory.ts';
import { isRunning } from './is-running.ts';
import { mesosAccessOf } from './mesos-access.ts';

/** What a teardown removes. */
export interface Removal {
  readonly frameworkId: string;
  readonly masters: string;
  /** Ids of its tasks, as they were written down last. */
  readonly tasks: readonly string[];
}

/** `none`: there is nothing to remove. `gone`: the master had removed it before. */
export type TornDown =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'asked' | 'removed' | 'gone'; readonly removal: Removal }
  | Refused;

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

function refusalOf(error: unknown, masters: string): Refused {
  if (codeOf(error) === 'STATE_IN_USE') {
    return { refused: 'A platform uses this framework now.', mend: 'Stop it first.' };
  }
  const { message } = error as Error;
  const mend =
    error instanceof Error && 'mend' in error && typeof error.mend === 'string'
      ? error.mend
      : `See whether ${masters} is the master that the platform used: --mesos-master, --config`;
  return { refused: `The framework was not removed. ${message}`, mend };
}

/**
 * Removes the framework of a stopped platform from Mesos, which kills all its tasks, and what was written down of it.
 * Without `yes` it only says what that would be.
 */
export async function teardownFramework(config: Config, yes: boolean): Promise<TornDown> {
  const { dataDir, mesos } = config;
  const { containers, framework } = mesosPathsOf(dataDir);
  if (!existsSync(framework)) return { outcome: 'none' };
  if (await isRunning(dataDir)) {
    return {
      refused: `The platform of ${dataDir} runs: it would lose its containers.`,
      mend: 'Stop it first; --teardown-on-exit at its next start makes every stop a teardown.',
    };
  }
  try {
    const { frameworkId, tasks } = await readState(framework);
    if (frameworkId === undefined) return { outcome: 'none' };
    const removal = {
      frameworkId,
      masters: mesos.masterUrl,
      tasks: tasks.map(({ mesosTaskId }) => mesosTaskId),
    };
    if (!yes) return { outcome: 'asked', removal };
    const outcome = await removeFromMesos(config, mesosAccessOf(config));
    for (const directory of [framework, containers]) await rm(directory, { recursive: true, force: true });
    return { outcome, removal };
  } catch (error) {
    return refusalOf(error, mesos.masterUrl);
  }
}
