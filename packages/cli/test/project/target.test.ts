import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWorkplace, runWsk, type Outcome, type Workplace } from '../run-wsk.ts';
import { AUTH, startWhiskServer, type WhiskServer } from '../whisk-server.ts';

let server: WhiskServer;
let place: Workplace;

beforeEach(async () => {
  server = await startWhiskServer();
  place = makeWorkplace();
  server.on('GET /api/v1/namespaces', { json: ['guest'] });
  for (const collection of ['packages', 'actions', 'triggers', 'rules']) {
    server.on(`GET /api/v1/namespaces/_/${collection}?limit=200&skip=0`, { json: [] });
  }
});

afterEach(async () => {
  place.remove();
  await server.close();
});

function properties(apiHost: string, auth: string): void {
  writeFileSync(place.propertiesFile, `APIHOST=${apiHost}\nAUTH=${auth}\n`);
}

function preview(manifest: string, ...words: string[]): Promise<Outcome> {
  writeFileSync(place.path('manifest.yaml'), manifest);
  return runWsk(place, ['project', 'deploy', '--preview', '--project', place.directory, ...words]);
}

function keysSent(): string[] {
  return server.requests.map(({ headers }) =>
    Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString(),
  );
}

test('a host that a manifest names does not get the key of another host', async () => {
  properties('http://127.0.0.1:1', 'my:secret');
  const outcome = await preview(`project: {apiHost: '${server.url}', packages: {p: }}`);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain('and the configured key is for http://127.0.0.1:1');
  expect(server.requests).toEqual([]);
});

test('the command line says where to go before the deployment file, the manifest and the properties', async () => {
  properties(server.url, 'properties:key');
  const named = (key: string): string =>
    `project: {apiHost: '${server.url}', credential: '${key}', packages: {p: }}`;
  expect((await preview('packages: {p: }')).exitCode).toBe(0);
  expect((await preview(named('manifest:key'))).exitCode).toBe(0);
  writeFileSync(place.path('deployment.yaml'), named('deployment:key'));
  expect((await preview(named('manifest:key'))).exitCode).toBe(0);
  expect((await preview(named('manifest:key'), '--auth', AUTH)).exitCode).toBe(0);
  expect([...new Set(keysSent())]).toEqual(['properties:key', 'manifest:key', 'deployment:key', AUTH]);
});

test('a list of more than one page is read to its end', async () => {
  properties(server.url, AUTH);
  const packageOf = (index: number): unknown => ({
    namespace: 'guest',
    name: `p${index}`,
    publish: false,
    annotations: [],
    binding: false,
  });
  server.on('GET /api/v1/namespaces/_/packages?limit=200&skip=0', {
    json: Array.from({ length: 200 }, (_, index) => packageOf(index)),
  });
  server.on('GET /api/v1/namespaces/_/packages?limit=200&skip=200', { json: [packageOf(200)] });
  server.on('GET /api/v1/namespaces/_/packages/p200', { json: packageOf(200) });
  expect((await preview('packages: {p200: }')).stdout).toContain('= package p200');
});

test('a platform that answers nonsense is told so', async () => {
  properties(server.url, AUTH);
  server.on('GET /api/v1/namespaces/_/actions?limit=200&skip=0', { text: '<html>' });
  const outcome = await preview('packages: {p: }');
  expect(outcome.stderr).toContain('Unable to see what is deployed: The answer of 200 is no JSON');
});
