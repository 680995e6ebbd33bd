/**
 * Finds a place in the cgroup tree where this platform may keep its sandboxes, and makes its base directories there.
 *
 * v1: directly below each controller's root, as container engines do. v2: below the nearest ancestor of our own group
 * that we may write to and that has, or takes, the controllers (as root: the whole tree; as a user: what systemd
 * delegated). A v2 group that holds processes can't hand controllers to children (the no-internal-process rule): when
 * our own group is the only candidate, its processes move to a leaf `platform` beside the base.
 */
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cgroupProcesses, removeCgroup, writeIfPresent } from './cgroup-files.ts';
import { cgroupLayout, type CgroupLayout, v2Candidates } from './cgroup-layout.ts';
import type { Cgroups } from './cgroup-plan.ts';
import { type CgroupV1Bases, cgroupsV1 } from './cgroups-v1.ts';
import { cgroupsV2 } from './cgroups-v2.ts';

export interface OpenedCgroups {
  readonly cgroups?: Cgroups;
  /** Why (some) limits are missing: sentences for the operator. */
  readonly problems: readonly string[];
}

const wantedControllers = ['memory', 'cpu', 'pids'];

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Never `recursive`: where a kernel file system refuses new entries with ENOENT, Node would try for ever. */
function makeGroup(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function makeBase(path: string): void {
  makeGroup(path);
  accessSync(join(path, 'cgroup.procs'), constants.W_OK);
}

/**
 * All sandboxes together weigh as much as one busy process on every core. By default they would weigh as much as a
 * single process, and wait for every other one on the machine.
 */
function weigh(file: string, one: number): void {
  try {
    writeIfPresent(file, String(Math.min(one * availableParallelism(), 10_000)));
  } catch {
    // Without this weight the limits still hold.
  }
}

function openV1(layout: Extract<CgroupLayout, { version: 'v1' }>, baseName: string): OpenedCgroups {
  const bases: { -readonly [K in keyof CgroupV1Bases]: CgroupV1Bases[K] } = {};
  const problems: string[] = [];
  const take = (slot: keyof CgroupV1Bases, mount: string | undefined) => {
    if (mount === undefined) return void problems.push(`the cgroup controller ${slot} is not mounted`);
    try {
      makeBase(join(mount, baseName));
      bases[slot] = join(mount, baseName);
    } catch (error) {
      problems.push(`no cgroup of the controller ${slot} can be made (${reason(error)})`);
    }
  };
  for (const slot of ['memory', 'cpu', 'pids'] as const) take(slot, layout.controllers.get(slot));
  if (bases.cpu !== undefined) weigh(join(bases.cpu, 'cpu.shares'), 1024);
  if (layout.controllers.has('freezer') || layout.unified === undefined)
    take('freezer', layout.controllers.get('freezer'));
  else take('unified', layout.unified);
  return Object.keys(bases).length === 0 ? { problems } : { cgroups: cgroupsV1(bases), problems };
}

function exists(file: string): boolean {
  try {
    accessSync(file);
    return true;
  } catch {
    return false;
  }
}

const words = (file: string) => new Set(readFileSync(file, 'utf8').split(/\s+/).filter(Boolean));

/** Turns on what is wanted for the children of a group, one by one: a missing controller spoils only itself. */
function enableControllers(group: string, wanted: readonly string[]): Set<string> {
  const control = join(group, 'cgroup.subtree_control');
  for (const controller of wanted)
    try {
      writeFileSync(control, `+${controller}`);
    } catch {
      // Not available here, or not ours to enable: what counts is what the file says afterwards.
    }
  const enabled = words(control);
  return new Set(wanted.filter((controller) => enabled.has(controller)));
}

/** Moves every process of a group that we may move into a leaf below it. */
function leaveGroup(group: string): void {
  const leaf = join(group, 'platform');
  makeGroup(leaf);
  for (const pid of cgroupProcesses(group)) writeIfPresent(join(leaf, 'cgroup.procs'), String(pid));
}

interface V2Home {
  readonly base: string;
  readonly controllers: Set<string>;
}

function makeV2Home(group: string, baseName: string, wanted: readonly string[]): V2Home {
  accessSync(join(group, 'cgroup.procs'), constants.W_OK);
  enableControllers(group, wanted);
  const base = join(group, baseName);
  makeBase(base);
  return { base, controllers: enableControllers(base, wanted) };
}

/** Would our own group have more to give its children, were it empty? Never the machine's root: it has no type. */
function hidesControllers(own: string, best: V2Home | undefined, wanted: readonly string[]): boolean {
  if (!exists(join(own, 'cgroup.type'))) return false;
  const available = words(join(own, 'cgroup.controllers'));
  return wanted.filter((controller) => available.has(controller)).length > (best?.controllers.size ?? 0);
}

function openV2(
  layout: Extract<CgroupLayout, { version: 'v2' }>,
  baseName: string,
  wanted: readonly string[],
): OpenedCgroups {
  const problems: string[] = [];
  let best: V2Home | undefined;
  const attempt = (group: string) => {
    if (best?.controllers.size === wanted.length) return;
    try {
      const home = makeV2Home(group, baseName, wanted);
      const kept = home.controllers.size > (best?.controllers.size ?? -1) ? home : best;
      for (const other of [best, home])
        if (other !== undefined && other.base !== kept?.base) removeCgroup(other.base);
      best = kept;
    } catch (error) {
      problems.push(`${group}: ${reason(error)}`);
    }
  };
  for (const group of v2Candidates(layout.mount, layout.own)) attempt(group);
  if (hidesControllers(layout.own, best, wanted)) {
    leaveGroup(layout.own);
    attempt(layout.own);
  }
  if (best === undefined) return { problems };
  const { base, controllers } = best;
  weigh(join(base, 'cpu.weight'), 100);
  const missing = wanted.filter((controller) => !controllers.has(controller));
  return {
    cgroups: cgroupsV2(base, controllers),
    problems: missing.map(
      (controller) => `the cgroup controller ${controller} is not delegated to this user`,
    ),
  };
}

/**
 * Opens cgroups for the layout given.
 * @param baseName unique to this platform (its data directory)
 */
export function openCgroupsIn(
  layout: CgroupLayout,
  baseName: string,
  wanted: readonly string[] = wantedControllers,
): OpenedCgroups {
  switch (layout.version) {
    case 'v1':
      return openV1(layout, baseName);
    case 'v2':
      return openV2(layout, baseName, wanted);
    case 'none':
      return { problems: ['no cgroup file system is mounted'] };
  }
}

/** Opens cgroups as this machine has them. */
export function openCgroups(baseName: string): OpenedCgroups {
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  return openCgroupsIn(cgroupLayout(mountinfo, readFileSync('/proc/self/cgroup', 'utf8')), baseName);
}
