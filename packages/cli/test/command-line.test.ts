import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderCliReference } from '../src/index.ts';
import { asCalled } from '../src/command/called-as.ts';
import { rootCommand } from '../src/commands/root.ts';
import { cliVersion } from '../src/version.ts';
import { at, runWsk } from './run-wsk.ts';
import { AUTH } from './whisk-server.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const groups = rootCommand.commands ?? [];
const commands = groups.flatMap(({ name, commands: children }) =>
  children ? children.map((child) => [name, child.name]) : [[name]],
);

test.each(commands.map((words) => [words.join(' '), words] as const))(
  'wsk %s has help',
  async (line, words) => {
    const flag = await runWsk(whisk.place, [...words, '--help']);
    expect(flag.exitCode).toBe(0);
    expect(flag.stdout).toContain(`Usage:\n  wsk ${line}`);
    expect(flag.stdout).toContain('Global flags:\n');
    expect((await runWsk(whisk.place, ['help', ...words])).stdout).toBe(flag.stdout);
    expect((await runWsk(whisk.place, [...words, '-h'])).stdout).toBe(flag.stdout);
  },
);

test.each([[[]], [['--help']], [['help']], [['action']]])('wsk %j lists commands', async (words) => {
  const outcome = await runWsk(whisk.place, words);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.stdout).toContain('Commands:\n');
});

test('the version is printed', async () => {
  expect((await runWsk(whisk.place, ['--version'])).stdout).toBe(`${cliVersion()}\n`);
});

test.each([
  [['acton', 'list'], 'unknown command "acton" for "wsk"', 'Did you mean action?'],
  [['action', 'craete'], 'unknown command "craete" for "wsk action"', 'Did you mean create?'],
  [['pakcage', 'list'], 'unknown command "pakcage" for "wsk"', 'Did you mean package?'],
  [['action', 'list', '--limt', '3'], 'unknown flag: --limt', 'Did you mean --limit?'],
  [['action', 'list', '--nameSort'], 'unknown flag: --nameSort', 'Did you mean --name-sort?'],
  [['action', 'create', 'a', '--memroy', '9'], 'unknown flag: --memroy', 'Did you mean --memory?'],
  [['action', 'create', 'a', '--webSecure=x'], 'unknown flag: --webSecure', 'Did you mean --web-secure?'],
  [['action', 'create', 'a', '-memory', '9'], 'unknown flag: -memory', 'Did you mean --memory?'],
  [['project', 'deploy', '-', '-preview'], 'unknown flag: -preview', 'Did you mean --preview?'],
  [['trigger', 'create', 't', '--feedParameter', 'a', 'b'], 'unknown flag', 'Did you mean --feed-param'],
  [['action', 'create', 'a', '--file', 'x'], 'unknown flag: --file', '--param-file'],
  [['action', 'list', '-x'], 'unknown flag: -x', "Run 'wsk action list --help' for usage."],
  [['action', 'list', '--limit'], 'flag needs an argument: -l, --limit LIMIT', 'wsk action list --help'],
  [['list', '-o', 'jsno'], 'invalid argument "jsno" for "-o, --output FORMAT"', 'Did you mean json?'],
  [['list', '--insecure=perhaps'], 'invalid argument "perhaps" for "--insecure"', 'true or false'],
])('wsk %j is refused with what was meant', async (words, message, hint) => {
  const outcome = await runWsk(whisk.place, words);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toContain(`error: ${message}`);
  expect(outcome.stderr).toContain(hint);
  expect(outcome.stderr).toMatch(/Run 'wsk.* --help' for usage\.\n$/);
});

test('commands in hints are written as the command was called', async () => {
  const words = ['action', 'craete'];
  expect((await runWsk(whisk.place, words)).stderr).toContain("Run 'wsk action --help' for usage.");
  whisk.place.environment['npm_command'] = 'exec';
  expect((await runWsk(whisk.place, words)).stderr).toContain("Run 'npx wsk action --help' for usage.");
  const host = await runWsk(whisk.place, ['action', 'list']);
  expect(host.stderr).toContain('\n  npx wsk property set --apihost http://127.0.0.1:3233\n');
  expect(host.stderr).toContain("Run 'npx wsk action list --help' for usage.");
});

test.each(groups.map(({ name }) => [name]))('a hint that names wsk %s names it as it was called', (name) => {
  const hint = `See it with: wsk ${name} x`;
  expect(asCalled(hint, { npm_command: 'exec' })).toBe(`See it with: npx wsk ${name} x`);
  expect(asCalled(hint, {})).toBe(hint);
});

test('without a host and without a key the exact next command is shown', async () => {
  const host = await runWsk(whisk.place, ['action', 'list']);
  expect(host.exitCode).toBe(1);
  expect(host.stderr).toContain('error: An API host must be provided.');
  expect(host.stderr).toContain('  wsk property set --apihost http://127.0.0.1:3233\n');
  const key = await runWsk(whisk.place, ['action', 'list', '--apihost', whisk.server.url]);
  expect(key.stderr).toContain('  wsk property set --auth "$(cat DATA_DIRECTORY/auth.guest)"\n');
  expect(whisk.server.lines).toEqual([]);
});

test('host, key and version come from the properties, and flags win over them', async () => {
  writeFileSync(
    whisk.place.propertiesFile,
    `APIHOST=${whisk.server.url}\nAUTH=a:b\nAPIVERSION=v1\nNAMESPACE=mine\n`,
  );
  whisk.server.on('GET /api/v1/namespaces/mine/actions?limit=30&skip=0', { json: [] });
  expect((await runWsk(whisk.place, ['action', 'list'])).exitCode).toBe(0);
  expect(whisk.server.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('a:b').toString('base64')}`,
  );
  whisk.server.on('GET /api/v2/namespaces', { json: [] });
  await runWsk(whisk.place, ['-u', AUTH, '--apiversion', 'v2', 'namespace', 'list']);
  expect(whisk.server.requests[1]?.headers.authorization).toBe(
    `Basic ${Buffer.from(AUTH).toString('base64')}`,
  );
});

test('a platform that does not run is told from one that refuses', async () => {
  await whisk.server.close();
  const outcome = await runWsk(whisk.place, ['action', 'list', ...at(whisk.server.url)]);
  expect(outcome.exitCode).toBe(3);
  expect(outcome.stderr).toBe(
    `error: Unable to obtain the list of actions for namespace '_': Cannot reach ${whisk.server.url}: connection refused\n` +
      'Is the platform running there? Start it with: npm start\n' +
      'See which host is configured with: wsk property get --apihost\n',
  );
});

test('https spoken to a plain server is explained', async () => {
  const host = whisk.server.url.replace('http://', '');
  const outcome = await runWsk(whisk.place, ['action', 'list', ...at(host)]);
  expect(outcome.exitCode).toBe(3);
  expect(outcome.stderr).toContain('it does not speak TLS');
  expect(outcome.stderr).toContain(`If it speaks plain HTTP: wsk property set --apihost http://${host}\n`);
  expect(outcome.stderr).not.toMatch(/openssl|SSL routines/i);
});

test('--verbose shows what travels, but not the key', async () => {
  whisk.server.on('GET /api/v1/namespaces', { json: ['guest'] });
  const outcome = await runWsk(whisk.place, ['-v', 'namespace', 'list', ...at(whisk.server.url)]);
  expect(outcome.stdout).toContain(`REQUEST:\n[GET]\t${whisk.server.url}/api/v1/namespaces\n`);
  expect(outcome.stdout).toContain('RESPONSE:\nGot response with code 200\n');
  expect(outcome.stdout).toContain('  Authorization: Basic ***\n');
  expect(outcome.stdout).not.toContain(Buffer.from(AUTH).toString('base64'));
});

test('--verbose shortens bodies, WSK_CLI_DEBUG shows them whole', async () => {
  const long = 'x'.repeat(3000);
  whisk.server.on('GET /api/v1/namespaces', { json: [long] });
  const words = ['namespace', 'list', '-v', '-o', 'json', ...at(whisk.server.url)];
  const verbose = await runWsk(whisk.place, words);
  expect(JSON.parse(verbose.stdout)).toEqual([long]);
  expect(verbose.stderr).toContain('xxx...\n');
  whisk.place.environment['WSK_CLI_DEBUG'] = '1';
  expect((await runWsk(whisk.place, words)).stderr).toContain(long);
});

test('errors for programs are JSON on stderr', async () => {
  const outcome = await runWsk(whisk.place, [
    'action',
    'delete',
    'x',
    '-o',
    'ndjson',
    ...at(whisk.server.url),
  ]);
  expect(outcome.stdout).toBe('');
  expect(JSON.parse(outcome.stderr)).toEqual({
    error: "Unable to delete action 'x': The requested resource does not exist. (code tid0)",
    exitCode: 148,
    hints: ['Is the name right? See what there is with: wsk list'],
  });
});

test('terminals get colours, unless NO_COLOR forbids them', async () => {
  whisk.server.on('GET /api/v1/namespaces', { json: ['guest'] });
  const words = ['namespace', 'list', ...at(whisk.server.url)];
  expect((await runWsk(whisk.place, words, { terminal: true })).stdout).toBe(
    '\u001b[1mnamespaces\u001b[0m\nguest\n',
  );
  whisk.place.environment['NO_COLOR'] = '1';
  expect((await runWsk(whisk.place, words, { terminal: true })).stdout).toBe('namespaces\nguest\n');
});

test('the reference has a section for every command and flag', () => {
  const reference = renderCliReference();
  for (const words of commands) expect(reference).toContain(`\`wsk ${words.join(' ')}`);
  expect(reference).toContain('| `-t, --timeout LIMIT` |');
  expect(reference).toContain('| 202 | a blocking invocation that has not finished yet |');
});
