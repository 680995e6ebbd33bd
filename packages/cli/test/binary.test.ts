import { spawnSync } from 'node:child_process';
import { createServer } from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { at, runBinary, startBinary } from './run-wsk.ts';
import { useWhisk } from './whisk-fixture.ts';

/** Programs are started one after the other, each of which takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });

const whisk = useWhisk();

test('the program creates and invokes an action with the properties that it was given', async () => {
  writeFileSync(whisk.place.path('hello.js'), 'const main = () => ({});');
  whisk.server.on('PUT /api/v1/namespaces/_/actions/hello?overwrite=false', { json: {} });
  whisk.server.on('POST /api/v1/namespaces/_/actions/hello?blocking=true&result=true', {
    json: { ok: true },
  });
  expect((await runBinary(whisk.place, ['property', 'set', ...at(whisk.server.url)])).exitCode).toBe(0);
  const created = await runBinary(whisk.place, ['action', 'create', 'hello', 'hello.js']);
  expect(created).toEqual({ exitCode: 0, stdout: 'ok: created action hello\n', stderr: '' });
  const invoked = await runBinary(whisk.place, ['action', 'invoke', 'hello', '-r', '-p', 'n', '-5']);
  expect(invoked).toEqual({ exitCode: 0, stdout: '{\n    "ok": true\n}\n', stderr: '' });
  expect(whisk.server.body()).toEqual({ n: -5 });
});

test('code is saved under the name of the action in the current directory', async () => {
  whisk.server.on('GET /api/v1/namespaces/_/actions/pkg/tool?code=true', {
    json: { name: 'tool', exec: { kind: 'python:3.11', code: 'pass', binary: false } },
  });
  const outcome = await runBinary(whisk.place, [
    'action',
    'get',
    'pkg/tool',
    '--save',
    ...at(whisk.server.url),
  ]);
  expect(outcome.stdout).toBe(`ok: saved action code to ${whisk.place.path('tool.py')}\n`);
  expect(readFileSync(whisk.place.path('tool.py'), 'utf8')).toBe('pass');
});

test.each([
  [['nonsense'], 1],
  [['action', 'get', 'a/b/c/d'], 149],
  [['action', 'create', 'x'], 2],
  [['action', 'invoke', 'x'], 148],
  [['action', 'invoke', 'late', '-b'], 202],
  [['action', 'list', '--apihost', 'http://127.0.0.1:1'], 3],
])('the program ends %j with exit code %i', async (words, exitCode) => {
  whisk.server.on('POST /api/v1/namespaces/_/actions/late?blocking=true&result=false', {
    status: 202,
    json: { activationId: 'a' },
  });
  expect((await runBinary(whisk.place, [...at(whisk.server.url), ...words])).exitCode).toBe(exitCode);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends polling with exit code 0', async (signal) => {
  whisk.server.on('GET /api/v1/namespaces/_/activations?limit=1&skip=0&docs=true', { json: [] });
  whisk.server.on('GET /api/v1/namespaces/_/activations?limit=0&skip=0&since=0&docs=true', { json: [] });
  const child = startBinary(whisk.place, ['activation', 'poll', ...at(whisk.server.url)]);
  const ended = new Promise((resolve) => child.on('close', (code, killedBy) => resolve([code, killedBy])));
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => chunk.includes('Polling for activation logs') && resolve());
  });
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
});

test('a reader that closes the pipe is no failure', () => {
  const items = Array.from({ length: 5000 }, (_, n) => ({ namespace: 'guest', name: `action${n}` }));
  writeFileSync(
    whisk.place.path('list.mjs'),
    `
    import { createServer } from 'node:http';
    createServer((_, response) => response.end(${JSON.stringify(JSON.stringify(items))}))
      .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
  `,
  );
  const binary = fileURLToPath(new URL('../bin/wsk.js', import.meta.url));
  const script = `
    node list.mjs > port & server=$!
    while [ ! -s port ]; do sleep 0.05; done
    node ${binary} action list --apihost "http://127.0.0.1:$(cat port)" --auth a:b 2> errors | head -1
    echo "\${PIPESTATUS[0]}"; cat errors; kill $server
  `;
  const outcome = spawnSync('bash', ['-c', script], { cwd: whisk.place.directory, encoding: 'utf8' });
  expect(outcome.stdout).toBe('actions\n0\n');
});

test('a certificate of its own making is refused unless -i is given, and a client certificate is sent', async () => {
  const [key, cert] = ['key', 'cert'].map((what) =>
    fileURLToPath(new URL(`localhost-${what}.pem`, import.meta.url)),
  ) as [string, string];
  const subjects: unknown[] = [];
  const secure = createServer(
    { key: readFileSync(key), cert: readFileSync(cert), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as import('node:tls').TLSSocket;
      subjects.push(socket.getPeerCertificate().subject?.CN);
      response.end('["guest"]');
    },
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(secure.address() as AddressInfo).port}`;
  try {
    const refused = await runBinary(whisk.place, ['namespace', 'list', ...at(host)]);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('add -i (--insecure)');
    const trusted = await runBinary(whisk.place, [
      'namespace',
      'list',
      '-i',
      '--cert',
      cert,
      '--key',
      key,
      ...at(host),
    ]);
    expect(trusted.stdout).toBe('namespaces\nguest\n');
    expect(subjects).toEqual(['localhost']);
    const missing = await runBinary(whisk.place, ['namespace', 'list', '--cert', 'nowhere', ...at(host)]);
    expect(missing.stderr).toContain(
      "Unable to read the client certificate 'nowhere': there is no such file\n",
    );
    const unfit = await runBinary(whisk.place, [
      'namespace',
      'list',
      '--cert',
      key,
      '--key',
      key,
      ...at(host),
    ]);
    expect(unfit.exitCode).toBe(1);
    expect(unfit.stderr).toContain(
      'Unable to use the client certificate and its key: one of them is no PEM file.',
    );
    const plain = await runBinary(whisk.place, ['namespace', 'list', ...at(`http://${host}`)]);
    expect(plain.exitCode).toBe(3);
    expect(plain.stderr).toContain(`If it speaks TLS: wsk property set --apihost https://${host}\n`);
  } finally {
    secure.close();
  }
});
