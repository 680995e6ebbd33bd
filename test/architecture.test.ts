import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string) => readFileSync(root + name, 'utf8');

/** Paths in backquotes or in links that look like ours. */
function pathsNamedIn(markdown: string): string[] {
  const quoted = [
    ...markdown.matchAll(/`((?:packages|runtimes|bench|docs|examples|scripts|test)(?:\/[\w.-]+)*\/?)`/g),
  ].map((match) => match[1]!);
  const linked = [...markdown.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!);
  return [...quoted, ...linked];
}

describe('the documents', () => {
  for (const document of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    it(`${document} names only files that exist`, () => {
      const missing = pathsNamedIn(read(document)).filter((path) => !existsSync(root + path));
      expect(missing).toEqual([]);
    });
  }

  it('ARCHITECTURE.md tells the life of an activation in ten steps, each with its file', () => {
    const steps = [...read('ARCHITECTURE.md').matchAll(/^\| (\d+) \| [^|]+ \| `([^`]+)` \|/gm)];
    expect(steps.map((step) => Number(step[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(steps.filter((step) => !existsSync(root + step[2]!))).toEqual([]);
  });

  it('README.md stays within 150 lines and ARCHITECTURE.md within 250', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(250);
  });
});
