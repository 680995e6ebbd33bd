import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const id = '0123456789abcdef0123456789abcdef';

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), ...words]);
}

function invokeLine(blocking: boolean, result: boolean): string {
  return `POST /api/v1/namespaces/_/actions/hello?blocking=${blocking}&result=${result}`;
}

function invoke(...words: string[]): Promise<Outcome> {
  return wsk('action', 'invoke', 'hello', ...words);
}

test('an invocation prints the id and does not wait', async () => {
  whisk.server.on(invokeLine(false, false), { status: 202, json: { activationId: id } });
  const outcome = await invoke('-p', 'name', 'you', '-p', 'n', '3');
  expect(outcome).toEqual({ exitCode: 0, stdout: `ok: invoked /_/hello with id ${id}\n`, stderr: '' });
  expect(whisk.server.body()).toEqual({ name: 'you', n: 3 });
});

test('an invocation without parameters sends an empty object', async () => {
  whisk.server.on(invokeLine(false, false), { status: 202, json: { activationId: id } });
  await invoke();
  expect(whisk.server.body()).toEqual({});
});

test('a blocking invocation prints the record', async () => {
  whisk.server.on(invokeLine(true, false), { json: { activationId: id, response: { success: true } } });
  const outcome = await invoke('--blocking=true');
  expect(outcome.stdout).toBe(`ok: invoked /_/hello with id ${id}
{
    "activationId": "${id}",
    "response": {
        "success": true
    }
}
`);
});

test('a blocking invocation for the result prints the result only, digit for digit', async () => {
  whisk.server.on(invokeLine(true, true), { text: '{"big":12345678901234567890,"list":[],"empty":{}}' });
  const outcome = await invoke('-br');
  expect(outcome.stdout).toBe('{\n    "big": 12345678901234567890,\n    "list": [],\n    "empty": {}\n}\n');
  expect(outcome.stderr).toBe('');
});

test('a result that is an array is printed with the id of the header', async () => {
  whisk.server.on(invokeLine(true, false), { json: [1], headers: { 'X-OpenWhisk-Activation-Id': id } });
  const outcome = await invoke('-b');
  expect(outcome.stdout).toBe(`ok: invoked /_/hello with id ${id}\n[\n    1\n]\n`);
});

test('a blocking invocation that has not finished ends with 202 and says so on stderr', async () => {
  whisk.server.on(invokeLine(true, true), { status: 202, json: { activationId: id } });
  expect(await invoke('-r')).toEqual({
    exitCode: 202,
    stdout: '',
    stderr: `ok: invoked /_/hello, but the request has not yet finished, with id ${id}\n`,
  });
});

test('an application error goes to stderr, with exit code 246', async () => {
  whisk.server.on(invokeLine(true, true), { status: 502, json: { error: 'mine' } });
  expect(await invoke('-r')).toEqual({ exitCode: 246, stdout: '', stderr: '{\n    "error": "mine"\n}\n' });
  const record = { activationId: id, response: { status: 'application error', result: { error: 'mine' } } };
  whisk.server.on(invokeLine(true, false), { status: 502, json: record });
  const outcome = await invoke('-b');
  expect(outcome.exitCode).toBe(246);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toContain(`ok: invoked /_/hello with id ${id}\n{\n    "activationId"`);
});

test('a 502 with a transaction id is a failure of the API', async () => {
  whisk.server.on(invokeLine(true, true), { status: 502, json: { error: 'bad gateway', code: 'tid' } });
  const outcome = await invoke('-r');
  expect(outcome.exitCode).toBe(246);
  expect(outcome.stderr).toBe("error: Unable to invoke action 'hello': bad gateway (code tid)\n");
});

test('a failure of the platform shows its reason and where to read on', async () => {
  whisk.server.on(invokeLine(true, false), {
    status: 500,
    json: { activationId: id, response: { result: { error: 'no container' } } },
    headers: { 'X-OpenWhisk-Activation-Id': id },
  });
  const outcome = await invoke('-b');
  expect(outcome.exitCode).toBe(244);
  expect(outcome.stderr).toBe(
    "error: Unable to invoke action 'hello': The connection failed, or timed out. (HTTP status code 500)\n" +
      `The platform says: "no container"\nSee what happened: wsk activation get ${id}\n`,
  );
});

test.each([
  [400, 144],
  [401, 145],
  [403, 147],
  [404, 148],
  [413, 157],
  [429, 173],
  [500, 244],
  [503, 247],
])('HTTP status %i becomes exit code %i', async (status, exitCode) => {
  whisk.server.on(invokeLine(false, false), { status, json: { error: 'no', code: 'tid' } });
  const outcome = await invoke();
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stderr).toContain("error: Unable to invoke action 'hello': no (code tid)\n");
});

test.each([
  ['Too many requests in the last minute (count: 61, allowed: 60).', '--invocationsPerMinute'],
  ['Too many concurrent requests in flight (count: 31, allowed: 30).', '--concurrentInvocations'],
])('%s comes with the command that raises the limit', async (error, flag) => {
  whisk.server.on(invokeLine(false, false), { status: 429, json: { error, code: 'tid' } });
  expect((await invoke()).stderr).toContain(`npx vibrissa admin limits set NAMESPACE ${flag} `);
});

test('an empty refusal and one that is no JSON are told apart', async () => {
  whisk.server.on(invokeLine(false, false), { status: 404, text: '' });
  expect((await invoke()).stderr).toContain('Command failed due to an HTTP failure');
  whisk.server.on(invokeLine(false, false), { status: 504, text: '<html>' });
  expect((await invoke()).stderr).toContain('The connection failed, or timed out. (HTTP status code 504)');
});

const document = {
  namespace: 'guest/pkg',
  name: 'hello',
  version: '0.0.2',
  exec: { kind: 'nodejs:20', binary: false },
  annotations: [
    { key: 'description', value: 'greets' },
    { key: 'parameters', value: [{ name: 'place' }, { name: 'name' }] },
    { key: 'final', value: true },
  ],
  parameters: [{ key: 'place', value: 'Rome' }],
};

function serveDocument(changes: object = {}, code = false): void {
  whisk.server.on(`GET /api/v1/namespaces/_/actions/pkg/hello?code=${code}`, {
    json: { ...document, ...changes },
  });
}

function get(...words: string[]): Promise<Outcome> {
  return wsk('action', 'get', 'pkg/hello', ...words);
}

test('getting an action prints its document', async () => {
  serveDocument();
  const { stdout } = await get();
  expect(stdout.startsWith('ok: got action pkg/hello\n{\n    "namespace": "guest/pkg",\n')).toBe(true);
  expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toEqual(document);
});

test('getting a field of an action prints that field', async () => {
  serveDocument();
  const outcome = await get('version');
  expect(outcome.stdout).toBe('ok: got action pkg/hello, displaying field version\n"0.0.2"\n');
});

test('a field that does not exist is refused with the one that was meant', async () => {
  const outcome = await get('versoin');
  expect(outcome.exitCode).toBe(2);
  expect(outcome.stderr).toContain("error: Invalid field filter 'versoin'.\nDid you mean version?");
});

test('the summary marks bound and final parameters', async () => {
  serveDocument();
  expect((await get('-s')).stdout).toBe('action /guest/pkg/hello: greets\n   (parameters: name, **place)\n');
  serveDocument({ annotations: [] });
  expect((await get('-s')).stdout).toBe(
    'action /guest/pkg/hello: Returns a result based on parameter place\n   (parameters: *place)\n',
  );
  serveDocument({ annotations: [], parameters: [] });
  expect((await get('-s')).stdout).toBe('action /guest/pkg/hello\n   (parameters: none defined)\n');
});

test('the URL is that of the API, or the public one of a web action', async () => {
  serveDocument();
  expect((await get('--url')).stdout).toBe(
    `ok: got action hello\n${whisk.server.url}/api/v1/namespaces/guest/actions/pkg/hello\n`,
  );
  serveDocument({ namespace: 'guest', annotations: [{ key: 'web-export', value: true }] });
  expect((await get('-r')).stdout).toBe(
    `ok: got action hello\n${whisk.server.url}/api/v1/web/guest/default/hello\n`,
  );
});

test('the code is saved in a file that does not exist yet', async () => {
  serveDocument({ exec: { kind: 'nodejs:20', code: 'let a;', binary: false } }, true);
  const path = whisk.place.path('copy.js');
  expect((await get('--save-as', path)).stdout).toBe(`ok: saved action code to ${path}\n`);
  expect(readFileSync(path, 'utf8')).toBe('let a;');
  writeFileSync(path, 'mine');
  const again = await get('--save-as', path);
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toContain(`The file '${path}' already exists`);
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('binary code is saved as the bytes that it stands for', async () => {
  serveDocument({ exec: { kind: 'nodejs:20', code: 'UEsDBA==', binary: true } }, true);
  await get('--save-as', whisk.place.path('a.zip'));
  expect([...readFileSync(whisk.place.path('a.zip'))]).toEqual([0x50, 0x4b, 3, 4]);
});

test('a sequence and an image have no code to save', async () => {
  serveDocument({ exec: { kind: 'sequence', components: [] } }, true);
  expect((await get('--save')).stderr).toContain('Cannot save action sequences');
  serveDocument({ exec: { kind: 'blackbox', image: 'x', binary: false } }, true);
  expect((await get('--save')).stderr).toContain('Cannot save Docker images');
  expect(existsSync('hello.js')).toBe(false);
});

test('deleting an action says so', async () => {
  whisk.server.on('DELETE /api/v1/namespaces/_/actions/hello', { json: document });
  const outcome = await wsk('action', 'delete', 'hello');
  expect(outcome).toEqual({ exitCode: 0, stdout: 'ok: deleted action hello\n', stderr: '' });
});

test('deleting an action that does not exist fails with 148', async () => {
  const outcome = await wsk('action', 'delete', 'hello');
  expect(outcome.exitCode).toBe(148);
  expect(outcome.stderr).toBe(
    "error: Unable to delete action 'hello': The requested resource does not exist. (code tid0)\n" +
      'Is the name right? See what there is with: wsk list\n',
  );
});

const items = ['b', 'A', 'c'].map((name) => ({
  namespace: 'guest',
  name,
  annotations: [{ key: 'exec', value: 'nodejs:20' }],
}));

test('a list of actions has columns, and can be sorted by name', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions?limit=30&skip=0', { json: items });
  const row = (name: string): string => `${`/guest/${name}`.padEnd(70)} private nodejs:20\n`;
  expect((await wsk('action', 'list')).stdout).toBe(`actions\n${row('b')}${row('A')}${row('c')}`);
  expect((await wsk('action', 'list', '-n')).stdout).toBe(`actions\n${row('A')}${row('b')}${row('c')}`);
});

test('a list of actions can be had as JSON and line by line', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions?limit=2&skip=1', { json: items });
  const json = await wsk('action', 'list', '-l', '2', '--skip=1', '-o', 'json');
  expect(JSON.parse(json.stdout)).toEqual(items);
  const lines = await wsk('action', 'list', '-l2', '-s1', '--output', 'ndjson');
  expect(lines.stdout).toBe(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
});

test.each([
  ['pkg', '_/actions/pkg/'],
  ['/other', 'other/actions'],
  ['/other/pkg', 'other/actions/pkg/'],
])('the list of %s is asked for at %s', async (argument, route) => {
  whisk.server.on(`GET /api/v1/namespaces/${route}?limit=0&skip=0`, { json: [] });
  expect((await wsk('action', 'list', argument, '-l', '0')).stdout).toBe('actions\n');
});
