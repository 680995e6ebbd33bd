import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cgroupProcesses,
  killCgroup,
  makeCgroups,
  oomKills,
  removeCgroup,
  writeIfPresent,
} from './cgroup-files.ts';
import { missingProtections } from './cgroup-plan.ts';
import { cgroupsV1 } from './cgroups-v1.ts';
import { cgroupsV2, cpuWeight } from './cgroups-v2.ts';
import { openCgroupsIn } from './open-cgroups.ts';

const limits = { memoryMb: 256, cpuShares: 128, pids: 1024 };

let tree: string;
beforeEach(() => (tree = mkdtempSync(join(tmpdir(), 'vibrissa-cgroups-'))));
afterEach(() => rmSync(tree, { recursive: true, force: true }));

/** A tree of plain files in place of cgroupfs. */
function fakeBases(...names: string[]): { [name: string]: string } {
  return Object.fromEntries(
    names.map((name) => {
      mkdirSync(join(tree, name));
      return [name, join(tree, name)];
    }),
  );
}

describe('limits by cgroup v1', () => {
  it('bound memory with swap, processor and processes, each in its controller', () => {
    const cgroups = cgroupsV1(fakeBases('memory', 'cpu', 'pids', 'freezer'));
    const plan = cgroups.plan('a', { ...limits, cpuCores: 0.5 });
    makeCgroups(plan);
    const value = (file: string) => readFileSync(join(tree, file), 'utf8');
    expect(value('memory/a/memory.limit_in_bytes')).toBe('268435456');
    expect(value('memory/a/memory.memsw.limit_in_bytes')).toBe('268435456');
    expect(value('cpu/a/cpu.shares')).toBe('128');
    expect(value('cpu/a/cpu.cfs_quota_us')).toBe('50000');
    expect(value('pids/a/pids.max')).toBe('1024');
    expect(missingProtections(cgroups)).toEqual([]);
  });

  it('freeze by its own freezer, and by the cgroup2 beside it only where that is missing', () => {
    const plan = cgroupsV1({ memory: '/m', freezer: '/f', unified: '/u' }).plan('a', limits);
    expect(plan.freezer).toEqual({ file: '/f/a/freezer.state', freeze: 'FROZEN', thaw: 'THAWED' });
    expect(plan.directories.map(({ path }) => path)).toEqual(['/m/a', '/f/a']);
    const hybridPlan = cgroupsV1({ memory: '/m', unified: '/u' }).plan('a', limits);
    expect(hybridPlan.freezer).toEqual({ file: '/u/a/cgroup.freeze', freeze: '1', thaw: '0' });
    expect(hybridPlan.directories.map(({ enter }) => enter)).toEqual(['tasks', 'cgroup.procs']);
    expect(missingProtections(cgroupsV1({ freezer: '/f' }))).toEqual(['memory', 'cpu', 'pids']);
  });

  it('make one group where two controllers share a mount', () => {
    const plan = cgroupsV1({ cpu: '/c', pids: '/c' }).plan('a', limits);
    expect(plan.directories).toHaveLength(1);
    expect(plan.directories[0]?.files.map(([name]) => name)).toEqual(['cpu.shares', 'pids.max']);
  });
});

describe('limits by cgroup v2', () => {
  it('stand in one group, without swap, and end the whole group at an out-of-memory', () => {
    const { base = '' } = fakeBases('base');
    const plan = cgroupsV2(base, new Set(['memory', 'cpu', 'pids'])).plan('a', { ...limits, cpuCores: 2 });
    expect(plan.directories).toEqual([
      {
        path: join(base, 'a'),
        enter: 'cgroup.procs',
        files: [
          ['memory.max', '268435456'],
          ['memory.swap.max?', '0'],
          ['memory.oom.group?', '1'],
          ['cpu.weight', '5'],
          ['cpu.max', '200000 100000'],
          ['pids.max', '1024'],
        ],
      },
    ]);
    makeCgroups(plan);
    expect(readFileSync(join(base, 'a/memory.max'), 'utf8')).toBe('268435456');
  });

  it('use only the controllers that were delegated', () => {
    const cgroups = cgroupsV2('/b', new Set(['pids']));
    expect(cgroups.plan('a', limits).directories[0]?.files).toEqual([['pids.max', '1024']]);
    expect(missingProtections(cgroups)).toEqual(['memory', 'cpu']);
  });

  it('weigh processor shares on its own scale', () => {
    expect([2, 1024, 262_144, 1, 1e9].map(cpuWeight)).toEqual([1, 39, 10_000, 1, 10_000]);
  });
});

describe('cgroup files', () => {
  it('are made all or not at all', () => {
    writeFileSync(join(tree, 'taken'), '');
    const plan = {
      directories: [
        { path: join(tree, 'a'), enter: 'tasks' as const, files: [] },
        { path: join(tree, 'taken'), enter: 'tasks' as const, files: [] },
      ],
    };
    expect(() => makeCgroups(plan)).toThrow('EEXIST');
    expect(existsSync(join(tree, 'a'))).toBe(false);
  });

  it("read the kernel's count of its kills from both layouts", () => {
    writeFileSync(join(tree, 'v1'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n');
    writeFileSync(join(tree, 'v2'), 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 1\n');
    expect([oomKills(join(tree, 'v1')), oomKills(join(tree, 'v2')), oomKills(join(tree, 'none'))]).toEqual([
      3, 1, 0,
    ]);
  });

  it('take a group that is gone for an empty one', () => {
    expect(cgroupProcesses(join(tree, 'gone'))).toEqual([]);
    expect(removeCgroup(join(tree, 'gone'))).toBe(true);
    expect(writeIfPresent(join(tree, 'gone/cgroup.freeze'), '1')).toBe(false);
    expect(() => killCgroup(join(tree, 'gone'))).not.toThrow();
  });

  it('never kill process 0, which stands for one that this namespace cannot see', () => {
    writeFileSync(join(tree, 'cgroup.procs'), '0\n0\n');
    expect(cgroupProcesses(tree)).toEqual([]);
  });
});

const unified = '/sys/fs/cgroup/unified';
const hybrid = process.getuid?.() === 0 && existsSync(join(unified, 'cgroup.controllers'));
const spare = hybrid ? (readFileSync(join(unified, 'cgroup.controllers'), 'utf8').split(/\s+/)[0] ?? '') : '';

describe.skipIf(!hybrid || spare === '')('a real cgroup2 (needs root and a hybrid machine)', () => {
  const outer = join(unified, `vibrissa-test-${process.pid}`);
  const own = join(outer, 'own');

  it('gives its controllers to sandboxes once our own processes have moved to a leaf', async () => {
    writeFileSync(join(unified, 'cgroup.subtree_control'), `+${spare}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(outer, 'cgroup.subtree_control'), `+${spare}`);
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      writeFileSync(join(own, 'cgroup.procs'), String(bystander.pid));
      const opened = openCgroupsIn({ version: 'v2', mount: own, own }, 'home', [spare]);
      expect(opened.cgroups?.bases).toEqual([join(own, 'home')]);
      expect(readFileSync(join(own, 'home/cgroup.subtree_control'), 'utf8').trim()).toBe(spare);
      expect(cgroupProcesses(join(own, 'platform'))).toEqual([bystander.pid]);

      const plan = opened.cgroups?.plan('a', limits);
      if (plan === undefined) throw new Error('no plan');
      makeCgroups(plan);
      writeFileSync(join(own, 'home/a/cgroup.procs'), String(bystander.pid));
      const exited = new Promise((resolve) => bystander.once('exit', (_code, signal) => resolve(signal)));
      // Frozen processes of cgroup2 can be killed as they are.
      expect(writeIfPresent(join(own, 'home/a/cgroup.freeze'), '1')).toBe(true);
      killCgroup(join(own, 'home/a'));
      expect(await exited).toBe('SIGKILL');
      await expect.poll(() => removeCgroup(join(own, 'home/a'))).toBe(true);
    } finally {
      bystander.kill('SIGKILL');
      for (const path of ['own/home/a', 'own/home', 'own/platform', 'own', '.']) {
        const group = join(outer, path);
        await expect.poll(() => !existsSync(group) || removeCgroup(group)).toBe(true);
      }
      writeFileSync(join(unified, 'cgroup.subtree_control'), `-${spare}`);
    }
    expect(existsSync(outer)).toBe(false);
  });

  it('takes the nearest ancestor that has the controllers already', () => {
    writeFileSync(join(unified, 'cgroup.subtree_control'), `+${spare}`);
    mkdirSync(own, { recursive: true });
    try {
      const opened = openCgroupsIn({ version: 'v2', mount: unified, own: unified }, 'vibrissa-test-home', [
        spare,
      ]);
      expect(opened).toMatchObject({
        cgroups: { bases: [join(unified, 'vibrissa-test-home')] },
        problems: [],
      });
    } finally {
      for (const path of [join(unified, 'vibrissa-test-home'), own, outer]) rmdirSync(path);
      writeFileSync(join(unified, 'cgroup.subtree_control'), `-${spare}`);
    }
  });
});

describe('a machine without cgroups', () => {
  it('limits nothing, and says why', () => {
    const opened = openCgroupsIn({ version: 'none' }, 'home');
    expect(opened.problems).toEqual(['no cgroup file system is mounted']);
    expect(missingProtections(opened.cgroups)).toEqual(['memory', 'cpu', 'pids', 'freezer']);
  });

  it('or with a read-only tree limits nothing either', () => {
    const opened = openCgroupsIn(
      { version: 'v1', controllers: new Map([['memory', '/proc/self/fd']]) },
      'home',
    );
    expect(opened.cgroups).toBeUndefined();
    expect(opened.problems.join()).toContain('memory');
  });
});
