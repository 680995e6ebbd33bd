import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedFiles, takeSnapshot } from './snapshot.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsk-snapshot-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = 'x'): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

test('new, changed, replaced and deleted files are seen', () => {
  write('same');
  write('grows');
  write('goes');
  write('replaced');
  const before = takeSnapshot(folder);
  write('grows', 'xx');
  write('deep/er/new');
  write('other');
  renameSync(join(folder, 'other'), join(folder, 'replaced'));
  rmSync(join(folder, 'goes'));
  expect(changedFiles(before, takeSnapshot(folder))).toEqual(['deep/er/new', 'goes', 'grows', 'replaced']);
});

test('what editors leave behind, modules and ignored files are not watched', () => {
  write('.wskignore', 'notes/\n*.md\n');
  for (const name of [
    'a.js~',
    '.a.js.swp',
    '.#a.js',
    '#a.js#',
    '4913',
    'node_modules/m/i.js',
    '.git/HEAD',
    'notes/n',
    'b.md',
  ])
    write(name);
  write('a.js');
  expect([...takeSnapshot(folder).keys()].sort()).toEqual(['.wskignore', 'a.js']);
});

test('a folder that is gone has no files', () => {
  expect(takeSnapshot(join(folder, 'nowhere')).size).toBe(0);
});

test('a pipe in the folder is neither watched nor waited for, even where rules are looked for', () => {
  write('a.js');
  execFileSync(
    'mkfifo',
    ['pipe.js', '.wskignore'].map((name) => join(folder, name)),
  );
  expect([...takeSnapshot(folder).keys()]).toEqual(['a.js']);
});
