import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { cliVersion } from '../src/version.ts';
import { runWsk, type Outcome } from './run-wsk.ts';
import { AUTH } from './whisk-server.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, ['property', ...words]);
}

function stored(): string {
  return readFileSync(whisk.place.propertiesFile, 'utf8');
}

test('properties are set, each with its own line, in a file for its owner only', async () => {
  const outcome = await wsk(
    'set',
    '--apihost',
    whisk.server.url,
    '-u',
    AUTH,
    '--apiversion',
    'v1',
    '--cert',
    'c',
    '--key',
    'k',
  );
  expect(outcome).toEqual({
    exitCode: 0,
    stdout: `ok: client cert set. Run 'wsk property get --cert' to see the new value.
ok: client key set. Run 'wsk property get --key' to see the new value.
ok: whisk auth set. Run 'wsk property get --auth' to see the new value.
ok: whisk API host set to ${whisk.server.url}
ok: whisk API version set to v1
`,
    stderr: '',
  });
  expect(stored().split('\n').sort()).toEqual(
    ['', 'APIHOST=' + whisk.server.url, 'APIVERSION=v1', `AUTH=${AUTH}`, 'CERT=c', 'KEY=k'].sort(),
  );
  expect(statSync(whisk.place.propertiesFile).mode & 0o777).toBe(0o600);
});

test('setting one property keeps the others, in upper case', async () => {
  writeFileSync(
    whisk.place.propertiesFile,
    'auth=a:b # my key\n# comment\nAPIGW_ACCESS_TOKEN=t\nbroken\nX=1=2\n',
  );
  await wsk('set', '--apihost', 'example.org');
  expect(stored()).toBe('AUTH=a:b\nAPIGW_ACCESS_TOKEN=t\nAPIHOST=example.org\n');
});

test('a properties file that is a link stays one', async () => {
  writeFileSync(whisk.place.path('target'), 'AUTH=a:b\n');
  symlinkSync(whisk.place.path('target'), whisk.place.propertiesFile);
  await wsk('set', '--apihost', 'example.org');
  expect(lstatSync(whisk.place.propertiesFile).isSymbolicLink()).toBe(true);
  expect(readFileSync(whisk.place.path('target'), 'utf8')).toContain('APIHOST=example.org');
});

test.each([
  ['--auth', 'a:b=c', "Unable to set the property value: auth must not contain '=', '#' or a line break."],
  ['--auth', '', 'The authorization key is not valid: it is empty.'],
  ['--auth', 'garbage', 'The authorization key is not valid: it has no colon.'],
  ['--auth', ':x', 'The authorization key is not valid: nothing stands before its colon.'],
  ['--auth', 'x:', 'The authorization key is not valid: nothing stands behind its colon.'],
  [
    '--auth',
    'Basic a:b',
    'The authorization key is not valid: it has white space or a control character in it.',
  ],
  [
    '--auth',
    'a:b\u0000',
    'The authorization key is not valid: it has white space or a control character in it.',
  ],
  ['--apihost', 'http://', "The API host is not valid: 'http://'"],
  ['--apihost', 'ftp://x', "The API host is not valid: 'ftp://x'"],
])('%s %s cannot be stored', async (flag, value, message) => {
  const outcome = await wsk('set', flag, value);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain(`error: ${message}`);
  expect(existsSync(whisk.place.propertiesFile)).toBe(false);
});

test('a key of an unusual form is stored, and said to be one', async () => {
  const outcome = await wsk('set', '--auth', 'subject:s3cret');
  expect(outcome.exitCode).toBe(0);
  expect(outcome.stderr).toBe(
    'warning: This key is no UUID:KEY, as platforms make them: is it the right one?\n',
  );
  expect(stored()).toBe('AUTH=subject:s3cret\n');
  expect((await wsk('set', '--auth', AUTH)).stderr).toBe('');
});

test('setting and unsetting nothing says what could be', async () => {
  for (const verb of ['set', 'unset']) {
    const outcome = await wsk(verb);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain(`error: Nothing to ${verb}.\nSay which property: --cert, --key, --auth`);
  }
});

test('properties are unset', async () => {
  writeFileSync(whisk.place.propertiesFile, `AUTH=${AUTH}\nAPIHOST=x\nAPIVERSION=v2\nCERT=c\nKEY=k\n`);
  const outcome = await wsk('unset', '--auth', '--apihost', '--apiversion', '--cert', '--key');
  expect(outcome.stdout).toBe(`ok: client cert unset.
ok: client key unset.
ok: whisk auth unset.
ok: whisk API host unset.
ok: whisk API version unset; the default value of v1 will be used.
`);
  expect(stored()).toBe('');
});

function configure(): void {
  writeFileSync(whisk.place.propertiesFile, `AUTH=${AUTH}\nAPIHOST=${whisk.server.url}\n`);
  whisk.server.on('GET /api/v1/namespaces', { json: ['guest'] });
  whisk.server.on('GET /api/v1', { json: { description: 'x', build: '2024-03-01', buildno: '17' } });
}

test.each([[['get']], [['get', '--all']]])('%j shows all properties', async (words) => {
  configure();
  expect(await wsk(...words)).toEqual({
    exitCode: 0,
    stdout: `whisk API host\t\t${whisk.server.url}
whisk auth\t\t${AUTH}
whisk namespace\t\tguest
client cert\t\t
Client key\t\t
whisk API version\tv1
whisk CLI version\t${cliVersion()}
whisk API build\t\t2024-03-01
whisk API build number\t17
`,
    stderr: '',
  });
});

test('a single property can be had raw, with its label, or as JSON', async () => {
  configure();
  expect((await wsk('get', '--apihost', '-o', 'raw')).stdout).toBe(`${whisk.server.url}\n`);
  expect((await wsk('get', '--apihost', '--output', 'std')).stdout).toBe(
    `whisk API host\t\t${whisk.server.url}\n`,
  );
  expect((await wsk('get', '--namespace', '-o', 'json')).stdout).toBe('{\n    "namespace": "guest"\n}\n');
  expect(whisk.server.lines).toEqual(['GET /api/v1/namespaces']);
});

test('without a platform the build is unknown, and the exit code says so', async () => {
  writeFileSync(whisk.place.propertiesFile, 'APIHOST=http://127.0.0.1:1\n');
  const outcome = await wsk('get', '--apibuild');
  expect(outcome.exitCode).toBe(3);
  expect(outcome.stdout).toBe('whisk API build\t\tUnknown\n');
  expect(outcome.stderr).toContain('error: Unable to obtain API build information: Cannot reach');
});

test('without a configuration the namespace is the default one', async () => {
  expect(await wsk('get', '--namespace')).toEqual({
    exitCode: 0,
    stdout: 'whisk namespace\t\t_\n',
    stderr: '',
  });
});

test('a properties file that cannot be read is an error', async () => {
  writeFileSync(whisk.place.propertiesFile, 'AUTH=a:b\n');
  chmodSync(whisk.place.propertiesFile, 0o600);
  whisk.place.environment['WSK_CONFIG_FILE'] = whisk.place.directory;
  const outcome = await wsk('get', '--auth');
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain(`error: Unable to read the properties file '${whisk.place.directory}'`);
});

test('without WSK_CONFIG_FILE the file is .wskprops in the home directory', async () => {
  delete whisk.place.environment['WSK_CONFIG_FILE'];
  whisk.place.environment['HOME'] = whisk.place.directory;
  await wsk('set', '--apihost', 'example.org');
  expect(readFileSync(whisk.place.path('.wskprops'), 'utf8')).toBe('APIHOST=example.org\n');
});
