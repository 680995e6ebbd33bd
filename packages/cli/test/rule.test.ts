import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const rules = '/api/v1/namespaces/_/rules';

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), 'rule', ...words]);
}

test('a rule names trigger and action with their namespaces', async () => {
  whisk.server.on(`PUT ${rules}/r?overwrite=false`, { text: 'OK' });
  const outcome = await wsk('create', 'r', 'tick', 'tools/a', '-a', 'mine', 'true');
  expect(outcome.stdout).toBe('ok: created rule r\n');
  expect(whisk.server.body()).toEqual({
    name: 'r',
    status: '',
    trigger: '/_/tick',
    action: '/_/tools/a',
    annotations: [{ key: 'mine', value: true }],
  });
  whisk.server.on(`PUT ${rules}/r?overwrite=true`, { json: {} });
  expect((await wsk('update', 'r', '/g/tick', '/h/p/a')).stdout).toBe('ok: updated rule r\n');
  expect(whisk.server.body()).toMatchObject({ trigger: '/g/tick', action: '/h/p/a' });
});

test('a change of status is sent as others send it, and its answer may be any text', async () => {
  whisk.server.on(`POST ${rules}/r`, { text: 'OK' });
  expect((await wsk('enable', 'r')).stdout).toBe('ok: enabled rule r\n');
  expect(whisk.server.body()).toEqual({ status: 'active', trigger: null, action: null });
  expect((await wsk('disable', 'r', '-o', 'ndjson')).stdout).toBe('{"name":"r","status":"inactive"}\n');
  expect(whisk.server.body()).toEqual({ status: 'inactive', trigger: null, action: null });
});

test('a rule is disabled before it is deleted, where that is asked for', async () => {
  whisk.server.on(`POST ${rules}/r`, { text: 'OK' });
  whisk.server.on(`DELETE ${rules}/r`, { json: {} });
  expect((await wsk('delete', 'r', '--disable')).stdout).toBe('ok: deleted rule r\n');
  expect(whisk.server.lines).toEqual([`POST ${rules}/r`, `DELETE ${rules}/r`]);
});

test('a rule that is deleted while rules are listed has no status', async () => {
  whisk.server.on(`GET ${rules}?limit=30&skip=0`, {
    json: [
      { namespace: 'g', name: 'here' },
      { namespace: 'g', name: 'gone' },
    ],
  });
  whisk.server.on(`GET ${rules}/here`, { json: { status: 'active' } });
  const outcome = await wsk('list');
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  expect(outcome.stdout).toContain(`${'/g/here'.padEnd(70)} private              active\n`);
  expect(outcome.stdout).toContain(`${'/g/gone'.padEnd(70)} private              \n`);
  expect((await wsk('list', '-o', 'ndjson')).stdout).toContain('"name":"here","status":"active"');
});

test('a list of rules fails where the status of one cannot be told', async () => {
  whisk.server.on(`GET ${rules}?limit=30&skip=0`, { json: [{ namespace: 'g', name: 'r' }] });
  whisk.server.on(`GET ${rules}/r`, { status: 503, json: { error: 'later', code: 't' } });
  const outcome = await wsk('list');
  expect(outcome).toMatchObject({ exitCode: 247, stdout: '' });
  expect(outcome.stderr).toContain("Unable to obtain the list of rules for namespace '_': later (code t)");
});

test.each([
  ['create', 'p/r', 'tick', 'a'],
  ['create', 'r', 'p/tick', 'a'],
  ['create', 'r', 'tick', 'a/b/c/d'],
  ['status', '/g/p/r'],
  ['enable', './r'],
])('rule %s %s is refused where a name is none', async (...words) => {
  const outcome = await wsk(...words);
  expect(outcome.exitCode).toBe(149);
  expect(outcome.stderr).toContain('A valid qualified name must be specified.');
  expect(whisk.server.lines).toEqual([]);
});
