import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeLoader } from './load-code.ts';

let home: string;
let project: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'wsk-bounds-')));
  project = join(home, 'cloned');
  mkdirSync(join(project, 'src'), { recursive: true });
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'id_rsa'), 'private');
  writeFileSync(join(project, 'src', 'index.js'), 'exports.main = () => ({});');
  writeFileSync(join(project, 'src', 'package.json'), '{}');
});

afterEach(() => rmSync(home, { recursive: true }));

function load(path: string, include: readonly (readonly [string, string])[] = []) {
  return codeLoader(project)({ path, include, exclude: [], kind: 'nodejs:20', image: undefined } as never);
}

const outside = { outcome: 'failed', reason: expect.stringContaining('is outside of the project') };

it('a stranger’s project takes no file of its user along, however it names it', () => {
  symlinkSync(join(home, '.ssh', 'id_rsa'), join(project, 'link.js'));
  symlinkSync(join(home, '.ssh'), join(project, 'folder'));
  for (const path of ['../.ssh/id_rsa', join(home, '.ssh', 'id_rsa'), '../.ssh', 'link.js', 'folder']) {
    expect(load(path)).toEqual(outside);
  }
  for (const from of ['../.ssh/id_rsa', '../.ssh/*', '../.ssh', `${home}/.ssh/id*`, 'folder/*', 'link.js']) {
    expect(load('src', [[from, 'keys/']])).toEqual(outside);
  }
});

it('a pipe in a stranger’s project is not waited for', () => {
  execFileSync(
    'mkfifo',
    ['pipe.js', 'src/.wskignore'].map((name) => join(project, name)),
  );
  const refused = (why: string) => ({ outcome: 'failed', reason: expect.stringContaining(why) as string });
  expect(load('pipe.js')).toEqual(refused("'pipe.js' is neither a file nor a folder"));
  expect(load('src')).toEqual(refused('it is no file'));
  rmSync(join(project, 'src', '.wskignore'));
  expect(load('src', [['pipe.js', 'more/']])).toEqual(refused("'pipe.js' is neither a file nor a folder"));
});

it('a project takes what is its own, and what is beside it in its repository', () => {
  mkdirSync(join(home, 'shared'));
  writeFileSync(join(home, 'shared', 'more.js'), '');
  expect(load('src').outcome).toBe('loaded');
  expect(load('src', [['../shared/*', 'shared/']])).toEqual(outside);
  mkdirSync(join(home, '.git'));
  expect(load('src', [['../shared/*', 'shared/']]).outcome).toBe('loaded');
});
