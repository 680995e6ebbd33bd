import { spawnSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { unzipSync } from 'fflate';
import { beforeEach, expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

beforeEach(() => {
  whisk.server.on('PUT /api/v1/namespaces/_/actions/hello?overwrite=false', { json: { name: 'hello' } });
});

function put(name: string, content: string | Uint8Array = ''): string {
  const path = whisk.place.path(`f/${name}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function create(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [
    ...at(whisk.server.url),
    'action',
    'create',
    'hello',
    whisk.place.path('f'),
    ...words,
  ]);
}

interface SentAction {
  readonly exec: { readonly kind: string; readonly code: string };
}

function sent(): SentAction['exec'] {
  return (whisk.server.body() as SentAction).exec;
}

function packed(): string[] {
  return Object.keys(unzipSync(Buffer.from(sent().code, 'base64')));
}

test('a folder travels as a zip file, and its size is said', async () => {
  put('index.js', 'exports.main = () => ({});');
  put('lib/a.js', 'x');
  const outcome = await create();
  const zip = Buffer.from(sent().code, 'base64');
  expect(outcome).toEqual({
    exitCode: 0,
    stdout: 'ok: created action hello\n',
    stderr: `packed 2 files of 27 bytes into a zip file of ${zip.length} bytes\n`,
  });
  expect(sent().kind).toBe('nodejs:default');
  expect(packed()).toEqual(['index.js', 'lib/a.js']);
});

test('with -v each file that is packed is named', async () => {
  put('__main__.py', 'a');
  put('lib/data.txt', 'four');
  const outcome = await create('-v');
  expect(outcome.stderr).toMatch(
    /^ {2}__main__\.py \(1 byte\)\n {2}lib\/data\.txt \(4 bytes\)\npacked 2 files of 5 bytes /,
  );
  expect(sent().kind).toBe('python:default');
});

test('.wskignore leaves out what .gitignore would', async () => {
  put('.wskignore', '# mine\n*.log\n!keep.log\n/build\ntmp/\ndocs/**/*.md\n');
  for (const name of [
    'index.js',
    'a.log',
    'keep.log',
    'build/x',
    'lib/build/x',
    'tmp/x',
    'lib/tmp',
    'docs/a/b.md',
  ])
    put(name);
  put('.git/config');
  await create();
  expect(packed()).toEqual(['index.js', 'keep.log', 'lib/build/x', 'lib/tmp']);
});

test('equal files make equal bytes, whenever and in which order they were written', async () => {
  put('b.js', 'b');
  put('index.js', 'a');
  await create();
  const first = sent().code;
  spawnSync('rm', ['-r', whisk.place.path('f')]);
  utimesSync(put('index.js', 'a'), 1, 1);
  put('b.js', 'b');
  await create();
  expect(sent().code).toBe(first);
});

test('what is executable stays so, for any unzip program', async () => {
  chmodSync(put('exec', '#!/bin/sh\necho "{}"\n'), 0o755);
  put('data', 'x');
  await create('--native');
  writeFileSync(whisk.place.path('a.zip'), Buffer.from(sent().code, 'base64'));
  const script = `import sys,zipfile
z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
print([(i.filename, oct(i.external_attr>>16)) for i in z.infolist()])`;
  const listed = spawnSync('python3', ['-c', script, whisk.place.path('a.zip')], { encoding: 'utf8' });
  expect(listed.stdout).toBe("[('data', '0o100644'), ('exec', '0o100755')]\n");
  expect(sent()).toMatchObject({ kind: 'blackbox', image: 'openwhisk/dockerskeleton' });
});

test('links inside the folder are followed', async () => {
  put('index.js');
  put('real/a.js', 'x');
  symlinkSync('real', whisk.place.path('f/link'));
  symlinkSync('real/a.js', whisk.place.path('f/file.js'));
  await create();
  expect(packed()).toEqual(['file.js', 'index.js', 'link/a.js', 'real/a.js']);
});

test.each([
  ['to a file outside', '/etc/hostname', 'is a link out of the folder'],
  ['to the folder above', '..', 'is a link out of the folder'],
  ['to the folder itself', '.', 'is a link to a folder that it is in'],
  ['to nothing', 'nowhere', 'cannot be packed: ENOENT'],
  ['to itself', 'bad', 'cannot be packed: ELOOP'],
  ['to a device', '/dev/zero', 'is a link out of the folder'],
])('a link %s is refused, unless it is left out', async (_, target, reason) => {
  put('index.js');
  symlinkSync(target, whisk.place.path('f/bad'));
  const outcome = await create();
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stderr).toContain(`error: 'bad' ${reason}`);
  expect(outcome.stderr).toContain('Leave it out with a line in .wskignore: /bad');
  put('.wskignore', '/bad\n');
  expect((await create()).exitCode).toBe(0);
  expect(packed()).toEqual(['index.js']);
});

test('a pipe in the folder is refused and not waited for', async () => {
  put('index.js');
  spawnSync('mkfifo', [whisk.place.path('f/pipe')]);
  expect((await create()).stderr).toContain("error: 'pipe' is neither a file nor a folder");
});

test.each<[string, string[], string[], string]>([
  ['nothing known', ['readme.md'], [], 'has neither package.json, index.js nor __main__.py at its top'],
  ['two main files', ['index.js', '__main__.py'], [], 'holds both a Node.js main file and __main__.py'],
  ['no files', ['.wskignore'], [], 'holds no files to pack'],
  ['no Python main file', ['index.js'], ['--kind', 'python:3.11'], 'has no __main__.py at its top'],
  ['no Node.js main file', ['__main__.py'], ['--kind', 'nodejs:20'], 'Neither package.json nor index.js'],
  ['no executable', ['index.js'], ['--native'], 'has no file called exec at its top'],
  ['a name that zip libraries lose', ['index.js', '__proto__'], [], "called '__proto__' cannot be packed"],
])('a folder with %s is refused before anything is sent', async (_, names, flags, reason) => {
  for (const name of names) put(name);
  const outcome = await create(...flags);
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stderr).toContain(reason);
  expect(whisk.server.lines).toEqual([]);
});

test('a kind that is given decides between two main files', async () => {
  put('index.js');
  put('__main__.py');
  await create('--kind', 'python:3.11');
  expect(sent().kind).toBe('python:3.11');
});

test('package.json must be JSON, and its main file be among those that are packed', async () => {
  put('package.json', '{\n  "main": lib\n}');
  const broken = await create();
  expect(broken.stderr).toContain(
    "package.json is no JSON object: line 2, column 11: there is 'l' where a value is expected",
  );
  put('package.json', '{"main": "./dist/start"}');
  put('dist/start.js');
  put('.wskignore', 'dist');
  const ignored = await create();
  expect(ignored.stderr).toContain("package.json names './dist/start' as the main file");
  expect(ignored.stderr).toContain('Does .wskignore leave it out?');
  put('.wskignore', '');
  expect((await create()).exitCode).toBe(0);
  expect(packed()).toEqual(['dist/start.js', 'package.json']);
});

/** The same at every run, and no archive makes it smaller. */
function noise(bytes: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

test('a folder that is too large when it is packed is refused before anything is sent', async () => {
  put('index.js');
  put('noise', noise(38 * 1024 * 1024));
  const outcome = await create();
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stderr).toContain('is too large: its code has');
  expect(whisk.server.lines).toEqual([]);
}, 120_000);

test('a folder that is too large when it is unpacked is not even packed', async () => {
  put('index.js');
  truncateSync(put('holes'), 600 * 1024 * 1024);
  const outcome = await create();
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stderr).toContain('error: The folder holds more than 512 MB');
  expect(whisk.server.lines).toEqual([]);
});
