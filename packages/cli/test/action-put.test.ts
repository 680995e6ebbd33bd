import { writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';
import { AUTH } from './whisk-server.ts';

const whisk = useWhisk();

beforeEach(() => {
  writeFileSync(whisk.place.path('hello.js'), 'function main() { return {}; }\n');
});

const created = 'PUT /api/v1/namespaces/_/actions/hello?overwrite=false';
const looked = 'GET /api/v1/namespaces/_/actions/hello?code=false';
const updated = 'PUT /api/v1/namespaces/_/actions/hello?overwrite=true';

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), ...words]);
}

function create(...words: string[]): Promise<Outcome> {
  whisk.server.on(created, { json: { name: 'hello' } });
  return wsk('action', 'create', 'hello', ...words);
}

function update(existing: unknown, ...words: string[]): Promise<Outcome> {
  if (existing !== undefined) whisk.server.on(looked, { json: existing });
  whisk.server.on(updated, { json: { name: 'hello' } });
  return wsk('action', 'update', 'hello', ...words);
}

test('creating an action sends its code and the default kind of its extension', async () => {
  const outcome = await create(whisk.place.path('hello.js'));
  expect(outcome).toEqual({ exitCode: 0, stdout: 'ok: created action hello\n', stderr: '' });
  expect(whisk.server.lines).toEqual([created]);
  expect(whisk.server.body()).toEqual({
    namespace: '_',
    name: 'hello',
    exec: { kind: 'nodejs:default', code: 'function main() { return {}; }\n' },
  });
});

test('every request carries the key, a user agent of the known form and JSON', async () => {
  await create(whisk.place.path('hello.js'));
  const headers = whisk.server.requests[0]?.headers;
  expect(headers?.authorization).toBe(`Basic ${Buffer.from(AUTH).toString('base64')}`);
  expect(headers?.['user-agent']).toMatch(/^OpenWhisk-CLI\/1\.0 \(\S+\) \S+ \S+$/);
  expect(headers?.['content-type']).toBe('application/json');
});

test.each([
  ['a.py', 'python:default'],
  ['a.swift', 'swift:default'],
  ['a.php', 'php:default'],
  ['a.rb', 'ruby:default'],
  ['a.rs', 'rust:default'],
  ['a.go', 'go:default'],
])('%s is code for %s', async (name, kind) => {
  writeFileSync(whisk.place.path(name), 'code');
  await create(whisk.place.path(name));
  expect(whisk.server.body()).toMatchObject({ exec: { kind, code: 'code' } });
});

test.each([
  ['a.jar', [], { kind: 'java:default' }],
  ['a.balx', [], { kind: 'ballerina:default' }],
  ['a.zip', ['--kind', 'nodejs:20'], { kind: 'nodejs:20' }],
  ['a.zip', ['--native'], { kind: 'blackbox', image: 'openwhisk/dockerskeleton' }],
  ['a.zip', ['--docker', 'me/image'], { kind: 'blackbox', image: 'me/image' }],
])('the bytes of %s with %j travel as base64', async (name, flags, exec) => {
  const bytes = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0xff]);
  writeFileSync(whisk.place.path(name), bytes);
  await create(whisk.place.path(name), ...flags);
  expect(whisk.server.body()).toMatchObject({ exec: { ...exec, code: bytes.toString('base64') } });
});

test('an executable without an extension travels as base64, a script as text', async () => {
  writeFileSync(whisk.place.path('exec'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
  await create(whisk.place.path('exec'), '--native');
  expect(whisk.server.body()).toMatchObject({ exec: { code: 'f0VMRgAB' } });
  writeFileSync(whisk.place.path('script'), '#!/bin/sh\necho "{}"\n');
  await create(whisk.place.path('script'), '--native');
  expect(whisk.server.body()).toMatchObject({ exec: { code: '#!/bin/sh\necho "{}"\n' } });
});

test('an image needs no code', async () => {
  await create('--docker', 'me/image');
  expect(whisk.server.body()).toMatchObject({ exec: { kind: 'blackbox', image: 'me/image' } });
});

test('a sequence names its actions with their namespaces', async () => {
  await create('--sequence', 'a,pkg/b,/other/c');
  expect(whisk.server.body()).toMatchObject({
    exec: { kind: 'sequence', components: ['/_/a', '/_/pkg/b', '/other/c'] },
  });
});

test('parameters, annotations and limits are sent as given, and only those', async () => {
  writeFileSync(whisk.place.path('p.json'), '{"file": [1, 2], "both": "file", "__proto__": {"x": 1}}');
  await create(
    whisk.place.path('hello.js'),
    '-P',
    whisk.place.path('p.json'),
    '-p',
    'both',
    'line',
    '-p',
    'big',
    '12345678901234567890',
    '-p',
    'text',
    'not json',
    '-a',
    'description',
    'says hello',
    '-m',
    '512',
    '-t',
    '1000',
    '--main',
    'start',
  );
  expect(whisk.server.requests[0]?.body).toContain('{"key":"big","value":12345678901234567890}');
  expect(whisk.server.requests[0]?.body).toContain('{"key":"__proto__","value":{"x":1}}');
  expect(whisk.server.body()).toMatchObject({
    exec: { main: 'start' },
    annotations: [{ key: 'description', value: 'says hello' }],
    parameters: [
      { key: 'file', value: [1, 2] },
      { key: 'both', value: 'line' },
      { key: '__proto__' },
      { key: 'big' },
      { key: 'text', value: 'not json' },
    ],
  });
  expect(whisk.server.body()).toHaveProperty('limits', { memory: 512, timeout: 1000 });
});

test('--logsize, --concurrency and --instances are limits too', async () => {
  await create(whisk.place.path('hello.js'), '-l', '5', '-c', '10', '--instances', '2');
  expect(whisk.server.body()).toHaveProperty('limits', { logs: 5, concurrency: 10, instances: 2 });
});

test.each([
  ['yes', true, false],
  ['true', true, false],
  ['raw', true, true],
  ['no', false, false],
  ['false', false, false],
])('--web %s sets the annotations of a web action', async (mode, exported, raw) => {
  await create(whisk.place.path('hello.js'), '--web', mode);
  expect(whisk.server.body()).toHaveProperty('annotations', [
    { key: 'web-export', value: exported },
    { key: 'raw-http', value: raw },
    { key: 'final', value: exported },
  ]);
});

test('--web-secure true generates a secret below 2^53, a word is kept as it is', async () => {
  await create(whisk.place.path('hello.js'), '--web', 'true', '--web-secure', 'true');
  const { annotations } = whisk.server.body() as { annotations: { key: string; value: number }[] };
  const secret = annotations.find(({ key }) => key === 'require-whisk-auth')?.value;
  expect(Number.isSafeInteger(secret)).toBe(true);
  await create(whisk.place.path('hello.js'), '--web', 'true', '--web-secure', 'open sesame');
  expect(whisk.server.body()).toHaveProperty(
    'annotations',
    expect.arrayContaining([{ key: 'require-whisk-auth', value: 'open sesame' }]),
  );
});

test('--copy takes code, parameters and annotations of another action, and the command line wins', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions/pkg/source?code=true', {
    json: {
      exec: { kind: 'nodejs:20', code: 'x', binary: false },
      parameters: [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
      annotations: [{ key: 'exec', value: 'nodejs:20' }],
    },
  });
  const outcome = await create('pkg/source', '--copy', '-p', 'b', '3');
  expect(outcome.exitCode).toBe(0);
  expect(whisk.server.body()).toMatchObject({
    exec: { kind: 'nodejs:20', code: 'x', binary: false },
    parameters: [
      { key: 'a', value: 1 },
      { key: 'b', value: 3 },
    ],
    annotations: [{ key: 'exec', value: 'nodejs:20' }],
  });
});

test('--env binds variables of the environment, as text also where they look like JSON', async () => {
  writeFileSync(whisk.place.path('env.json'), '{"REGION":"eu","LEVEL":3}');
  const file = whisk.place.path('env.json');
  const outcome = await update(
    {},
    '-p',
    'place',
    'Rome',
    '-E',
    file,
    '-e',
    'VERSION',
    '1.10',
    '--env=FLAG',
    'true',
  );
  expect(outcome.stderr).toBe('');
  expect(whisk.server.body()).toMatchObject({
    parameters: [
      { key: 'place', value: 'Rome' },
      { key: 'REGION', value: 'eu', init: true },
      { key: 'LEVEL', value: 3, init: true },
      { key: 'VERSION', value: '1.10', init: true },
      { key: 'FLAG', value: 'true', init: true },
    ],
  });
});

test.each([
  [['-e', 'A'], "The environment arguments are invalid: Arguments for '-e' must be a key/value pair", 1],
  [['-p', 'A', '1', '-e', 'A', '2'], "'A' is both a parameter and a variable of the environment.", 2],
  [['-E', 'nowhere.json'], "Invalid environment argument 'nowhere.json': there is no such file", 1],
])('%j is no environment', async (words, message, exitCode) => {
  const outcome = await update({}, ...words);
  expect(outcome).toMatchObject({ exitCode, stdout: '' });
  expect(outcome.stderr).toContain(message);
});

test('--copy keeps what is for the start of the code, and the command line wins', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions/source?code=true', {
    json: {
      exec: { kind: 'nodejs:20', code: 'x', binary: false },
      parameters: ['A', 'B', 'C'].map((key) => ({ key, value: key, init: true })),
      annotations: [],
    },
  });
  expect((await create('source', '--copy', '-p', 'B', '2', '-e', 'C', '3')).exitCode).toBe(0);
  expect(whisk.server.body()).toMatchObject({
    parameters: [
      { key: 'A', value: 'A', init: true },
      { key: 'B', value: 2 },
      { key: 'C', value: '3', init: true },
    ],
  });
});

test('--copy keeps what is locked as it is; what the command line gives is in clear', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions/source?code=true', {
    json: {
      exec: { kind: 'nodejs:20', code: 'x', binary: false },
      parameters: ['A', 'B'].map((key) => ({ key, value: 'AAAA', encryption: 'aes-256' })),
      annotations: [],
    },
  });
  expect((await create('source', '--copy', '-p', 'B', '2')).exitCode).toBe(0);
  expect(whisk.server.body()).toMatchObject({
    parameters: [
      { key: 'A', value: 'AAAA', encryption: 'aes-256' },
      { key: 'B', value: 2 },
    ],
  });
  expect(JSON.stringify(whisk.server.body())).not.toMatch(/"key":"B"[^}]*encryption/);
});

test('a packaged action of another namespace is put there', async () => {
  whisk.server.on('PUT /api/v1/namespaces/other%20one/actions/pkg/a%26b?overwrite=false', { json: {} });
  const outcome = await wsk('action', 'create', '/other one/pkg/a&b', whisk.place.path('hello.js'));
  expect(outcome.stdout).toBe('ok: created action pkg/a&b\n');
});

test('an update looks at the action first and sends only what is given', async () => {
  const outcome = await update({ annotations: [{ key: 'old', value: 1 }] }, '-p', 'a', 'true');
  expect(outcome).toEqual({ exitCode: 0, stdout: 'ok: updated action hello\n', stderr: '' });
  expect(whisk.server.lines).toEqual([looked, updated]);
  expect(whisk.server.body()).toEqual({
    namespace: '_',
    name: 'hello',
    parameters: [{ key: 'a', value: true }],
  });
});

test('an update of an action that does not exist creates it', async () => {
  const outcome = await update(undefined, whisk.place.path('hello.js'));
  expect(outcome.exitCode).toBe(0);
  expect(whisk.server.lines).toEqual([looked, updated]);
});

test('an update ends where looking at the action fails', async () => {
  whisk.server.on(looked, { status: 403, json: { error: 'not yours', code: 'tid1' } });
  const outcome = await wsk('action', 'update', 'hello', whisk.place.path('hello.js'));
  expect(outcome.exitCode).toBe(147);
  expect(outcome.stderr).toBe("error: Unable to get action 'hello': not yours (code tid1)\n");
  expect(whisk.server.lines).toEqual([looked]);
});

test('an update with --web keeps the annotations that the action has', async () => {
  const existing = {
    annotations: [
      { key: 'mine', value: { a: 1 } },
      { key: 'gone', value: 1 },
    ],
  };
  await update(existing, '--web', 'true', '--del-annotation', 'gone');
  expect(whisk.server.body()).toMatchObject({
    annotations: [{ key: 'mine', value: { a: 1 } }, { key: 'web-export', value: true }, {}, {}],
    delAnnotations: ['gone'],
  });
});

test('--web-secure false deletes the secret of a web action', async () => {
  const existing = {
    annotations: [
      { key: 'web-export', value: true },
      { key: 'require-whisk-auth', value: 'x' },
    ],
  };
  await update(existing, '--web-secure', 'false');
  expect(whisk.server.body()).toMatchObject({
    annotations: [{}, { key: 'require-whisk-auth', value: false }],
    delAnnotations: ['require-whisk-auth'],
  });
});

test('--web-secure true keeps a secret that was generated before', async () => {
  const existing = {
    annotations: [
      { key: 'web-export', value: true },
      { key: 'require-whisk-auth', value: 4711 },
    ],
  };
  await update(existing, '--web-secure', 'true');
  expect(whisk.server.body()).toMatchObject({
    annotations: [{}, { key: 'require-whisk-auth', value: 4711 }],
  });
});

test('creating an action that exists says how to replace it', async () => {
  whisk.server.on(created, { status: 409, json: { error: 'resource already exists', code: 'tid2' } });
  const outcome = await wsk('action', 'create', 'hello', whisk.place.path('hello.js'));
  expect(outcome.exitCode).toBe(153);
  expect(outcome.stderr).toBe(
    "error: Unable to create action 'hello': resource already exists (code tid2)\n" +
      'To replace it: wsk action update hello …\n',
  );
});

test('a kind without a runtime is refused with what runs instead', async () => {
  writeFileSync(whisk.place.path('hello.swift'), 'x');
  const error =
    "The specified runtime 'swift:default' is not supported by this platform. Valid values are: 'nodejs:20'";
  whisk.server.on(created, { status: 400, json: { error, code: 'tid3' } });
  const outcome = await wsk('action', 'create', 'hello', whisk.place.path('hello.swift'));
  expect(outcome.exitCode).toBe(144);
  expect(outcome.stderr).toContain('This platform has no runtime for it.');
});

test('with --output json the document of the server is the result', async () => {
  const outcome = await create(whisk.place.path('hello.js'), '-o', 'json');
  expect(outcome.stdout).toBe('{\n    "name": "hello"\n}\n');
});

test.each([
  [['missing.js'], 2, "File 'missing.js' is not a valid file or it does not exist"],
  [[], 2, 'Invalid argument(s). An action name and code artifact are required.'],
  [['--native'], 2, 'Invalid argument(s). An action name and code artifact are required.'],
  [['--sequence'], 2, 'Invalid argument(s). An action name and code artifact are required.'],
  [['one', 'two'], 1, 'Invalid argument(s): two. An action name and code artifact are required.'],
  [
    ['x.js', '--kind', 'a', '--docker', 'b'],
    149,
    'Cannot specify both --kind and --docker at the same time.',
  ],
  [['x.js', '-m', 'much'], 1, 'invalid argument "much" for "-m, --memory LIMIT": it must be a whole number'],
  [
    ['x.js', '-p', 'key'],
    1,
    "The parameter arguments are invalid: Arguments for '-p' must be a key/value pair",
  ],
  [
    ['x.js', '-a', 'key'],
    1,
    "The annotation arguments are invalid: Arguments for '-a' must be a key/value pair",
  ],
  [['x.js', '-P'], 1, "The parameter arguments are invalid: An argument must be provided for '-P'"],
])('create hello %j ends with exit code %i', async (words, exitCode, message) => {
  const outcome = await create(...words);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stderr.split('\n')[0]).toBe(`error: ${message}`);
  expect(whisk.server.lines).toEqual([]);
});

test('a zip file without a kind, an unknown extension and java without --main are refused', async () => {
  for (const name of ['a.zip', 'a.txt', 'a.java']) writeFileSync(whisk.place.path(name), 'x');
  const zip = await create(whisk.place.path('a.zip'));
  expect(zip.exitCode).toBe(2);
  expect(zip.stderr).toContain(
    'creating an action from a .zip artifact requires specifying the action kind explicitly',
  );
  const text = await create(whisk.place.path('a.txt'));
  expect(text.stderr).toContain("error: '.txt' is not a supported action runtime");
  const java = await create(whisk.place.path('a.java'), '--kind', 'java');
  expect(java.stderr).toContain('Java actions require --main');
});

test('a web flag that does not exist, and a secret without a web action, are refused', async () => {
  const mode = await create(whisk.place.path('hello.js'), '--web', 'maybe');
  expect(mode.exitCode).toBe(2);
  expect(mode.stderr).toContain("Invalid argument 'maybe' for --web flag.");
  const secret = await create(whisk.place.path('hello.js'), '--web-secure', 'true');
  expect(secret.stderr).toContain('The --web-secure option is only valid when the --web option is enabled.');
});

test.each([
  ['[1]', 'it is no JSON object'],
  ['{"a"', 'it is not valid JSON: line 1, column 5: the text ends where a colon is expected'],
])('a parameter file that holds %s is refused', async (content, reason) => {
  const file = whisk.place.path('p.json');
  writeFileSync(file, content);
  const outcome = await create(whisk.place.path('hello.js'), '-P', file);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain(`error: Invalid parameter argument '${file}': ${reason}`);
  const annotated = await create(whisk.place.path('hello.js'), '-A', file);
  expect(annotated.stderr).toContain(`error: Invalid annotation argument '${file}': ${reason}`);
});

test.each(['/a/b/c/d', 'a//b', '/', './a', '/ns'])('%s is no name of an action', async (name) => {
  const outcome = await wsk('action', 'create', name, whisk.place.path('hello.js'));
  expect(outcome.exitCode).toBe(149);
  expect(outcome.stderr).toContain('A valid qualified name must be specified.');
});
