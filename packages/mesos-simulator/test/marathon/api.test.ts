import { describe, expect, it } from 'vitest';

import { VirtualMarathon } from './virtual-marathon.ts';

const web = { id: '/group/web', cmd: 'exec server', instances: 2, labels: { kind: 'web', tier: 'front' } };
const isoTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

function running(definition: object = web): VirtualMarathon {
  const marathon = new VirtualMarathon();
  marathon.ask('POST', '/v2/apps', definition);
  marathon.cluster.run(10_000);
  return marathon;
}

describe('an app', () => {
  it('has its definition with defaults, its versions, counts and deployments when it is made', () => {
    const marathon = new VirtualMarathon();
    const { status, body, headers } = marathon.ask('POST', '/v2/apps', web);
    expect(status).toBe(201);
    const { id } = marathon.deployments()[0] ?? {};
    expect(headers.get('Marathon-Deployment-Id')).toBe(id);
    expect(headers.get('Location')).toBe('http://10.0.0.9:8080/v2/apps/group/web');
    expect(body).toMatchObject({
      ...web,
      cpus: 0.1,
      mem: 128,
      backoffFactor: 1.15,
      networks: [{ mode: 'host' }],
      portDefinitions: [{ name: 'default', protocol: 'tcp', port: expect.any(Number), labels: {} }],
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      version: isoTime,
      versionInfo: { lastScalingAt: isoTime, lastConfigChangeAt: isoTime },
      deployments: [{ id }],
      tasksStaged: 0,
      tasksRunning: 0,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
      tasks: [],
    });
  });

  it('shows tasks as programs look for their peers in them', () => {
    const marathon = running({ ...web, healthChecks: [{ protocol: 'MESOS_TCP', delaySeconds: 0 }] });
    const { body } = marathon.ask('GET', '/v2/apps/group/web?embed=app.tasks');
    const result = { alive: true, consecutiveFailures: 0, firstSuccess: isoTime, lastFailure: null };
    const task = {
      id: expect.stringMatching(/^group_web\.instance-[0-9a-f-]{36}\._app\.1$/),
      appId: '/group/web',
      state: 'TASK_RUNNING',
      host: expect.stringMatching(/^10\.1\.0\.\d$/),
      ports: [expect.any(Number)],
      servicePorts: [expect.any(Number)],
      ipAddresses: [{ ipAddress: expect.any(String), protocol: 'IPv4' }],
      slaveId: expect.any(String),
      stagedAt: isoTime,
      startedAt: isoTime,
      version: isoTime,
      healthCheckResults: [result],
    };
    expect(body).toMatchObject({ app: { tasksRunning: 2, tasksHealthy: 2, tasks: [task, task] } });
    expect(marathon.ask('GET', '/v2/apps/group/web/tasks').body).toMatchObject({ tasks: [task, task] });
    expect(marathon.ask('GET', '/v2/tasks?status=running').body).toMatchObject({ tasks: [task, task] });
    expect(marathon.ask('GET', '/v2/tasks?status=staging').body).toEqual({ tasks: [] });
  });

  it('has no results of checks before there are any', () => {
    const marathon = running({ ...web, healthChecks: [{ protocol: 'TCP' }] });
    for (const task of marathon.tasks('/group/web')) expect(task).not.toHaveProperty('healthCheckResults');
    expect(marathon.app('/group/web')).toMatchObject({ tasksRunning: 2, tasksHealthy: 0, tasksUnhealthy: 0 });
  });

  it('comes without its tasks in a list, unless they are asked for', () => {
    const marathon = running();
    const [plain] = (marathon.ask('GET', '/v2/apps').body as { apps: object[] }).apps;
    expect(plain).toMatchObject({ id: '/group/web', tasksRunning: 2, deployments: [] });
    expect(plain).not.toHaveProperty('tasks');
    expect(marathon.ask('GET', '/v2/apps?embed=apps.tasks').body).toMatchObject({
      apps: [{ tasks: [{}, {}] }],
    });
    const counts = marathon.ask('GET', '/v2/apps?embed=apps.counts&embed=apps.deployments').body;
    expect((counts as { apps: object[] }).apps[0]).not.toHaveProperty('tasks');
  });

  it.each([
    ['kind==web', ['/group/web']],
    ['kind==api', ['/api']],
    ['kind!=web', ['/api']],
    ['kind in (web, api),tier', ['/group/web']],
    ['kind notin (web)', ['/api']],
    ['!tier', ['/api']],
    ['kind', ['/group/web', '/api']],
  ])('is found by the label selector %s', (label, expected) => {
    const marathon = running();
    marathon.ask('POST', '/v2/apps', { ...web, id: 'api', labels: { kind: 'api' } });
    const found = marathon.ask('GET', `/v2/apps?label=${encodeURIComponent(label)}&embed=apps.tasks`);
    expect((found.body as { apps: { id: string }[] }).apps.map(({ id }) => id)).toEqual(expected);
  });

  it('of a group is listed by the group', () => {
    const marathon = running();
    marathon.ask('POST', '/v2/apps', { ...web, id: 'api' });
    expect(marathon.ask('GET', '/v2/apps/group/*').body).toMatchObject({ apps: [{ id: '/group/web' }] });
  });

  it('is found by an id with escaped slashes', () => {
    expect(running().ask('GET', '/v2/apps/group%2Fweb').status).toBe(200);
  });

  it('that is not there gets 404, whatever is asked of it', () => {
    const marathon = new VirtualMarathon();
    const message = "App '/x/y' does not exist";
    for (const [method, path] of [
      ['GET', '/v2/apps/x/y'],
      ['DELETE', '/v2/apps/x/y'],
      ['GET', '/v2/apps/x/y/tasks'],
      ['POST', '/v2/apps/x/y/restart'],
      ['GET', '/v2/apps/x/y/versions'],
    ] as const)
      expect(marathon.ask(method, path)).toMatchObject({ status: 404, body: { message } });
    expect(marathon.ask('PATCH', '/v2/apps/x/y', { cpus: 1 })).toMatchObject({
      status: 404,
      body: { message },
    });
  });

  it('is changed field by field, replaced by partialUpdate=false, and made by a PUT', () => {
    const marathon = new VirtualMarathon();
    expect(marathon.ask('PUT', '/v2/apps/group/web', web).status).toBe(201);
    marathon.settles('/group/web', 2);
    const changed = marathon.ask('PUT', '/v2/apps/group/web', { mem: 64 });
    expect(changed).toMatchObject({
      status: 200,
      body: { version: isoTime, deploymentId: expect.any(String) },
    });
    marathon.settles('/group/web', 2);
    expect(marathon.app('/group/web')).toMatchObject({ mem: 64, labels: web.labels, instances: 2 });
    expect(marathon.ask('PATCH', '/v2/apps/group/web', { args: ['a'] }).status).toBe(200);
    expect(marathon.app('/group/web')).toMatchObject({ args: ['a'] });
    expect(marathon.app('/group/web')).not.toHaveProperty('cmd');
    const whole = { cmd: 'exec other' };
    marathon.ask('PUT', '/v2/apps/group/web?partialUpdate=false&force=true', whole);
    expect(marathon.app('/group/web')).toMatchObject({ mem: 128, labels: {}, instances: 1 });
    const versions = (marathon.ask('GET', '/v2/apps/group/web/versions').body as { versions: string[] })
      .versions;
    expect(versions).toHaveLength(4);
    expect(marathon.ask('GET', `/v2/apps/group/web/versions/${versions.at(-1)}`).body).toMatchObject(web);
  });

  it('can be sent back as it was read, which changes nothing', () => {
    const marathon = running();
    const before = marathon.app('/group/web');
    marathon.ask('PUT', '/v2/apps/group/web', before);
    expect(marathon.deployments()).toEqual([]);
    const after = marathon.app('/group/web');
    expect(after.versionInfo.lastConfigChangeAt).toBe(before.versionInfo.lastConfigChangeAt);
    expect(after.tasks).toEqual(before.tasks);
  });

  it('keeps fields that are not known', () => {
    const residency = { taskLostBehavior: 'WAIT_FOREVER' };
    const marathon = running({ ...web, residency, whatever: [1] });
    expect(marathon.app('/group/web')).toMatchObject({ residency, whatever: [1] });
  });

  it('of the same name is refused', () => {
    expect(running().ask('POST', '/v2/apps', web)).toMatchObject({
      status: 409,
      body: { message: 'An app with id [/group/web] already exists.' },
    });
  });

  it.each([
    [{ id: '/x' }, 422, '/'],
    [{ cmd: 'true' }, 422, '/id'],
    [{ id: '/X_Y', cmd: 'true' }, 422, '/id'],
    [{ id: '/x', cmd: 'true', instances: 'two' }, 400, '/instances'],
    [{ id: '/x', cmd: 'true', instances: 1.5 }, 422, '/instances'],
    [{ id: '/x', cmd: 'true', cpus: -1 }, 422, '/cpus'],
    [{ id: '/x', cmd: 'true', args: ['a'] }, 422, '/'],
    [{ id: '/x', cmd: 'true', healthChecks: [{ protocol: 'UDP' }] }, 422, '/healthChecks(0)/protocol'],
    [{ id: '/x', cmd: 'true', healthChecks: [{ portIndex: 1 }] }, 422, '/healthChecks(0)'],
    [{ id: '/x', cmd: 'true', constraints: [['hostname', 'NEAR']] }, 422, '/constraints(0)'],
    [{ id: '/x', cmd: 'true', constraints: [['rack', 'LIKE', '(']] }, 422, '/constraints(0)'],
    [
      { id: '/x', cmd: 'true', upgradeStrategy: { maximumOverCapacity: 2 } },
      422,
      '/upgradeStrategy/maximumOverCapacity',
    ],
    ['[', 400, '/'],
    ['null', 400, '/'],
  ])('%j is refused with the place of what is wrong', (definition, status, path) => {
    const answer = new VirtualMarathon().ask('POST', '/v2/apps', definition);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      message: status === 400 ? 'Invalid JSON' : 'Object is not valid',
      details: [{ path, errors: [expect.any(String)] }],
    });
  });

  it('of any shape gets an answer', () => {
    const marathon = new VirtualMarathon();
    const shapes = {
      healthChecks: [null],
      constraints: [null],
      networks: [5],
      portDefinitions: ['x'],
      fetch: [null],
      container: { docker: 5, volumes: [null] },
      env: { A: null, B: { secret: 's' } },
      upgradeStrategy: {},
      unreachableStrategy: 7,
    };
    for (const [field, value] of Object.entries(shapes)) {
      const answer = marathon.ask('POST', '/v2/apps', {
        id: `/${field.toLowerCase()}`,
        cmd: 'true',
        [field]: value,
      });
      expect([201, 400, 422], field).toContain(answer.status);
    }
    marathon.cluster.run(5000);
    expect(marathon.ask('GET', '/ping')).toMatchObject({ status: 200, body: 'pong' });
  });
});

describe('several apps', () => {
  it('are changed by one deployment, or none of them is', () => {
    const marathon = running();
    const batch = [
      { id: '/group/web', instances: 3 },
      { id: '/new', cmd: 'exec new' },
    ];
    const refused = marathon.ask('PUT', '/v2/apps', [...batch, { id: '/bad' }]);
    expect(refused.status).toBe(422);
    expect(marathon.app('/group/web').instances).toBe(2);
    expect(marathon.ask('PUT', '/v2/apps', batch).status).toBe(200);
    expect(marathon.deployments()).toMatchObject([
      {
        affectedApps: ['/group/web', '/new'],
        steps: [
          { actions: [{ action: 'StartApplication', app: '/new' }] },
          {
            actions: [
              { action: 'ScaleApplication', app: '/group/web' },
              { action: 'ScaleApplication', app: '/new' },
            ],
          },
        ],
        currentStep: 2,
        totalSteps: 2,
      },
    ]);
    expect(marathon.settles('/new', 1)).toBe(true);
    expect(marathon.app('/group/web').tasksRunning).toBe(3);
  });
});

describe('a task', () => {
  it('that is killed is replaced, at once', () => {
    const marathon = running();
    const [task, other] = marathon.tasks('/group/web');
    const { status, body } = marathon.ask('DELETE', `/v2/apps/group/web/tasks/${task?.id}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { task: { id: task?.id } } });
    marathon.cluster.run(5000);
    const after = marathon.tasks('/group/web').map(({ id }) => id);
    expect(after).toHaveLength(2);
    expect(after).toContain(other?.id);
    expect(after).not.toContain(task?.id);
    expect(marathon.ask('DELETE', `/v2/apps/group/web/tasks/${task?.id}`).status).toBe(404);
  });

  it('that is killed with scale=true is not', () => {
    const marathon = running();
    const [task, other] = marathon.tasks('/group/web');
    const answer = marathon.ask('POST', '/v2/tasks/delete?scale=true', { ids: [task?.id] });
    expect(answer).toMatchObject({ status: 200, body: { deploymentId: expect.any(String) } });
    expect(marathon.settles('/group/web', 1)).toBe(true);
    expect(marathon.tasks('/group/web').map(({ id }) => id)).toEqual([other?.id]);
    expect(marathon.app('/group/web').instances).toBe(1);
    marathon.ask('DELETE', `/v2/apps/group/web/tasks/${other?.id}?scale=true`);
    marathon.cluster.run(5000);
    expect(marathon.app('/group/web')).toMatchObject({ instances: 0, tasks: [] });
  });

  it('of an app is killed with all others', () => {
    const marathon = running();
    const before = marathon.tasks('/group/web').map(({ id }) => id);
    const { body } = marathon.ask('DELETE', '/v2/apps/group/web/tasks');
    expect((body as { tasks: { id: string }[] }).tasks.map(({ id }) => id)).toEqual(before);
    marathon.cluster.run(5000);
    expect(marathon.tasks('/group/web')).toHaveLength(2);
    for (const { id } of marathon.tasks('/group/web')) expect(before).not.toContain(id);
    const ids = marathon.tasks('/group/web').map(({ id }) => id);
    expect(marathon.ask('DELETE', '/v2/tasks', { ids }).status).toBe(200);
    expect(marathon.ask('DELETE', '/v2/tasks', 'nonsense').status).toBe(400);
  });
});

describe('a deployment', () => {
  it('that is ended by force leaves the app as it stands', () => {
    const marathon = running();
    marathon.ask('PUT', '/v2/apps/group/web', { cpus: 100 });
    const [deployment] = marathon.deployments();
    expect(marathon.ask('GET', `/v2/deployments/${deployment?.id}`).body).toMatchObject({
      affectedApps: ['/group/web'],
      affectedPods: [],
      currentActions: [{ action: 'RestartApplication', app: '/group/web' }],
      currentStep: 1,
      totalSteps: 1,
    });
    expect(marathon.ask('DELETE', `/v2/deployments/${deployment?.id}?force=true`).status).toBe(202);
    marathon.cluster.run(10_000);
    expect(marathon.deployments()).toEqual([]);
    expect(marathon.app('/group/web')).toMatchObject({ cpus: 100, tasksRunning: 2 });
    expect(marathon.ask('DELETE', '/v2/deployments/none').status).toBe(404);
  });

  it('of a new app is rolled back by removing it', () => {
    const marathon = running({ ...web, cpus: 100 });
    const [deployment] = marathon.deployments();
    expect(marathon.ask('DELETE', `/v2/deployments/${deployment?.id}`).status).toBe(200);
    marathon.cluster.run(1000);
    expect(marathon.ask('GET', '/v2/apps').body).toEqual({ apps: [] });
  });
});

it('Marathon tells its version, its leader and its framework', () => {
  const marathon = new VirtualMarathon();
  const frameworkId = marathon.cluster.snapshot()?.frameworks[0]?.id;
  expect(marathon.ask('GET', '/v2/info').body).toMatchObject({
    version: '1.11.24',
    elected: true,
    frameworkId,
  });
  expect(marathon.ask('GET', '/v2/leader').body).toEqual({ leader: '10.0.0.9:8080' });
  expect(marathon.ask('GET', '/v2/nothing').status).toBe(404);
  expect(marathon.ask('POST', '/v2/info').status).toBe(405);
});
