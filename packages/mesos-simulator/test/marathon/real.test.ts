import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { MesosSimulator } from '../../src/simulator/simulator.ts';
import { eventually, send, sendJson, type Answer } from '../shell/framework-client.ts';

/** Answers with what it is, on the port that Marathon gave it. */
const server = `
  const { MESOS_TASK_ID, MARATHON_APP_ID, MARATHON_APP_VERSION, HOST, PORT, PORT0, PORTS, PORT_API, FRUIT } = process.env;
  const me = { pid: process.pid, MESOS_TASK_ID, MARATHON_APP_ID, MARATHON_APP_VERSION, HOST, PORT, PORT0, PORTS, PORT_API, FRUIT };
  require('node:http').createServer((_, answer) => answer.end(JSON.stringify(me))).listen(Number(PORT0));
`;

const web = {
  id: '/group/web',
  args: [process.execPath, '-e', server],
  instances: 3,
  env: { FRUIT: 'plum' },
  labels: { kind: 'web' },
  portDefinitions: [{ port: 0, name: 'api' }],
  backoffSeconds: 0,
  healthChecks: [{ protocol: 'HTTP', path: '/', gracePeriodSeconds: 20, intervalSeconds: 1 }],
};

let simulator: MesosSimulator | undefined;

afterEach(() => simulator?.stop());

async function open(marathon: true | object = true): Promise<MesosSimulator> {
  simulator = await MesosSimulator.open({ agents: 2, marathon });
  return simulator;
}

interface Task {
  readonly id: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly state: string;
}

function tasksOf(answer: Answer): readonly Task[] {
  return (JSON.parse(answer.text) as { readonly app: { readonly tasks: readonly Task[] } }).app.tasks;
}

describe('Marathon with real processes', () => {
  it('runs servers that know who they are, relaunches one that was killed, and rolls them all', async () => {
    const { marathon, url } = await open();
    const created = await sendJson(`${marathon.url}/v2/apps`, web);
    expect(created.status).toBe(201);
    await marathon.settled(web.id);
    const found = tasksOf(await send(`${marathon.url}/v2/apps/group/web?embed=app.tasks`));
    expect(found).toHaveLength(3);
    const facts = await Promise.all(
      found.map(async ({ host, ports }) => {
        const { text } = await send(`http://${host}:${ports[0]}/`);
        return JSON.parse(text) as Readonly<Record<string, unknown>>;
      }),
    );
    for (const [index, { id, host, ports }] of found.entries())
      expect(facts[index]).toMatchObject({
        MESOS_TASK_ID: id,
        MARATHON_APP_ID: '/group/web',
        HOST: host,
        PORT: String(ports[0]),
        PORTS: String(ports[0]),
        PORT_API: String(ports[0]),
        FRUIT: 'plum',
      });
    expect(found[0]?.id).toMatch(/^group_web\.instance-[0-9a-f-]{36}\._app\.1$/);
    const state = JSON.parse((await send(`${url}/state`)).text) as {
      readonly frameworks: readonly { readonly name: string; readonly tasks: readonly unknown[] }[];
    };
    expect(state.frameworks).toMatchObject([{ name: 'marathon' }]);
    expect(state.frameworks[0]?.tasks).toHaveLength(3);

    process.kill(Number(facts[0]?.['pid']), 'SIGKILL');
    const relaunched = await eventually(async () => {
      const tasks = await marathon.tasks(web.id);
      const isNew = tasks.length === 3 && tasks.every(({ id }) => id !== found[0]?.id);
      return isNew && tasks.every((task) => task.state === 'TASK_RUNNING') && tasks;
    });
    expect(relaunched.map(({ id }) => id)).toEqual(expect.arrayContaining([found[1]?.id, found[2]?.id]));

    await marathon.settled(web.id);
    const before = new Set((await marathon.tasks(web.id)).map(({ id }) => id));
    expect((await sendJson(`${marathon.url}/v2/apps/group/web/restart`, {})).status).toBe(200);
    expect(await marathon.deployments()).toMatchObject([
      { currentActions: [{ action: 'RestartApplication', app: '/group/web' }] },
    ]);
    await marathon.settled(web.id);
    const after = await marathon.tasks(web.id);
    expect(after).toHaveLength(3);
    expect(after.filter(({ id }) => before.has(id))).toEqual([]);
    await marathon.remove(web.id);
    await eventually(async () => (await marathon.tasks()).length === 0);
  });

  it('goes down, refuses, and lists half of the tasks when it is told to', async () => {
    const { marathon } = await open();
    await marathon.run({ id: '/lasting', cmd: 'exec sleep 1000', instances: 3 });
    await marathon.settled();
    const list = () => send(`${marathon.url}/v2/apps/lasting`);
    const all = tasksOf(await list()).map(({ id }) => id);
    await marathon.setOutage('down');
    await expect(list()).rejects.toThrow('ECONNREFUSED');
    await marathon.setOutage('unauthorized');
    expect((await list()).status).toBe(401);
    await marathon.setOutage('partial');
    expect(tasksOf(await list())).toHaveLength(2);
    expect(tasksOf(await list())).toEqual(tasksOf(await list()));
    await marathon.setOutage('flapping');
    const [one, other] = [tasksOf(await list()), tasksOf(await list())];
    expect([...one, ...other].map(({ id }) => id).toSorted()).toEqual(all.toSorted());
    const outages = `${simulator?.url}/simulator/marathon/outage`;
    expect((await sendJson(outages, { outage: 'partial' })).status).toBe(200);
    expect(tasksOf(await list())).toHaveLength(2);
    expect((await sendJson(outages, { outage: 'gone' })).status).toBe(400);
    const status = JSON.parse((await send(`${simulator?.url}/simulator`)).text) as object;
    expect(status).toMatchObject({ marathon: { url: marathon.url, outage: 'partial' } });
    expect((await send(outages, { method: 'DELETE' })).status).toBe(200);
    expect(tasksOf(await list())).toHaveLength(3);
    await expect(marathon.setOutage('gone' as 'down')).rejects.toThrow(
      'gone is no outage: give one of down,',
    );
  });

  it('answers slowly when it is told to, in simulated time', async () => {
    const { marathon, control } = await open();
    await marathon.setOutage('slow');
    let answered = false;
    const asked = send(`${marathon.url}/v2/info`).then(({ status }) => {
      answered = true;
      return status;
    });
    await eventually(async () => {
      await control.advanceClock(4000);
      return answered;
    });
    expect(await asked).toBe(200);
  });

  it('lets in only who has a password or a token, when it has some', async () => {
    const { marathon } = await open({ credentials: { ops: 'pass' }, token: 't0k' });
    const ask = (authorization?: string) =>
      send(
        `${marathon.url}/v2/apps`,
        authorization === undefined ? {} : { headers: { Authorization: authorization } },
      );
    const refused = await ask();
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.text)).toEqual({ message: 'Invalid username or password.' });
    expect((await ask('token=other')).status).toBe(401);
    expect((await ask('token=t0k')).status).toBe(200);
    expect((await ask(`Basic ${Buffer.from('ops:pass').toString('base64')}`)).status).toBe(200);
    expect((await ask(`Basic ${Buffer.from('ops:wrong').toString('base64')}`)).status).toBe(401);
  });

  it('subscribes where frameworks have to authenticate', async () => {
    simulator = await MesosSimulator.open({ marathon: true, credentials: { app: 'secret' } });
    await simulator.marathon.run({ id: '/lasting', cmd: 'exec sleep 1000' });
    await simulator.marathon.settled('/lasting');
    expect(await simulator.marathon.tasks('/lasting')).toMatchObject([{ state: 'TASK_RUNNING' }]);
  });

  it('finds its master again, and a new one', async () => {
    simulator = await MesosSimulator.open({ masters: 2, electionMs: 50, marathon: true });
    const { marathon, control } = simulator;
    await marathon.run({ id: '/lasting', cmd: 'exec sleep 1000' });
    await marathon.settled('/lasting');
    const [task] = await marathon.tasks();
    const { frameworkId } = marathon;
    await control.killLeader();
    await marathon.scale('/lasting', 2);
    await marathon.settled('/lasting');
    expect(marathon.frameworkId).toBe(frameworkId);
    expect((await marathon.tasks()).map(({ id }) => id)).toContain(task?.id);
    await control.advanceClock(120_000);
    await marathon.scale('/lasting', 3);
    await marathon.settled('/lasting');
    await simulator.stop();
    await expect(marathon.tasks()).rejects.toThrow('Marathon has been closed');
  });

  it('asks a program that says how it is, and kills and replaces one that is ill', async () => {
    const { marathon } = await open();
    const command = { value: 'test ! -e ill' };
    const check = {
      protocol: 'COMMAND',
      command,
      delaySeconds: 0,
      intervalSeconds: 1,
      maxConsecutiveFailures: 1,
    };
    await marathon.run({ id: '/lasting', cmd: 'exec sleep 1000', backoffSeconds: 0, healthChecks: [check] });
    await marathon.settled();
    const [task] = await marathon.tasks();
    expect(task?.healthCheckResults).toMatchObject([{ alive: true }]);
    const sandboxes = await readdir(simulator?.workDirectory ?? '', { recursive: true });
    const runs = sandboxes.filter((path) => path.endsWith(`${task?.id}/runs/latest`));
    expect(runs).toHaveLength(1);
    await writeFile(join(simulator?.workDirectory ?? '', runs[0] ?? '', 'ill'), '');
    await eventually(async () => {
      const [next] = await marathon.tasks();
      return next !== undefined && next.id !== task?.id && next.healthCheckResults?.[0]?.alive;
    });
  });

  it('takes the definition by which the platform is deployed', async () => {
    // Without agents nothing of it is fetched or run.
    simulator = await MesosSimulator.open({ agents: 0, marathon: true });
    const { marathon } = simulator;
    const definition = await readFile(
      new URL('../../../../deploy/marathon/vibrissa.json', import.meta.url),
      'utf8',
    );
    const answer = await send(`${marathon.url}/v2/apps`, { body: definition });
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.text)).toMatchObject({
      residency: { taskLostBehavior: 'WAIT_FOREVER' },
      portDefinitions: [{ port: 31_233, name: 'api' }],
    });
  });

  it('says that a simulator has none when it was not asked for', async () => {
    simulator = await MesosSimulator.open();
    const started = simulator;
    expect(() => started.marathon).toThrow('open it with { marathon: true }');
    const refused = await sendJson(`${started.url}/simulator/marathon/outage`, { outage: 'down' });
    expect(refused.status).toBe(409);
  });
});
