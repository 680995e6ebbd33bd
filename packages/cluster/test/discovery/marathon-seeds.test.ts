import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { marathonSeeds } from '../../src/discovery/marathon-seeds.ts';
import type { MarathonSeedsOptions } from '../../src/discovery/marathon-options.ts';
import { SeedError } from '../../src/discovery/seed-error.ts';
import type { Seed } from '../../src/discovery/seed-source.ts';
import { addressText } from '../../src/membership/member.ts';
import {
  bridgeApp,
  hostApp,
  json,
  marathonTask,
  oldApp,
  openMarathonServer,
  overlayApp,
  type MarathonServer,
} from './marathon-server.ts';

let marathon: MarathonServer;

beforeEach(async () => {
  marathon = await openMarathonServer();
});

afterEach(() => marathon.close());

function find(options: Partial<MarathonSeedsOptions> = {}, signal = new AbortController().signal) {
  return marathonSeeds({ url: marathon.url, app: '/fw', port: 'cluster', ...options }).find(signal);
}

async function failure(options: Partial<MarathonSeedsOptions> = {}): Promise<SeedError> {
  const error: unknown = await find(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SeedError);
  const seedError = error as SeedError;
  expect(seedError.message).toBe(`${seedError.what} ${seedError.mend}`);
  return seedError;
}

function serve(body: unknown, status = 200): void {
  marathon.answer = (_request, response) => json(response, status, body);
}

function texts(seeds: readonly Seed[]): string[] {
  return seeds.map(({ address }) => addressText(address));
}

describe('addresses', () => {
  test.each([
    ['a network of its own: the container, by name', overlayApp(), 'cluster', '172.16.0.1:7946'],
    ['a network of its own, by place', overlayApp(), 0, '172.16.0.1:8080'],
    ['the host’s network, by name', hostApp(), 'cluster', 'agent-1:32001'],
    ['the host’s network, by place', hostApp(), 0, 'agent-1:31001'],
    ['the host’s network without definitions', hostApp({ portDefinitions: undefined }), 1, 'agent-1:32001'],
    ['a bridge: the host, by name', bridgeApp(), 'cluster', 'agent-1:32001'],
    ['a bridge before 1.5', oldApp('BRIDGE'), 'cluster', 'agent-1:32001'],
    ['a network of its own before 1.5', oldApp('USER'), 'cluster', '172.16.0.1:7946'],
    ['the host’s network before 1.5', oldApp('HOST'), 'cluster', 'agent-1:31001'],
    [
      'a container port that is the host’s (0): after a mapping without one',
      overlayApp({
        container: {
          portMappings: [
            { containerPort: 80, hostPort: null },
            { name: 'cluster', containerPort: 0, hostPort: 0 },
          ],
        },
      }),
      'cluster',
      '172.16.0.1:31001',
    ],
    [
      'IPv6',
      overlayApp({ tasks: [marathonTask(1, { ipAddresses: [{ ipAddress: 'fd01::5', protocol: 'IPv6' }] })] }),
      'cluster',
      '[fd01::5]:7946',
    ],
  ] as const)('%s', async (_what, app, port, address) => {
    serve({ app });
    expect(texts((await find({ port })).seeds)[0]).toBe(address);
  });

  test('the first port is taken when none is named', async () => {
    serve({ app: hostApp() });
    const { seeds } = await marathonSeeds({ url: marathon.url, app: 'fw' }).find(
      new AbortController().signal,
    );
    expect(texts(seeds)).toEqual(['agent-1:31001', 'agent-2:31002', 'agent-3:31003']);
  });

  test.each([
    ['no address yet', { ipAddresses: [] }],
    ['no address field', { ipAddresses: undefined }],
    ['an address of another type', { ipAddresses: [{ ipAddress: 5 }] }],
  ])('a task with %s is left out', async (_what, more) => {
    serve({ app: overlayApp({ tasks: [marathonTask(1, more), marathonTask(2)] }) });
    expect(texts((await find()).seeds)).toEqual(['172.16.0.2:7946']);
  });

  test('a port that the app does not have is an error that names those it has', async () => {
    serve({ app: hostApp() });
    const error = await failure({ port: 'gossip' });
    expect(error.code).toBe('PORT_NOT_FOUND');
    expect(error.message).toMatch(/no port 'gossip'; it has 0 \('web'\), 1 \('cluster'\)/);
    expect((await failure({ port: 2 })).code).toBe('PORT_NOT_FOUND');
  });
});

describe('which tasks are listed, and which are healthy', () => {
  const checked = { healthChecks: [{ protocol: 'TCP' }, { protocol: 'HTTP' }] };
  const alive = { alive: true, consecutiveFailures: 0, instanceId: 'x' };

  test.each([
    ['runs, without checks', {}, {}, true],
    ['starts', { state: 'TASK_STARTING' }, {}, false],
    ['is being killed', { state: 'TASK_KILLING' }, {}, false],
    ['has not been checked yet', {}, checked, false],
    ['passes all checks', { healthCheckResults: [alive, alive] }, checked, true],
    ['fails one check', { healthCheckResults: [alive, { alive: false }] }, checked, false],
  ])('one that %s', async (_what, more, app, healthy) => {
    serve({ app: overlayApp({ ...app, tasks: [marathonTask(1, more)] }) });
    expect(await find()).toEqual({
      seeds: [{ address: { host: '172.16.0.1', port: 7946 }, name: 'fw.task-1', healthy }],
      instances: 3,
    });
  });

  test.each(['TASK_FINISHED', 'TASK_KILLED', 'TASK_LOST', 'TASK_UNREACHABLE', 'TASK_GONE'])(
    'none that is %s',
    async (state) => {
      serve({ app: overlayApp({ tasks: [marathonTask(1, { state }), marathonTask(2)] }) });
      expect(texts((await find()).seeds)).toEqual(['172.16.0.2:7946']);
    },
  );

  test('this instance’s own runs and is well, whatever Marathon has heard so far', async () => {
    const tasks = [marathonTask(1, { state: 'TASK_STAGING' }), marathonTask(2, { state: 'TASK_STAGING' })];
    serve({ app: overlayApp({ ...checked, tasks }) });
    expect((await find({ self: 'fw.task-2' })).seeds.map(({ healthy }) => healthy)).toEqual([false, true]);
  });

  test('instances of several apps with a label are summed up', async () => {
    serve({
      apps: [
        overlayApp({ instances: 2, tasks: [marathonTask(1)] }),
        overlayApp({ id: '/b', instances: 3, tasks: [marathonTask(2)] }),
      ],
    });
    const found = await find({ app: undefined, label: 'cluster==fw' } as never);
    expect(found.instances).toBe(5);
    expect(texts(found.seeds)).toEqual(['172.16.0.1:7946', '172.16.0.2:7946']);
    expect(marathon.requests[0]?.url).toBe('/v2/apps?label=cluster%3D%3Dfw&embed=apps.tasks');
  });
});

describe('how it asks', () => {
  test('names what it wants embedded, and JSON, under whatever path Marathon stands', async () => {
    await find({ url: `${marathon.url}/service/marathon`, app: '/group/my fw' });
    const [request] = marathon.requests;
    expect(request?.url).toBe('/service/marathon/v2/apps/group/my%20fw?embed=app.tasks');
    expect(request?.headers.accept).toBe('application/json');
    expect(request?.headers.authorization).toBeUndefined();
  });

  test.each([
    [
      'user and password',
      { auth: { user: 'u', password: 'p:ß' } },
      `Basic ${Buffer.from('u:p:ß').toString('base64')}`,
    ],
    ['a token', { auth: { token: 'abc' } }, 'token=abc'],
    ['a function that gives a token', { auth: () => Promise.resolve('fresh') }, 'token=fresh'],
  ])('shows %s', async (_what, options, authorization) => {
    await find(options);
    expect(marathon.requests[0]?.headers.authorization).toBe(authorization);
  });

  test('takes user and password out of the URL', async () => {
    const url = marathon.url.replace('http://', 'http://me:s%20cret@');
    await find({ url });
    expect(marathon.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('me:s cret').toString('base64')}`,
    );
    expect(marathonSeeds({ url, app: 'fw' }).description).not.toContain('cret');
  });

  test('asks another one where the first can’t answer, and that one first the next time', async () => {
    const broken = await openMarathonServer();
    broken.answer = (_request, response) => json(response, 503, { message: 'no leader' });
    const source = marathonSeeds({
      urls: ['http://127.0.0.1:1', broken.url, marathon.url],
      app: '/fw',
      port: 'cluster',
    });
    for (let time = 0; time < 3; time++) {
      expect((await source.find(new AbortController().signal)).seeds).toHaveLength(3);
    }
    expect([broken.requests.length, marathon.requests.length]).toEqual([1, 3]);
    await broken.close();
  });

  test('stops when nobody waits any more', async () => {
    marathon.answer = () => {};
    const controller = new AbortController();
    const finding = find({}, controller.signal);
    controller.abort(new Error('closing'));
    await expect(finding).rejects.toThrow();
  });
});

describe('what goes wrong says what, why, and how to mend it', () => {
  test('an app that Marathon does not have', async () => {
    serve({ message: "App '/fw' does not exist" }, 404);
    const error = await failure();
    expect(error.code).toBe('APP_NOT_FOUND');
    expect(error.message).toMatch(/app \/fw: app not found\. .*MARATHON_APP_ID/);
    serve({ apps: [] });
    expect((await failure({ app: undefined, label: 'a==b' } as never)).code).toBe('APP_NOT_FOUND');
  });

  test.each([401, 403])('one who may not ask (%i), without showing the secret', async (status) => {
    marathon.answer = (_request, response) => response.writeHead(status).end('<h1>no</h1>');
    const error = await failure({ auth: { user: 'u', password: 'very-secret' } });
    expect(error.code).toBe('UNAUTHORIZED');
    expect(JSON.stringify([error.message, error])).not.toContain('very-secret');
  });

  test('a function that has no token', async () => {
    const error = await failure({ auth: () => Promise.reject(new Error('vault')) });
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', cause: { message: 'vault' } });
    expect(marathon.requests).toEqual([]);
  });

  test('nobody listens there', async () => {
    const error = await failure({ url: 'http://127.0.0.1:1' });
    expect(error).toMatchObject({
      code: 'SEEDS_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('no answer in time', async () => {
    marathon.answer = () => {};
    const error = await failure({ timeoutMs: 50 });
    expect(error).toMatchObject({
      code: 'SEEDS_UNREACHABLE',
      message: expect.stringContaining('within 50 ms') as string,
    });
  });

  test('an answer that breaks off', async () => {
    marathon.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('{"app":');
      setTimeout(() => response.destroy(), 20);
    };
    expect((await failure()).code).toBe('SEEDS_UNREACHABLE');
  });

  test.each([
    ['a page', '<html>Welcome</html>', 200],
    ['a page that is not there', '<html>Not found</html>', 404],
    ['JSON of another kind', '{"hello":1}', 200],
    ['an app without an id', '{"app":{"tasks":[]}}', 200],
    ['null', 'null', 200],
  ])('something that is not Marathon: %s', async (_what, body, status) => {
    marathon.answer = (_request, response) => response.writeHead(status).end(body);
    const error = await failure();
    expect(error.code).toBe('NOT_MARATHON');
    expect(error.message).toContain('is not Marathon');
  });

  test('one that sends elsewhere is not followed, for credentials would go there', async () => {
    marathon.answer = (_request, response) =>
      response.writeHead(307, { Location: 'http://elsewhere.test/x' }).end();
    const error = await failure({ auth: { token: 'abc' } });
    expect(error).toMatchObject({
      code: 'NOT_MARATHON',
      message: expect.stringContaining('http://elsewhere.test') as string,
    });
  });

  test('an answer of more than 16 MB', async () => {
    marathon.answer = (_request, response) => {
      response.on('error', () => {});
      response.end(Buffer.alloc(17 * 1024 * 1024, ' '));
    };
    expect((await failure()).message).toContain('more than 16777216 bytes');
  });

  test('an app of which nothing runs', async () => {
    serve({ app: overlayApp({ instances: 0, tasks: [] }) });
    const error = await failure();
    expect(error).toMatchObject({
      code: 'NO_SEEDS',
      message: expect.stringContaining('lists no running task') as string,
    });
  });

  test('several that can’t answer are all named', async () => {
    const error = await failure({ url: 'http://127.0.0.1:1', urls: ['http://127.0.0.1:2'] });
    expect(error.message).toMatch(/127\.0\.0\.1:1 .*127\.0\.0\.1:2 /);
  });

  test.each([
    [{ app: '/fw' }, /no URL/],
    [{ url: 'marathon:8080', app: '/fw' }, /its scheme/],
    [{ url: 'http://m' }, /either `app`.*or `label`/],
    [{ url: 'http://m', app: '/fw', label: 'x' }, /either/],
    [{ url: 'http://m', app: '/' }, /no id of an app/],
    [{ url: 'http://m', app: '/fw', port: -1 }, /no place among ports/],
  ])('options that make no sense: %j', (options, message) => {
    expect(() => marathonSeeds(options)).toThrow(message);
  });
});
