import { appendFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send, sendJson } from './framework-client.ts';

let simulator: MesosSimulator;
let framework: FrameworkClient;
let agentUrl: string;

beforeAll(async () => {
  simulator = await MesosSimulator.open({
    agents: [{ attributes: 'rack:r1', resources: 'cpus:8;mem:16384;disk:10000;ports:[31000-32000]' }],
  });
  framework = await FrameworkClient.subscribe(simulator.url);
  agentUrl = simulator.agents[0]?.url ?? '';
  await framework.launch(
    { id: 'done', command: { value: 'echo ended; mkdir d; echo inside > d/f' } },
    { id: 'big', command: { value: 'head -c 200000 /dev/zero | tr "\\0" x; echo é; exec sleep 1000' } },
  );
  await framework.state('done', 'TASK_FINISHED');
  await framework.state('big', 'TASK_RUNNING');
  // It runs before it has written all.
  await eventually(
    async () => (await sizeOf('big')) === BIG_BYTES,
    () => sizeOf('big'),
  );
});
afterAll(async () => {
  framework.close();
  await simulator.stop();
});

const get = (path: string) => send(`${agentUrl}${path}`);
const json = async <T>(path: string): Promise<T> => JSON.parse((await get(path)).text) as T;
/** Of what the large task writes. */
const BIG_BYTES = 200_003;
const sizeOf = async (task: string) =>
  (await json<{ offset: number }>(`/files/read?path=${virtual(task, '/stdout')}`)).offset;
const virtual = (task: string, file = '') =>
  encodeURIComponent(`/frameworks/${framework.frameworkId}/executors/${task}/runs/latest${file}`);

interface AgentState {
  readonly id: string;
  readonly frameworks: {
    readonly executors: {
      readonly id: string;
      readonly directory: string;
      readonly container: string;
      readonly tasks: unknown[];
    }[];
    readonly completed_executors: {
      readonly id: string;
      readonly completed_tasks: { readonly statuses: unknown[] }[];
    }[];
  }[];
}

describe('an agent’s state', () => {
  it('names its executors and their directories, those that ended apart (O44)', async () => {
    const state = await json<AgentState>('/slave(1)/state');
    expect(Object.keys(await json('/state'))).toEqual(Object.keys(state));
    expect(state).toMatchObject({
      id: simulator.agents[0]?.agentId,
      attributes: { rack: 'r1' },
      resources: { cpus: 8, mem: 16_384, disk: 10_000, gpus: 0, ports: '[31000-32000]' },
    });
    const [running] = state.frameworks[0]?.executors ?? [];
    expect(running).toMatchObject({
      id: 'big',
      tasks: [{ id: 'big', state: 'TASK_RUNNING', executor_id: '' }],
    });
    expect(running?.directory).toBe(
      `${simulator.workDirectory}/agent-1/slaves/${state.id}/frameworks/${framework.frameworkId}/executors/big/runs/${running?.container}`,
    );
    const [ended] = state.frameworks[0]?.completed_executors ?? [];
    expect(ended?.id).toBe('done');
    expect(ended?.completed_tasks[0]?.statuses).toHaveLength(3);
  });

  it.each(['/health', '/flags', '/version', '/metrics/snapshot', '/containers', '/monitor/statistics'])(
    'has %s beside it',
    async (path) => {
      expect((await get(path)).status).toBe(200);
    },
  );
});

describe('a sandbox', () => {
  it('is read under a path that needs no asking, of ended tasks, too (O44)', async () => {
    expect(await json(`/files/read?path=${virtual('done', '/stdout')}&offset=0`)).toEqual({
      data: 'ended\n',
      offset: 0,
    });
    expect(await json(`/files/read?path=${virtual('done', '/stdout')}&offset=2&length=3`)).toEqual({
      data: 'ded',
      offset: 2,
    });
  });

  it('tells a file’s size by an offset of -1 or none, and nothing beyond its end (O44)', async () => {
    const path = virtual('done', '/stdout');
    expect(await json(`/files/read?path=${path}&offset=-1`)).toEqual({ data: '', offset: 6 });
    expect(await json(`/files/read?path=${path}`)).toEqual({ data: '', offset: 6 });
    expect(await json(`/files/read?path=${path}&offset=1000&length=10`)).toEqual({ data: '', offset: 1000 });
  });

  it('is read in pages of 64 KiB at most', async () => {
    const page = await json<{ data: string }>(`/files/read?path=${virtual('big', '/stdout')}&offset=0`);
    expect(page.data).toHaveLength(65_536);
  });

  it('is browsed, downloaded, and listed in the debug view', async () => {
    const files = await json<{ path: string; mode: string; uid: string; size: number }[]>(
      `/files/browse?path=${virtual('done')}`,
    );
    const base = `/frameworks/${framework.frameworkId}/executors/done/runs/latest`;
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      [`${base}/d`, 'drwxr-xr-x'],
      [`${base}/stderr`, '-rw-r--r--'],
      [`${base}/stdout`, '-rw-r--r--'],
    ]);
    expect(files[2]).toMatchObject({ size: 6 });
    const answer = await get(`/files/download?path=${virtual('done', '/d/f')}`);
    expect([answer.text, answer.headers['content-disposition'], answer.headers['content-type']]).toEqual([
      'inside\n',
      'attachment; filename=f',
      'application/octet-stream',
    ]);
    const debug = await json<Record<string, string>>('/files/debug');
    expect(debug[base]).toMatch(/\/runs\/[0-9a-f-]{36}$/);
    expect(
      await json(`/files/read?path=${encodeURIComponent(`${debug[base]}/stdout`)}&offset=0`),
    ).toMatchObject({
      data: 'ended\n',
    });
  });

  it.each([
    ['a file that is not there', () => virtual('done', '/nope')],
    ['a file of the machine', () => encodeURIComponent('/etc/passwd')],
    ['a way out of it', () => virtual('done', '/../../../../../../../../../../etc/passwd')],
    ['a directory', () => virtual('done', '/d')],
    [
      'the old virtual path',
      () => encodeURIComponent(`/framework/${framework.frameworkId}/executor/done/latest/stdout`),
    ],
  ])('answers %s by an empty 404 (O44)', async (_what, path) => {
    const answer = await get(`/files/read?path=${path()}&offset=0`);
    expect([answer.status, answer.text]).toEqual([404, '']);
  });

  it('shows no file to which a task has made a link', async () => {
    const debug = await json<Record<string, string>>('/files/debug');
    const directory = debug[`/frameworks/${framework.frameworkId}/executors/big/runs/latest`] ?? '';
    await framework.launch({ id: 'linker', command: { value: `ln -s /etc/passwd ${directory}/leak` } });
    await framework.state('linker', 'TASK_FINISHED');
    const answer = await get(`/files/read?path=${virtual('big', '/leak')}&offset=0`);
    expect(answer.status).toBe(404);
  });

  it('is followed while it grows', async () => {
    const debug = await json<Record<string, string>>('/files/debug');
    const directory = debug[`/frameworks/${framework.frameworkId}/executors/done/runs/latest`] ?? '';
    await appendFile(`${directory}/stdout`, 'more\n');
    expect(await json(`/files/read?path=${virtual('done', '/stdout')}&offset=6`)).toEqual({
      data: 'more\n',
      offset: 6,
    });
  });
});

describe('an agent’s operator API', () => {
  const call = async (value: { readonly type: string; readonly [body: string]: unknown }) => {
    const answer = await sendJson(`${agentUrl}/api/v1`, value);
    return {
      status: answer.status,
      text: answer.text,
      body: answer.status === 200 ? (JSON.parse(answer.text) as Record<string, unknown>) : {},
    };
  };

  it.each([
    'GET_HEALTH',
    'GET_FLAGS',
    'GET_VERSION',
    'GET_METRICS',
    'GET_LOGGING_LEVEL',
    'GET_STATE',
    'GET_TASKS',
    'GET_EXECUTORS',
    'GET_FRAMEWORKS',
    'GET_OPERATIONS',
    'GET_RESOURCE_PROVIDERS',
    'GET_CONTAINERS',
    'GET_AGENT',
  ])('answers %s under its own name', async (type) => {
    const { body } = await call({ type });
    expect(Object.keys(body)).toEqual(['type', type.toLowerCase()]);
  });

  it('reads files as Base64, which keeps every byte', async () => {
    const path = decodeURIComponent(virtual('big', '/stdout'));
    const { body } = await call({ type: 'READ_FILE', read_file: { path, offset: 200_000, length: 10 } });
    expect(body['read_file']).toEqual({ size: BIG_BYTES, data: Buffer.from('é\n').toString('base64') });
    const missing = await call({ type: 'READ_FILE', read_file: { path: '/etc/passwd', offset: 0 } });
    expect([missing.status, missing.text]).toEqual([404, '']);
  });

  it('lists files', async () => {
    const { body } = await call({
      type: 'LIST_FILES',
      list_files: { path: decodeURIComponent(virtual('done')) },
    });
    const { file_infos: infos } = body['list_files'] as { file_infos: { path: string; uid: string }[] };
    expect(infos).toHaveLength(3);
    expect(typeof infos[0]?.uid).toBe('string');
  });

  it('refuses what it does not know, and says what is left out', async () => {
    expect(await call({ type: 'NOPE' })).toMatchObject({
      status: 400,
      text: "Failed to validate agent::Call: Expecting 'type' to be present",
    });
    expect((await call({ type: 'LAUNCH_NESTED_CONTAINER_SESSION' })).status).toBe(501);
    const typed = await send(`${agentUrl}/api/v1`, { headers: { 'Content-Type': 'text/plain' }, body: '{}' });
    expect(typed.status).toBe(415);
  });
});
