import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readTranscript, recordedConnections } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpAsker } from '../../src/agent/http-asker.ts';
import { MesosOperator, OperatorRefused } from '../../src/agent/mesos-operator.ts';
import { MasterUnreachable, NotAMaster } from '../../src/transport/transport-error.ts';

type Answer = (call: string, response: ServerResponse, request: IncomingMessage) => void;

const servers: Server[] = [];
let http: HttpAsker;

beforeEach(() => {
  http = new HttpAsker();
});

afterEach(async () => {
  await http.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A master whose `POST /api/v1` answers like this; anything else is 404. */
async function master(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/api/v1') return void response.writeHead(404).end();
      if (request.headers['content-type'] !== 'application/json') return void response.writeHead(415).end();
      answer((JSON.parse(Buffer.concat(pieces).toString()) as { type: string }).type, response, request);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a real master has answered to each operator's call. */
const recorded = new Map(
  recordedConnections(readTranscript('s20'))
    .flatMap(({ exchanges }) => exchanges)
    .filter(({ request, body }) => request?.path === '/api/v1' && body !== undefined)
    .map((exchange) => [(JSON.parse(exchange.request?.data ?? '{}') as { type: string }).type, exchange]),
);

const asRecorded: Answer = (type, response) => {
  const exchange = recorded.get(type);
  if (!exchange) return void response.writeHead(400).end("Expecting 'type' to be present");
  response.writeHead(exchange.status, { 'Content-Type': 'application/json' }).end(exchange.body);
};

function operatorOf(...masters: string[]): MesosOperator {
  return new MesosOperator({ http, masters: () => Promise.resolve(masters) });
}

/** A port where nothing listens. */
const nowhere = 'http://127.0.0.1:1';

describe('a master tells an operator', () => {
  test('its frameworks', async () => {
    const { frameworks, completed } = await operatorOf(await master(asRecorded)).getFrameworks();
    expect(frameworks.map(({ framework_info: info }) => info.name)).toEqual(['s20']);
    expect(frameworks[0]).toMatchObject({ active: true, connected: true, recovered: false });
    expect(completed).toEqual([]);
  });

  test('its tasks, all or those of a framework', async () => {
    const operator = operatorOf(await master(asRecorded));
    const { tasks, completed, pending, unreachable } = await operator.getTasks();
    expect(tasks.map(({ task_id: id }) => id.value).toSorted()).toEqual(['cmd', 'ga', 'gb']);
    expect(tasks.every(({ statuses = [] }) => statuses.length > 0)).toBe(true);
    expect(completed.map(({ task_id: id }) => id.value)).toContain('failed');
    expect([pending, unreachable]).toEqual([[], []]);
    const mine = await operator.getTasks(tasks[0]?.framework_id.value);
    expect(mine.tasks).toHaveLength(3);
    expect(await operator.getTasks('another')).toEqual({
      pending: [],
      tasks: [],
      unreachable: [],
      completed: [],
    });
  });

  test('its agents, and what each has in all', async () => {
    const operator = operatorOf(await master(asRecorded));
    const agents = await operator.getAgents();
    expect(agents.map(({ agent_info: info }) => info.hostname).toSorted()).toEqual([
      '127.0.0.1',
      '127.0.0.2',
    ]);
    const totals = await operator.agentTotals();
    expect(totals.map(({ agentId }) => agentId)).toEqual(
      agents.map(({ agent_info: info }) => info.id?.value),
    );
    expect(totals[0]?.resources).toEqual({ cpus: 8, mem: 16_384, disk: 10_000, ports: 1_001 });
  });

  test('who leads, its version and its health', async () => {
    const operator = operatorOf(await master(asRecorded));
    expect((await operator.getMaster()).master_info).toMatchObject({ port: 5050, version: '1.12.0' });
    expect(await operator.getVersion()).toBe('1.12.0');
    expect(await operator.isHealthy()).toBe(true);
  });

  test('which framework is the one that has lost its id', async () => {
    const operator = operatorOf(await master(asRecorded));
    const found = await operator.findFrameworks({ name: 's20', label: { key: 'k', value: 'v' } });
    expect(found.map(({ framework_info: info }) => info.id?.value)).toEqual([
      expect.stringMatching(/-0000$/) as string,
    ]);
    expect(await operator.findFrameworks({ name: 'other' })).toEqual([]);
    expect(await operator.findFrameworks({ name: 's20', principal: 'me' })).toEqual([]);
    expect(await operator.findFrameworks({ name: 's20', label: { key: 'k', value: 'w' } })).toEqual([]);
  });

  test('the framework first that has subscribed last', async () => {
    const framework = (id: string, time: number, again?: number) => ({
      framework_info: { user: 'u', name: 'f', id: { value: id } },
      registered_time: { nanoseconds: time },
      ...(again !== undefined && { reregistered_time: { nanoseconds: again } }),
    });
    const frameworks = [framework('old', 1), framework('again', 2, 9), framework('new', 5)];
    const url = await master((type, response) =>
      response.end(JSON.stringify({ type, get_frameworks: { frameworks } })),
    );
    const found = await operatorOf(url).findFrameworks({ name: 'f' });
    expect(found.map(({ framework_info: info }) => info.id?.value)).toEqual(['again', 'new', 'old']);
  });
});

describe('of several masters', () => {
  test('the one that leads is asked', async () => {
    const leader = await master(asRecorded);
    const location = `${leader.slice('http:'.length)}/master/api/v1`;
    const other = await master((_, response) => void response.writeHead(307, { Location: location }).end());
    expect(await operatorOf(other).getVersion()).toBe('1.12.0');
  });

  test('those that are down or know no leader are passed over', async () => {
    const recovering = await master((_, response) => void response.writeHead(503).end('No leader elected'));
    expect(await operatorOf(nowhere, recovering, await master(asRecorded)).getVersion()).toBe('1.12.0');
  });

  test('a redirect to a leader that is dead leads to the next of the list', async () => {
    const dead = nowhere.slice('http:'.length);
    const other = await master((_, response) => void response.writeHead(307, { Location: dead }).end());
    expect(await operatorOf(other, await master(asRecorded)).getVersion()).toBe('1.12.0');
  });

  test('redirects that lead nowhere end', async () => {
    const urls: string[] = [];
    const answer: Answer = (_, response) =>
      void response.writeHead(307, { Location: urls[0] === undefined ? '' : (urls[1] ?? '') }).end();
    urls.push(await master(answer));
    await expect(operatorOf(urls[0]!).getVersion()).rejects.toThrow(NotAMaster);
    const first = await master((_, response) => void response.writeHead(307, { Location: loop[1] }).end());
    const second = await master((_, response) => void response.writeHead(307, { Location: first }).end());
    const loop = [first, second];
    await expect(operatorOf(first).getVersion()).rejects.toThrow('leads nowhere');
  });
});

describe('what goes wrong has a type', () => {
  test('no master answers', async () => {
    await expect(operatorOf(nowhere).getVersion()).rejects.toThrow(MasterUnreachable);
    await expect(operatorOf().getVersion()).rejects.toThrow(MasterUnreachable);
  });

  test('none is ready', async () => {
    const url = await master((_, response) => void response.writeHead(503).end('No leader elected'));
    const failure = operatorOf(url).getVersion();
    await expect(failure).rejects.toThrow(OperatorRefused);
    await expect(failure).rejects.toThrow('503: No leader elected');
  });

  test('credentials are missing', async () => {
    const url = await master((_, response) => void response.writeHead(401).end('Unauthorized'));
    const failure = operatorOf(url).getFrameworks();
    await expect(failure).rejects.toMatchObject({ name: 'OperatorRefused', status: 401 });
    await expect(failure).rejects.toThrow('give credentials that may ask it');
  });

  test('a token is renewed once', async () => {
    const url = await master((type, response, request) => {
      if (request.headers.authorization !== 'token=2') return void response.writeHead(401).end();
      asRecorded(type, response, request);
    });
    let tokens = 0;
    const asker = new HttpAsker({ credentials: { token: () => Promise.resolve(`token=${(tokens += 1)}`) } });
    const operator = new MesosOperator({ http: asker, masters: () => Promise.resolve([url]) });
    expect(await operator.getVersion()).toBe('1.12.0');
    expect(tokens).toBe(2);
    await asker.close();
  });

  test.each(['<html>', '7', '{"type":"GET_HEALTH"}', '{}'])('it is no master (%s)', async (body) => {
    const url = await master((_, response) => void response.end(body));
    await expect(operatorOf(url).getVersion()).rejects.toThrow(NotAMaster);
  });

  test('nobody waits for the answer any more', async () => {
    const nobody = new AbortController();
    const url = await master(() => nobody.abort(new Error('never mind')));
    await expect(operatorOf(url).getVersion(nobody.signal)).rejects.toThrow('never mind');
  });

  test('the asker is closed in the middle', async () => {
    const url = await master(() => void http.close());
    await expect(operatorOf(url).getVersion()).rejects.toThrow(MasterUnreachable);
  });
});
