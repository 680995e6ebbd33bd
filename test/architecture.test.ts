import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string) => readFileSync(join(root, name), 'utf8');

const pagesOf = (directory: string) =>
  readdirSync(join(root, directory))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${directory}/${name}`);
const readmes = [
  'runtimes/README.md',
  'examples/README.md',
  'examples/saas-extension/README.md',
  'examples/picture-pipeline/README.md',
  'bench/README.md',
];
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...pagesOf('docs'),
  ...pagesOf('docs/guide'),
  'deploy/marathon/README.md',
  ...readmes,
  ...pagesOf('docs/adr'),
];

/** Paths in backquotes that look like ours (from the root), and targets of links (from the document). */
function pathsNamedIn(document: string): string[] {
  const markdown = read(document);
  const quoted = /`((?:packages|runtimes|bench|docs|examples|scripts|test)(?:\/[\w.-]+)+\/?)`/g;
  const linked = /\]\((?!https?:)([^)#]+)[)#]/g;
  return [
    ...[...markdown.matchAll(quoted)].map(([, path = '']) => path),
    ...[...markdown.matchAll(linked)].map(([, path = '']) => join(dirname(document), path)),
  ];
}

/** Words in backquotes that look like settings: a group that there is, and a dot. */
function settingsNamedIn(document: string, groups: ReadonlySet<string>): string[] {
  const words = [...read(document).matchAll(/`(?:--set )?([a-z]\w*(?:\.[A-Za-z]\w*)+)(?:=[^`]*)?`/g)];
  return words.map(([, word = '']) => word).filter((word) => groups.has(word.slice(0, word.indexOf('.'))));
}

/** From the generated reference, which the gate keeps fresh. */
const settings = new Set(
  [...read('docs/reference/config.md').matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name = '']) => name),
);
const groups = new Set([...settings].map((name) => name.split('.')[0] ?? ''));

describe('the documents', () => {
  it.each(documents)('%s names only files that exist', (document) => {
    expect(pathsNamedIn(document).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(documents)('%s names only settings that exist', (document) => {
    const isFile = /\.(?:ts|js|json|md)$/;
    const named = settingsNamedIn(document, groups).filter((name) => !isFile.test(name));
    expect(named.filter((name) => !settings.has(name))).toEqual([]);
  });

  it('docs/security.md names the settings that protect, so that the check above has something to check', () => {
    expect(settingsNamedIn('docs/security.md', groups)).toContain('containers.listenWithoutIsolation');
  });

  it('ARCHITECTURE.md tells the life of an activation in ten steps, each with its file', () => {
    const steps = [...read('ARCHITECTURE.md').matchAll(/^\| +(\d+) \| [^|]+ \| `([^`]+)` +\|/gm)];
    expect(steps.map((step) => Number(step[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(steps.filter(([, , path = '']) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('README.md stays within 150 lines and ARCHITECTURE.md within 250', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(250);
  });
});
