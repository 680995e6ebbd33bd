import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { at, runWsk, type Outcome } from './run-wsk.ts';
import { AUTH, type Answer } from './whisk-server.ts';
import { useWhisk } from './whisk-fixture.ts';

const whisk = useWhisk();

const namespaced = '/api/v1/namespaces/_';
const putTick = `PUT ${namespaced}/triggers/tick?overwrite=false`;
const updateTick = `PUT ${namespaced}/triggers/tick?overwrite=true`;
const getTick = `GET ${namespaced}/triggers/tick`;
const deleteTick = `DELETE ${namespaced}/triggers/tick`;
const callClock = 'POST /api/v1/namespaces/whisk.system/actions/alarms/alarm?blocking=true&result=false';
const id = '0123456789abcdef0123456789abcdef';
const record: Answer = { json: { activationId: id, response: { success: true, result: {} } } };
const withFeed: Answer = {
  json: { name: 'tick', annotations: [{ key: 'feed', value: '/whisk.system/alarms/alarm' }] },
};

function wsk(...words: string[]): Promise<Outcome> {
  return runWsk(whisk.place, [...at(whisk.server.url), 'trigger', ...words]);
}

function bodies(): unknown[] {
  return whisk.server.requests
    .filter(({ body }) => body !== '')
    .map(({ body }) => JSON.parse(body) as unknown);
}

function create(...words: string[]): Promise<Outcome> {
  return wsk('create', 'tick', '--feed', '/whisk.system/alarms/alarm', ...words);
}

test('a trigger is created before its feed is told of it', async () => {
  whisk.server.on(putTick, { json: { name: 'tick' } });
  whisk.server.on(callClock, record);
  const outcome = await create('-p', 'cron', '* * * * *', '-a', 'mine', '1');
  expect(outcome.exitCode).toBe(0);
  expect(outcome.stdout).toContain(`ok: invoked /whisk.system/alarms/alarm with id ${id}\n{`);
  expect(outcome.stdout).toMatch(/\}\nok: created trigger tick\n$/);
  expect(whisk.server.lines).toEqual([putTick, callClock]);
  expect(bodies()).toEqual([
    {
      name: 'tick',
      annotations: [
        { key: 'mine', value: 1 },
        { key: 'feed', value: '/whisk.system/alarms/alarm' },
      ],
    },
    { cron: '* * * * *', lifecycleEvent: 'CREATE', triggerName: '/_/tick', authKey: AUTH },
  ]);
});

test('-F goes to the feed and -T to the trigger, and nobody changes what the feed is told of', async () => {
  whisk.server.on(putTick, { json: {} });
  whisk.server.on(callClock, record);
  await create(
    '-F',
    'lifecycleEvent',
    'DELETE',
    '-F',
    '__proto__',
    '{"a":1}',
    '-T',
    'kept',
    '12345678901234567890',
  );
  expect(whisk.server.requests[0]?.body).toContain(
    '"parameters":[{"key":"kept","value":12345678901234567890}]',
  );
  expect(whisk.server.requests[1]?.body).toMatch(/"__proto__":\{"a":1\}/);
  expect(bodies()[1]).toMatchObject({ lifecycleEvent: 'CREATE' });
});

test.each<[string, Answer, number, string]>([
  [
    'refuses',
    { status: 502, json: { activationId: id, response: { result: { error: 'no' } } } },
    246,
    `no (activation ${id})`,
  ],
  ['answers with its error alone', { status: 502, json: { error: { why: 1 } } }, 246, '{"why":1}'],
  ['is not there', { status: 404, json: { error: 'gone', code: 't' } }, 148, 'gone (code t)'],
  ['is in trouble', { status: 500, text: '' }, 244, 'Command failed due to an HTTP failure'],
])('a trigger whose feed %s is not kept', async (_, answer, exitCode, reason) => {
  whisk.server.on(putTick, { json: {} });
  whisk.server.on(callClock, answer);
  whisk.server.on(deleteTick, { json: {} });
  const outcome = await create();
  expect(outcome).toMatchObject({ exitCode, stdout: '' });
  expect(outcome.stderr.split('\n')[0]).toBe(
    `error: Unable to create trigger 'tick': Unable to invoke trigger 'tick' feed action 'alarms/alarm'; feed is not configured: ${reason}`,
  );
  expect(whisk.server.lines).toEqual([putTick, callClock, deleteTick]);
});

test('a trigger that cannot be taken back is named', async () => {
  whisk.server.on(putTick, { json: {} });
  whisk.server.on(deleteTick, { status: 503, text: '' });
  const outcome = await create();
  expect(outcome.exitCode).toBe(148);
  expect(outcome.stderr).toContain('The trigger is still there; delete it with: wsk trigger delete tick\n');
});

test('a platform that vanishes while the feed is told leaves a word about the trigger', async () => {
  let isCut = false;
  const proxy = createServer((request, response) => {
    if (request.method !== 'PUT') isCut = true;
    if (isCut) return request.socket.destroy();
    return response.end('{}');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const outcome = await runWsk(whisk.place, [...at(url), 'trigger', 'create', 'tick', '--feed', 'p/f']);
    expect(outcome).toMatchObject({ exitCode: 3, stdout: '' });
    expect(outcome.stderr).toContain(
      `feed is not configured: Cannot reach ${url}: the connection was closed before an answer came\n`,
    );
    expect(outcome.stderr).toContain('The trigger is still there; delete it with: wsk trigger delete tick\n');
  } finally {
    proxy.close();
  }
});

test('a trigger that exists stays as it is, and its feed hears nothing', async () => {
  whisk.server.on(putTick, { status: 409, json: { error: 'resource already exists', code: 't' } });
  expect((await create()).exitCode).toBe(153);
  expect(whisk.server.lines).toEqual([putTick]);
});

test('a feed that has not finished in time leaves the trigger, and says its activation', async () => {
  whisk.server.on(putTick, { json: {} });
  whisk.server.on(callClock, { status: 202, json: { activationId: id } });
  expect(await create()).toEqual({
    exitCode: 0,
    stdout: 'ok: created trigger tick\n',
    stderr: `ok: invoked /whisk.system/alarms/alarm, but the request has not yet finished, with id ${id}\n`,
  });
});

test('an update tells the feed, a read asks it, a deletion tells it first', async () => {
  whisk.server.on(getTick, withFeed);
  whisk.server.on(updateTick, { json: {} });
  whisk.server.on(deleteTick, { json: {} });
  whisk.server.on(callClock, record);
  expect((await wsk('update', 'tick', '-p', 'a', '1')).stdout).toMatch(/ok: updated trigger tick\n$/);
  expect((await wsk('get', 'tick')).stdout).toContain(
    `ok: invoked /whisk.system/alarms/alarm with id ${id}\n`,
  );
  expect((await wsk('delete', 'tick')).stdout).toMatch(/ok: deleted trigger tick\n$/);
  expect(whisk.server.lines).toEqual([
    getTick,
    updateTick,
    callClock,
    getTick,
    callClock,
    getTick,
    callClock,
    deleteTick,
  ]);
  expect(bodies()).toMatchObject([
    { name: 'tick' },
    { lifecycleEvent: 'UPDATE', a: 1 },
    { lifecycleEvent: 'READ' },
    { lifecycleEvent: 'DELETE' },
  ]);
});

test('an update of a trigger that cannot be read changes nothing', async () => {
  whisk.server.on(getTick, { status: 403, json: { error: 'not yours', code: 't' } });
  const outcome = await wsk('update', 'tick');
  expect(outcome).toMatchObject({ exitCode: 147, stdout: '' });
  expect(outcome.stderr).toBe("error: Unable to get trigger 'tick': not yours (code t)\n");
  expect(whisk.server.lines).toEqual([getTick]);
});

test.each([['nonsense/'], ['a/b/c/d'], [''], [7]])('a feed called %j is none', async (value) => {
  whisk.server.on(getTick, { json: { name: 'tick', annotations: [{ key: 'feed', value }] } });
  whisk.server.on(deleteTick, { json: {} });
  expect((await wsk('delete', 'tick')).stdout).toBe('ok: deleted trigger tick\n');
  expect(whisk.server.lines).toEqual([getTick, deleteTick]);
});

test('traces show what a feed is told, without the key', async () => {
  whisk.server.on(putTick, { json: {} });
  whisk.server.on(callClock, { json: { activationId: id, response: { result: { echo: AUTH } } } });
  const outcome = await create('-v', '-d');
  expect(outcome.stdout).toContain('"authKey":"***"');
  expect(outcome.stdout).toContain('"echo":"***"');
  expect(outcome.stdout.split('\n').filter((line) => line.includes('kkkk'))).toEqual([
    // What the feed itself answered is the result, not a trace.
    `            "echo": "${AUTH}"`,
  ]);
});

test('a fire without an enabled rule says so where somebody reads it', async () => {
  whisk.server.on(`POST ${namespaced}/triggers/tick`, { status: 204, text: '' });
  expect(await wsk('fire', 'tick')).toEqual({
    exitCode: 0,
    stdout: 'ok: triggered /_/tick with id \n',
    stderr: '',
  });
  const seen = await runWsk(whisk.place, [...at(whisk.server.url), 'trigger', 'fire', 'tick'], {
    terminal: true,
  });
  expect(seen.stderr).toContain('No action was started: the trigger has no rule that is enabled.');
  expect((await wsk('fire', 'tick', '-o', 'json')).stdout).toBe('{}\n');
});

test('an event of another namespace carries its parameters', async () => {
  whisk.server.on('POST /api/v1/namespaces/other/triggers/a%20b', {
    status: 202,
    json: { activationId: id },
  });
  const outcome = await wsk('fire', '/other/a b', '-p', 'file', 'cat.png');
  expect(outcome.stdout).toBe(`ok: triggered /other/a b with id ${id}\n`);
  expect(whisk.server.body()).toEqual({ file: 'cat.png' });
});

test('what a description holds cannot steer a terminal', async () => {
  whisk.server.on(getTick, {
    json: { namespace: 'g', name: 'tick', annotations: [{ key: 'description', value: 'a\u001b[2Jb' }] },
  });
  const seen = await runWsk(whisk.place, [...at(whisk.server.url), 'trigger', 'get', 'tick', '-s'], {
    terminal: true,
  });
  expect(seen.stdout).toContain(': a\\x1b[2Jb\n');
});
