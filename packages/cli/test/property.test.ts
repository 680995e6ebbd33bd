import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cliVersion } from '../src/version.ts';
import { makeWorkplace, runWsk, type Outcome, type Workplace } from './run-wsk.ts';
import { AUTH, startWhiskServer, type WhiskServer } from './whisk-server.ts';

let server: WhiskServer;
let place: Workplace;

beforeEach(async () => {
  server = await startWhiskServer();
  place = makeWorkplace();
});

afterEach(async () => {
  place.remove();
  await server.close();
});

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(place, ['property', ...words]);
}

function stored(): string {
  return readFileSync(place.propertiesFile, 'utf8');
}

test('properties are set, each with its own line, in a file for its owner only', async () => {
  const outcome = await wsk(
    'set',
    '--apihost',
    server.url,
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
ok: whisk API host set to ${server.url}
ok: whisk API version set to v1
`,
    stderr: '',
  });
  expect(stored().split('\n').sort()).toEqual(
    ['', 'APIHOST=' + server.url, 'APIVERSION=v1', `AUTH=${AUTH}`, 'CERT=c', 'KEY=k'].sort(),
  );
  expect(statSync(place.propertiesFile).mode & 0o777).toBe(0o600);
});

test('setting one property keeps the others, in upper case', async () => {
  writeFileSync(place.propertiesFile, 'auth=a:b # my key\n# comment\nAPIGW_ACCESS_TOKEN=t\nbroken\nX=1=2\n');
  await wsk('set', '--apihost', 'example.org');
  expect(stored()).toBe('AUTH=a:b\nAPIGW_ACCESS_TOKEN=t\nAPIHOST=example.org\n');
});

test('a properties file that is a link stays one', async () => {
  writeFileSync(place.path('target'), 'AUTH=a:b\n');
  symlinkSync(place.path('target'), place.propertiesFile);
  await wsk('set', '--apihost', 'example.org');
  expect(lstatSync(place.propertiesFile).isSymbolicLink()).toBe(true);
  expect(readFileSync(place.path('target'), 'utf8')).toContain('APIHOST=example.org');
});

test.each([
  ['--auth', 'a:b=c', "Unable to set the property value: auth must not contain '=', '#' or a line break."],
  ['--apihost', 'http://', "The API host is not valid: 'http://'"],
  ['--apihost', 'ftp://x', "The API host is not valid: 'ftp://x'"],
])('%s %s cannot be stored', async (flag, value, message) => {
  const outcome = await wsk('set', flag, value);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain(`error: ${message}`);
  expect(existsSync(place.propertiesFile)).toBe(false);
});

test('setting and unsetting nothing says what could be', async () => {
  for (const verb of ['set', 'unset']) {
    const outcome = await wsk(verb);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain(`error: Nothing to ${verb}.\nSay which property: --cert, --key, --auth`);
  }
});

test('properties are unset', async () => {
  writeFileSync(place.propertiesFile, `AUTH=${AUTH}\nAPIHOST=x\nAPIVERSION=v2\nCERT=c\nKEY=k\n`);
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
  writeFileSync(place.propertiesFile, `AUTH=${AUTH}\nAPIHOST=${server.url}\n`);
  server.on('GET /api/v1/namespaces', { json: ['guest'] });
  server.on('GET /api/v1', { json: { description: 'x', build: '2024-03-01', buildno: '17' } });
}

test.each([[['get']], [['get', '--all']]])('%j shows all properties', async (words) => {
  configure();
  expect(await wsk(...words)).toEqual({
    exitCode: 0,
    stdout: `whisk API host\t\t${server.url}
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
  expect((await wsk('get', '--apihost', '-o', 'raw')).stdout).toBe(`${server.url}\n`);
  expect((await wsk('get', '--apihost', '--output', 'std')).stdout).toBe(`whisk API host\t\t${server.url}\n`);
  expect((await wsk('get', '--namespace', '-o', 'json')).stdout).toBe('{\n    "namespace": "guest"\n}\n');
  expect(server.lines).toEqual(['GET /api/v1/namespaces']);
});

test('without a platform the build is unknown, and the exit code says so', async () => {
  writeFileSync(place.propertiesFile, 'APIHOST=http://127.0.0.1:1\n');
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
  writeFileSync(place.propertiesFile, 'AUTH=a:b\n');
  chmodSync(place.propertiesFile, 0o600);
  place.environment['WSK_CONFIG_FILE'] = place.directory;
  const outcome = await wsk('get', '--auth');
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain(`error: Unable to read the properties file '${place.directory}'`);
});

test('without WSK_CONFIG_FILE the file is .wskprops in the home directory', async () => {
  delete place.environment['WSK_CONFIG_FILE'];
  place.environment['HOME'] = place.directory;
  await wsk('set', '--apihost', 'example.org');
  expect(readFileSync(place.path('.wskprops'), 'utf8')).toBe('APIHOST=example.org\n');
});
