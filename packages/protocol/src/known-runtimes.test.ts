import { describe, expect, it } from 'vitest';
import { readManifest } from './known-runtimes.ts';
import type { RuntimeDescription } from './runtimes-manifest.ts';

const image = { name: 'x' };
const version = (kind: string, more: Partial<RuntimeDescription> = {}): RuntimeDescription => ({
  kind,
  image,
  ...more,
});

function problems(versions: readonly RuntimeDescription[]): readonly string[] {
  const read = readManifest({ runtimes: { fam: versions } });
  return read.ok ? [] : read.problems;
}

describe('a runtimes manifest', () => {
  it('resolves kinds and the default of each family, also of a family of one', () => {
    const read = readManifest({
      runtimes: {
        nodejs: [version('nodejs:20', { default: true }), version('nodejs:18')],
        go: [version('go:1.20')],
      },
    });
    if (!read.ok) throw new Error(read.problems.join());
    expect(read.runtimes.kinds).toEqual(['nodejs:20', 'nodejs:18', 'go:1.20', 'sequence', 'blackbox']);
    expect(read.runtimes.resolve('nodejs:default')?.kind).toBe('nodejs:20');
    expect(read.runtimes.resolve('go:default')?.kind).toBe('go:1.20');
    expect(read.runtimes.resolve('nodejs:18')?.kind).toBe('nodejs:18');
    expect(read.runtimes.resolve('constructor')).toBeUndefined();
  });

  it('has exactly one default in a family', () => {
    expect(problems([version('a:1'), version('a:2')])).toEqual([
      'fam has multiple versions, but no default.',
    ]);
    expect(problems([version('a:1', { default: true }), version('a:2', { default: true })])).toEqual([
      'Found more than one default for fam: a:1, a:2',
    ]);
    expect(problems([])).toHaveLength(1);
  });

  it('names no kind twice', () => {
    expect(problems([version('a:1', { default: true }), version('a:1')])).toEqual([
      'The kind a:1 is listed twice.',
    ]);
  });

  it.each([
    [{ initialCount: 0, memory: '256 MB' }],
    [
      {
        initialCount: 1,
        memory: '256 MB',
        reactive: { minCount: 3, maxCount: 2, ttl: '1 minute', threshold: 1, increment: 1 },
      },
    ],
    [
      {
        initialCount: 1,
        memory: '256 MB',
        reactive: { minCount: 0, maxCount: 2, ttl: '1 minute', threshold: 0, increment: 1 },
      },
    ],
    [
      {
        initialCount: 1,
        memory: '256 MB',
        reactive: { minCount: 0, maxCount: 2, ttl: '1 minute', threshold: 1, increment: 3 },
      },
    ],
  ])('has sound stem cells: not %j', (cell) => {
    expect(problems([version('a:1', { stemCells: [cell] })])).toHaveLength(1);
  });

  it('takes stem cells that are sound', () => {
    const reactive = { minCount: 0, maxCount: 2, ttl: '1 minute', threshold: 1, increment: 2 };
    expect(
      problems([version('a:1', { stemCells: [{ initialCount: 1, memory: '256 MB', reactive }] })]),
    ).toEqual([]);
  });
});
