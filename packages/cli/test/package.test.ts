import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const packages = '/api/v1/namespaces/_/packages';

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), 'package', ...words]);
}

test('a package is sent with what was given, and nothing else', async () => {
  whisk.server.on(`PUT ${packages}/p?overwrite=false`, { json: {} });
  whisk.server.on(`PUT ${packages}/p?overwrite=true`, { json: {} });
  expect((await wsk('create', 'p', '--shared', 'yes', '-p', 'n', '1')).stdout).toBe(
    'ok: created package p\n',
  );
  expect(whisk.server.body()).toEqual({
    namespace: '_',
    name: 'p',
    publish: true,
    parameters: [{ key: 'n', value: 1 }],
  });
  expect((await wsk('update', 'p', '--shared', 'no')).stdout).toBe('ok: updated package p\n');
  expect(whisk.server.body()).toEqual({ namespace: '_', name: 'p', publish: false });
});

test('a binding names the package that it is of', async () => {
  whisk.server.on(`PUT ${packages}/mine?overwrite=false`, { json: {} });
  const outcome = await wsk('bind', '/whisk.system/utils', 'mine', '-p', 'a', 'b', '-a', 'c', 'd');
  expect(outcome.stdout).toBe('ok: created binding mine\n');
  expect(whisk.server.body()).toEqual({
    annotations: [{ key: 'c', value: 'd' }],
    parameters: [{ key: 'a', value: 'b' }],
    binding: { namespace: 'whisk.system', name: 'utils' },
  });
});

test('packages and bindings take variables of the environment for their actions', async () => {
  whisk.server.on(`PUT ${packages}/p?overwrite=false`, { json: {} });
  whisk.server.on(`PUT ${packages}/mine?overwrite=false`, { json: {} });
  const parameters = [
    { key: 'n', value: 1 },
    { key: 'REGION', value: '1', init: true },
  ];
  await wsk('create', 'p', '-p', 'n', '1', '-e', 'REGION', '1');
  expect(whisk.server.body()).toMatchObject({ parameters });
  await wsk('bind', 'p', 'mine', '-p', 'n', '1', '-e', 'REGION', '1');
  expect(whisk.server.body()).toMatchObject({ parameters });
  expect((await wsk('create', 'p', '-p', 'n', '1', '-e', 'n', '1')).exitCode).toBe(2);
});

test('-o of a binding overwrites, and --output stays what it is', async () => {
  whisk.server.on(`PUT ${packages}/mine?overwrite=true`, { json: { name: 'mine' } });
  const outcome = await wsk('bind', 'p', 'mine', '-o', '--output', 'ndjson');
  expect(outcome).toEqual({ exitCode: 0, stdout: '{"name":"mine"}\n', stderr: '' });
  expect(whisk.server.body()).toMatchObject({ binding: { namespace: '_', name: 'p' } });
});

test('a list is asked for with limit and skip, and sorted by name on demand', async () => {
  const items = ['b', 'A', 'c'].map((name) => ({ namespace: 'g', name, publish: name === 'b' }));
  whisk.server.on(`GET ${packages}?limit=3&skip=1`, { json: items });
  const outcome = await wsk('list', '-l', '3', '-s', '1', '-n');
  const row = (name: string, rest: string): string => `${name.padEnd(70)} ${rest}\n`;
  expect(outcome.stdout).toBe(
    `packages\n${row('/g/A', 'private')}${row('/g/b', 'shared')}${row('/g/c', 'private')}`,
  );
  expect((await wsk('list', '-l', '3', '-s', '1', '-o', 'ndjson')).stdout.split('\n')[0]).toBe(
    '{"namespace":"g","name":"b","publish":true}',
  );
});

test('a summary names actions and feeds with their parameters', async () => {
  whisk.server.on(`GET ${packages}/p`, {
    json: {
      namespace: 'g',
      name: 'p',
      annotations: [{ key: 'description', value: 'Things' }],
      parameters: [{ key: 'bound', value: 1 }],
      actions: [
        {
          name: 'a',
          annotations: [
            { key: 'final', value: true },
            { key: 'parameters', value: [{ name: 'x' }, { name: 'y' }, {}, 3] },
          ],
          parameters: [{ key: 'y', value: 1 }],
        },
      ],
      feeds: [{ name: 'f', annotations: [{ key: 'description', value: 'Fires' }] }],
    },
  });
  expect((await wsk('get', 'p', '--summary')).stdout).toBe(`package /g/p: Things
   (parameters: *bound)
 action /g/p/a: Returns a result based on parameters x and y
   (parameters: x, **y)
 feed   /g/p/f: Fires
   (parameters: none defined)
`);
});

test('a refresh says which bindings changed, where a platform has it', async () => {
  whisk.server.on(`POST ${packages}/refresh`, { json: { added: ['a', 'b'], updated: [], deleted: ['c'] } });
  expect((await wsk('refresh')).stdout).toBe(
    '\n_ refreshed successfully\ncreated bindings:\na\nb\nno bindings updated\ndeleted bindings:\nc\n',
  );
});

test.each([404, 405, 501])('a platform that answers a refresh with %i has none', async (status) => {
  whisk.server.on(`POST ${packages}/refresh`, { status, json: { error: 'x', code: 'y' } });
  expect(await wsk('refresh')).toEqual({
    exitCode: 245,
    stdout: '',
    stderr: 'error: The package refresh feature is not implemented in the target deployment\n',
  });
});

test('deleting with --force asks the platform for that', async () => {
  whisk.server.on(`DELETE ${packages}/p?force=true`, { json: {} });
  expect((await wsk('delete', 'p', '--force')).stdout).toBe('ok: deleted package p\n');
});
