import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';
import { IGNORE_FILE } from '../artifact/collect-files.ts';

/** Left behind by editors while they save, by systems and by tools. */
const neverWatched = [
  '.git',
  '.hg',
  '.svn',
  '.DS_Store',
  'node_modules',
  '*~',
  '.#*',
  '#*#',
  '*.swp',
  '*.swx',
  '*.tmp',
  '4913',
  '.goutputstream-*',
];

const MAX_FILES = 20_000;

/** What is seen of a folder: each file's path, and what changes when the file does. */
export type Snapshot = ReadonlyMap<string, string>;

function rulesOf(folder: string): { ignores(name: string): boolean } {
  const rules = ignore({ ignorecase: false }).add(neverWatched.map((name) => name.replace(/^#/, '\\#')));
  try {
    const path = join(folder, IGNORE_FILE);
    // A pipe by that name would be waited for.
    if (statSync(path).isFile()) rules.add(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    // Without the file nothing more is left out.
  }
  return rules;
}

/** Looks at every file of a folder. A file that goes away meanwhile is not there. */
export function takeSnapshot(folder: string): Snapshot {
  const rules = rulesOf(folder);
  const found = new Map<string, string>();
  const visit = (directory: string, prefix: string): void => {
    let entries;
    try {
      entries = readdirSync(directory, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const name = `${prefix}${entry.name}`;
      if (rules.ignores(entry.isDirectory() ? `${name}/` : name) || found.size >= MAX_FILES) continue;
      if (entry.isDirectory()) visit(join(directory, entry.name), `${name}/`);
      else {
        const stats = statSync(join(directory, entry.name), { throwIfNoEntry: false, bigint: true });
        // Editors that replace a file keep neither its inode nor, with luck, its time.
        if (stats?.isFile()) found.set(name, `${stats.mtimeNs} ${stats.size} ${stats.ino}`);
      }
    }
  };
  visit(folder, '');
  return found;
}

/** Names of what was added, changed or removed, in the order of their names. */
export function changedFiles(before: Snapshot, after: Snapshot): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
