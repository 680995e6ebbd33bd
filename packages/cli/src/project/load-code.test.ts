import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeLoader } from './load-code.ts';
import type { CodeSource } from './manifest/read-action.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wsk-code-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = name): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function load(source: Partial<CodeSource>): ReturnType<ReturnType<typeof codeLoader>> {
  return codeLoader(folder)({
    path: 'app',
    include: [],
    exclude: [],
    kind: undefined,
    image: undefined,
    ...source,
  });
}

function packed(source: Partial<CodeSource>): string[] {
  const loaded = load(source);
  if (loaded.outcome === 'failed') throw new Error(loaded.reason);
  return Object.keys(unzipSync(Buffer.from(loaded.code, 'base64'))).sort();
}

test('a file is read as it is, and a folder is packed with its kind', () => {
  write('hello.js', 'code');
  write('app/index.js');
  write('app/lib/a.js');
  expect(load({ path: 'hello.js' })).toEqual({ outcome: 'loaded', code: 'code', extension: '.js' });
  expect(load({})).toMatchObject({ outcome: 'loaded', kind: 'nodejs:default', extension: '.zip' });
  expect(packed({})).toEqual(['index.js', 'lib/a.js']);
  expect(load({})).toEqual(load({}));
});

test('files of elsewhere are added, and others left out', () => {
  for (const name of [
    'app/index.js',
    'app/notes.md',
    'app/test/t.js',
    'common/a.js',
    'common/deep/b.js',
    'common/c.txt',
  ])
    write(name);
  const include = [
    ['common/*.js', 'lib/'],
    ['common/deep', 'deep'],
    ['common/c.txt', 'd.txt'],
  ] as const;
  expect(packed({ include, exclude: ['*.md', 'test/'] })).toEqual([
    'd.txt',
    'deep/b.js',
    'index.js',
    'lib/a.js',
  ]);
});

test.each([
  [{ path: 'nowhere.js' }, "there is no file 'nowhere.js' beside the manifest"],
  [{ path: 'empty' }, 'holds no files'],
  [{ include: [['common/*.py', 'lib']] }, "'include' finds no file for 'common/*.py'"],
  [{ include: [['nothing', 'lib']] }, 'is not a valid file or it does not exist'],
  [{ path: 'app/index.js', include: [['common', 'lib']] }, "'include' needs a folder"],
  [{ path: 'leads-out' }, 'is a link out of the folder'],
  [{ path: 'a\0b' }, 'is not a valid file or it does not exist'],
] as [Partial<CodeSource>, string][])('code from %j cannot be read, and why is said', (source, reason) => {
  write('app/index.js');
  write('common/a.js');
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'leads-out'));
  symlinkSync('/etc/passwd', join(folder, 'leads-out', 'index.js'));
  expect(load(source)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining(reason) as string,
  });
});
