import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...words, ...at(whisk.server.url)]);
}

function serve(namespace: string): void {
  const list = (collection: string, items: unknown): void =>
    whisk.server.on(`GET /api/v1/namespaces/${namespace}/${collection}?limit=0&skip=0`, { json: items });
  const exec = [{ key: 'exec', value: 'nodejs:20' }];
  list('packages', [{ namespace: 'guest', name: 'p', publish: true }]);
  list('actions', [
    { namespace: 'guest', name: 'b', annotations: exec },
    { namespace: 'guest/p', name: 'a', annotations: exec },
  ]);
  list('triggers', [{ namespace: 'guest', name: 't' }]);
  list('rules', [{ namespace: 'guest', name: 'r' }]);
  whisk.server.on(`GET /api/v1/namespaces/${namespace}/rules/r`, { json: { name: 'r', status: 'inactive' } });
}

function row(name: string, rest: string): string {
  return `${name.padEnd(70)} ${rest}\n`;
}

const entities =
  `packages\n${row('/guest/p', 'shared')}` +
  `actions\n${row('/guest/b', 'private nodejs:20')}${row('/guest/p/a', 'private nodejs:20')}` +
  `triggers\n${row('/guest/t', 'private')}` +
  `rules\n${row('/guest/r', 'private              inactive')}`;

test.each([[['list']], [['namespace', 'get']], [['list', '/_']]])('%j lists the entities', async (words) => {
  serve('_');
  expect(await wsk(...words)).toEqual({
    exitCode: 0,
    stdout: `Entities in namespace: default\n${entities}`,
    stderr: '',
  });
});

test('another namespace is called by its name', async () => {
  serve('guest');
  expect((await wsk('namespace', 'get', '/guest')).stdout).toBe(`Entities in namespace: guest\n${entities}`);
});

test('the entities as JSON are one object', async () => {
  serve('_');
  const document = JSON.parse((await wsk('list', '-o', 'json')).stdout) as Record<string, unknown[]>;
  expect(Object.keys(document)).toEqual(['packages', 'actions', 'triggers', 'rules']);
  expect(document['rules']).toEqual([{ namespace: 'guest', name: 'r', status: 'inactive' }]);
});

test('what a platform does not serve it has none of, but actions it must have', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions?limit=0&skip=0', { json: [] });
  expect((await wsk('list')).stdout).toBe(
    'Entities in namespace: default\npackages\nactions\ntriggers\nrules\n',
  );
  whisk.server.on('GET /api/v1/namespaces/_/actions?limit=0&skip=0', {
    status: 401,
    json: { error: 'The supplied authentication is invalid', code: 'tid' },
  });
  const outcome = await wsk('list');
  expect(outcome.exitCode).toBe(145);
  expect(outcome.stderr).toBe(
    "error: Unable to obtain the list of entities for namespace '_': The supplied authentication is invalid (code tid)\n" +
      'The key in use was refused. See it with: wsk property get --auth\n' +
      'The platform prints the right one when it starts: wsk property set --auth UUID:KEY\n',
  );
});

test('the namespaces of a key are listed', async () => {
  whisk.server.on('GET /api/v1/namespaces', { json: ['guest'] });
  expect((await wsk('namespace', 'list')).stdout).toBe('namespaces\nguest\n');
  expect((await wsk('namespace', 'list', '-o', 'ndjson')).stdout).toBe('"guest"\n');
});

test('listing namespaces takes no argument', async () => {
  const outcome = await wsk('namespace', 'list', 'guest');
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain('error: Invalid argument(s): guest. No arguments are required.');
});

test('an answer that is no JSON is not taken for an empty list', async () => {
  whisk.server.on('GET /api/v1/namespaces', { text: '<html>' });
  const outcome = await wsk('namespace', 'list');
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain('is this an OpenWhisk API?');
});
