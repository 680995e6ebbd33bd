import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

import { describe, expect, test } from 'vitest';
import { onTestFinished } from 'vitest';

import { serveStatus, type StatusOptions } from '../src/index.ts';
import { eventually, FrameworkKit, type Instance } from './framework-kit.ts';

async function serve({ node: cluster, framework }: Instance, more: Partial<StatusOptions> = {}) {
  const server = await serveStatus({ cluster, framework, listen: { host: '127.0.0.1', port: 0 }, ...more });
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  const get = async (path: string) => (await fetch(`${url}${path}`)).json() as Promise<unknown>;
  const text = async (path: string) => (await fetch(`${url}${path}`)).text();
  return { server, url, get, text };
}

describe('GET /cluster', () => {
  test('says the same of leader and framework on every instance, also after a failover', async () => {
    const kit = await FrameworkKit.open();
    const [one, two, three] = await kit.three();
    const task = await two.framework.submit(kit.counted('web'));
    await task.running;
    await kit.crash(one);
    await kit.subscribed(two);
    await kit.subscribed(three);
    const expected = {
      name: 'shared',
      leader: { id: 'two', epoch: 2 },
      framework: {
        name: 'story',
        id: two.framework.view().id,
        subscribed: true,
        epoch: 2,
        tasks: { running: 1, waiting: 0 },
        problems: [],
        master: { version: expect.stringMatching(/^1\./) as unknown },
        lastFailover: { to: 'two', tookMs: 20, subscribedAfterMs: expect.any(Number) as unknown },
      },
    };
    for (const [instance, leads] of [
      [two, true],
      [three, false],
    ] as const) {
      const { get } = await serve(instance);
      expect(await get('/cluster')).toMatchObject(expected);
      expect(await get('/cluster')).toMatchObject({ framework: { leads } });
      expect(await get('/tasks')).toMatchObject([{ id: 'web', standing: 'running', by: 'two' }]);
    }
  });

  test('tells the problems of the leader on a follower, too', async () => {
    const kit = await FrameworkKit.open({ roles: ['web'] });
    const one = await kit.join('one', { framework: { name: 'story', roles: ['other'] } });
    const two = await kit.join('two');
    const { get } = await serve(two);
    await eventually(() => two.framework.view().problems.length > 0);
    expect(await get('/cluster')).toMatchObject({
      framework: { subscribed: false, problems: [{ code: 'SUBSCRIPTION_REFUSED' }] },
    });
    expect(one.changes.map(({ line }) => line)).toContainEqual(
      expect.stringContaining('SUBSCRIPTION_REFUSED'),
    );
  });
});

test('GET /health is 200 without a leader and without a master: Marathon must not kill who waits', async () => {
  const kit = await FrameworkKit.open();
  kit.cluster.electMs = undefined;
  const { url } = await serve(await kit.join('one'));
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ standing: 'leaderless' });
});

test('GET /metrics counts leaders, members, positions and tasks', async () => {
  const kit = await FrameworkKit.open();
  const [one, two] = await kit.three();
  const { text } = await serve(two);
  const task = await two.framework.submit(kit.counted('web'));
  await task.running;
  expect(await text('/metrics')).toContain('cluster_leader 0');
  await kit.crash(one);
  await kit.subscribed(two);
  const metrics = await text('/metrics');
  for (const line of [
    'cluster_leader 1',
    'cluster_epoch 2',
    'cluster_members{state="alive"} 2',
    'cluster_members{state="dead"} 1',
    'cluster_leader_changes_total 1',
    'framework_subscribed 1',
    'framework_tasks{standing="running"} 1',
    'framework_failover_seconds 0.02',
  ]) {
    expect(metrics.split('\n')).toContain(line);
  }
  expect(metrics).toMatch(/^cluster_log_index\{position="committed"\} \d+$/m);
});

describe('tasks over HTTP', () => {
  const post = (url: string, body: string, type = 'application/json') =>
    fetch(`${url}/tasks`, { method: 'POST', body, headers: { 'content-type': type } });

  test('are submitted and deleted, where the program allows it', async () => {
    const kit = await FrameworkKit.open();
    const [, two] = await kit.three();
    const { url } = await serve(two, { changesTasks: true });
    const spec = JSON.stringify(kit.counted('a b'));
    const created = await post(url, spec);
    expect([created.status, await created.json()]).toEqual([201, { id: 'a b' }]);
    expect((await post(url, spec)).status).toBe(409);
    await two.framework.task('a b')!.running;
    const deleted = await fetch(`${url}/tasks/a%20b`, { method: 'DELETE' });
    expect([deleted.status, await deleted.json()]).toMatchObject([200, { state: 'TASK_KILLED' }]);
    expect((await fetch(`${url}/tasks/never`, { method: 'DELETE' })).status).toBe(404);
  });

  test.each([
    ['that are no JSON', '{', 'application/json', 400],
    ['without a content type that a browser would ask for', '{}', 'text/plain', 415],
    ['that can never run', '{"cpus":1}', 'application/json', 400],
    ['that are endless', `"${'x'.repeat(600_000)}"`, 'application/json', 413],
  ])('%s are refused', async (_, body, type, status) => {
    const kit = await FrameworkKit.open();
    const { url } = await serve(await kit.join('one'), { changesTasks: true });
    const answer = await post(url, body, type);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: expect.any(String) as unknown });
  });

  test('are not changed otherwise', async () => {
    const kit = await FrameworkKit.open();
    const { url } = await serve(await kit.join('one'));
    expect((await post(url, JSON.stringify(kit.counted('web')))).status).toBe(404);
    expect((await fetch(`${url}/tasks/web`, { method: 'DELETE' })).status).toBe(404);
    expect((await fetch(`${url}/tasks/%ff`)).status).toBe(404);
  });
});

describe('who may ask', () => {
  interface Asked {
    readonly path?: string;
    readonly method?: string;
    readonly headers: Readonly<Record<string, string>>;
  }

  /** With headers that `fetch` does not let through. */
  function ask(port: number, { path = '/cluster', method = 'GET', headers }: Asked): Promise<number> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject).end(method === 'POST' ? '{}' : undefined);
    });
  }

  test('is this machine alone, unless the program says otherwise', async () => {
    const kit = await FrameworkKit.open();
    const { server } = await serve(await kit.join('one'), { listen: { port: 0 } });
    expect((await fetch(`http://127.0.0.1:${server.port}/health`)).status).toBe(200);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each && !each.internal && each.family === 'IPv4')?.address;
    await expect(fetch(`http://${outside ?? '127.0.0.2'}:${server.port}/health`)).rejects.toThrow();
  });

  test('is no page in a browser whose name has become the address of this machine', async () => {
    const kit = await FrameworkKit.open();
    const { server } = await serve(await kit.join('one'));
    expect(await ask(server.port, { headers: { host: 'evil.example:8080' } })).toBe(403);
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080'])
      expect(await ask(server.port, { headers: { host } })).toBe(200);
  });

  test('for a change of tasks is no page at all, also where programs may', async () => {
    const kit = await FrameworkKit.open();
    const { server } = await serve(await kit.join('one'), { changesTasks: true });
    const type = { 'content-type': 'application/json' };
    const pages = [{ origin: 'http://127.0.0.1' }, { origin: 'null' }, { 'sec-fetch-site': 'same-origin' }];
    for (const page of pages) {
      const headers = { ...type, ...page };
      expect(await ask(server.port, { path: '/tasks', method: 'POST', headers })).toBe(403);
      expect(await ask(server.port, { path: '/tasks/web', method: 'DELETE', headers })).toBe(403);
    }
    expect(await ask(server.port, { path: '/tasks', method: 'POST', headers: type })).toBe(400);
  });

  test('and with what path: one that is no URL is not found', async () => {
    const kit = await FrameworkKit.open();
    const { server } = await serve(await kit.join('one'));
    for (const path of ['//', '/..//cluster', '/tasks/../cluster', 'x'])
      expect(await ask(server.port, { path, headers: {} })).toBeGreaterThanOrEqual(400);
    expect(await ask(server.port, { path: '/cluster?x=1', headers: {} })).toBe(200);
  });

  test('is cut off where hundreds connect and say nothing, and others are answered when those are gone', async () => {
    const kit = await FrameworkKit.open();
    const { server, url } = await serve(await kit.join('one'));
    let cut = 0;
    const silent = Array.from({ length: 300 }, () => connect(server.port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => {}).once('close', () => (cut += 1));
    await eventually(() => cut >= 300 - 256);
    for (const socket of silent) socket.destroy();
    await eventually(async () => (await fetch(`${url}/health`).catch(() => undefined))?.status === 200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

test('each change is one line of the log', async () => {
  const kit = await FrameworkKit.open();
  const lines: string[] = [];
  const one = await kit.join('one');
  await serve(one, { log: (line) => lines.push(line) });
  await kit.subscribed(one);
  kit.cluster.lead(undefined, 'a test says so');
  expect(lines).toContainEqual(
    expect.stringMatching(/^one is subscribed at .* as story-\w+, \d+ ms after .* \(epoch 1\)$/),
  );
  expect(lines).toContainEqual('one leads the framework no more (epoch 1): a test says so');
});

test('a port that is in use is told to who opens it', async () => {
  const kit = await FrameworkKit.open();
  const one = await kit.join('one');
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  await expect(serve(one, { listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
