import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, stranger, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;

beforeAll(async () => {
  rest = await openRest();
  const exec = { kind: 'nodejs:20', code: 'x' };
  for (const name of ['one', 'two']) {
    await rest.call('PUT', `_/actions/${name}`, { body: { exec } });
    await rest.call('PUT', `_/triggers/on-${name}`, { body: {} });
  }
  await rest.call('PUT', 'stranger/packages/open', { as: stranger, body: { publish: true } });
  await rest.call('PUT', 'stranger/packages/closed', { as: stranger, body: {} });
  for (const name of ['open', 'closed'])
    await rest.call('PUT', `stranger/actions/${name}/helps`, { as: stranger, body: { exec } });
});
afterAll(() => rest.close());

const put = (name: string, body: object, query = '') => rest.call('PUT', `_/rules/${name}${query}`, { body });
const setStatus = (name: string, status: unknown) =>
  rest.call('POST', `_/rules/${name}`, {
    body: { status, trigger: null, action: null },
    unchecked: true,
  });
const statusOf = async (name: string) =>
  ((await rest.call('GET', `_/rules/${name}`)).json as { status: string }).status;
const rulesOf = async (trigger: string) =>
  Object.keys(((await rest.call('GET', `_/triggers/${trigger}`)).json as { rules?: object }).rules ?? {});

const pair = { trigger: '/_/on-one', action: '/_/one' };

describe('a rule', () => {
  it('is created active, read, and deleted, and its trigger knows of it meanwhile', async () => {
    const body = { name: 'x', status: '', annotations: [{ key: 'a', value: 1 }], ...pair };
    const created = await put('first', body);
    expect(created.status).toBe(200);
    expect(created.json).toEqual({
      namespace: 'guest',
      name: 'first',
      version: '0.0.1',
      publish: false,
      updated: rest.clock.now(),
      annotations: [{ key: 'a', value: 1 }],
      status: 'active',
      trigger: { path: 'guest', name: 'on-one' },
      action: { path: 'guest', name: 'one' },
    });
    expect((await rest.call('GET', 'guest/rules/first')).json).toEqual(created.json);
    expect(await rulesOf('on-one')).toEqual(['guest/first']);
    const deleted = await rest.call('DELETE', '_/rules/first');
    expect(deleted.json).toEqual({ ...(created.json as object), status: 'inactive' });
    expect(await rulesOf('on-one')).toEqual([]);
    expect((await rest.call('GET', '_/rules/first')).status).toBe(404);
    expect((await rest.call('DELETE', '_/rules/first')).status).toBe(404);
  });

  it('takes names with a namespace, without the first slash, in packages, and as objects', async () => {
    for (const [name, body, action] of [
      ['n1', { trigger: '/guest/on-one', action: 'guest/one' }, { path: 'guest', name: 'one' }],
      [
        'n2',
        { trigger: { path: '_', name: 'on-one' }, action: { path: 'guest', name: 'two' } },
        { path: 'guest', name: 'two' },
      ],
      [
        'n3',
        { trigger: '_/on-one', action: '/stranger/open/helps' },
        { path: 'stranger/open', name: 'helps' },
      ],
      [
        'n4',
        { trigger: '/_/on-one', action: { path: 'stranger/open', name: 'helps' } },
        { path: 'stranger/open', name: 'helps' },
      ],
    ] as const) {
      expect(await put(name, body)).toMatchObject({ status: 200, json: { action } });
      await rest.call('DELETE', `_/rules/${name}`);
    }
  });

  it('needs a trigger and an action that exist and that its owner may read', async () => {
    const refusals = [
      [{}, 400, 'rule requires a valid trigger and a valid action'],
      [{ trigger: '/_/on-one' }, 400, 'rule requires a valid trigger and a valid action'],
      [{ action: '/_/one' }, 400, 'rule requires a valid trigger and a valid action'],
      [{ ...pair, trigger: '/_/none' }, 400, 'trigger /guest/none does not exist'],
      [{ ...pair, trigger: '/_/one' }, 400, 'trigger /guest/one does not exist'],
      [{ ...pair, trigger: '/_/p/on-one' }, 400, 'trigger /guest/p/on-one does not exist'],
      [{ ...pair, action: '/_/none' }, 400, 'action /guest/none does not exist'],
      [{ ...pair, action: '/stranger/open/none' }, 400, 'action /stranger/open/none does not exist'],
      [
        { ...pair, action: '/_/nopackage/none' },
        404,
        "The requested resource 'guest/nopackage' does not exist.",
      ],
      [
        { ...pair, action: '/stranger/closed/helps' },
        403,
        "The supplied authentication is not authorized to access 'stranger/closed/helps'.",
      ],
      [
        { trigger: '/stranger/t', action: '/stranger/a' },
        403,
        "The supplied authentication is not authorized to access 'stranger/a, stranger/t'.",
      ],
    ] as const;
    for (const [body, status, error] of refusals) {
      expect(await put('refused', body)).toMatchObject({ status, json: { error } });
    }
    expect((await rest.call('GET', '_/rules/refused')).status).toBe(404);
    expect(await rulesOf('on-one')).toEqual([]);
  });

  it('says what is wrong with a body', async () => {
    const malformed = (error: string) => ({
      status: 400,
      json: { error: `The request content was malformed:\n${error}` },
    });
    const tooShort =
      'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.';
    expect(await put('wrong', { ...pair, trigger: 'on-one' })).toMatchObject(malformed(tooShort));
    expect(await put('wrong', { ...pair, action: '/_/a*b' })).toMatchObject(
      malformed('The name of the entity contains illegal characters.'),
    );
    const shape = "'action' must be a name like '/namespace/name' or an object with 'path' and 'name'";
    for (const action of [7, [], { path: 'guest' }, { __proto__: null, name: 'a' }, true]) {
      expect(await put('wrong', { ...pair, action })).toMatchObject(malformed(shape));
    }
    expect(await put('wrong', { ...pair, action: { path: 'guest', name: 'a/b' } })).toMatchObject(
      malformed('The name of the entity contains illegal characters.'),
    );
    expect((await put('wrong', { ...pair, action: `/_/${'a/'.repeat(100_000)}` })).status).toBe(400);
    expect(await rest.call('PUT', '_/rules/wrong')).toMatchObject({
      status: 400,
      json: { error: 'Request entity expected but not supplied' },
    });
    const annotations = [{ key: 'big', value: 'x'.repeat(1024 * 1024) }];
    expect((await put('wrong', { ...pair, annotations })).status).toBe(413);
    expect((await rest.call('GET', '_/rules/wrong')).status).toBe(404);
  });

  it('is seen and changed by its owner alone', async () => {
    await put('mine', pair);
    for (const method of ['GET', 'PUT', 'DELETE', 'POST'] as const) {
      const body =
        method === 'PUT' ? { body: pair } : method === 'POST' ? { body: { status: 'inactive' } } : {};
      expect(await rest.call(method, 'guest/rules/mine', { as: stranger, ...body })).toMatchObject({
        status: 403,
        json: { error: "The supplied authentication is not authorized to access 'guest/mine'." },
      });
    }
    expect(await statusOf('mine')).toBe('active');
    await rest.call('DELETE', '_/rules/mine');
  });

  it('is turned off and on; asking for what is so already is fine', async () => {
    await put('switch', pair);
    for (const status of ['inactive', 'inactive', 'active', 'active', 'inactive']) {
      const reply = await setStatus('switch', status);
      expect(reply).toMatchObject({ status: 200, text: 'OK' });
      expect(reply.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
      expect(await statusOf('switch')).toBe(status);
    }
    for (const [status, shown] of [
      ['on', 'on'],
      [7, '7'],
      [null, 'null'],
      ['ACTIVE', 'ACTIVE'],
    ] as const) {
      expect(await setStatus('switch', status)).toMatchObject({
        status: 400,
        json: {
          error: `The request content was malformed:\nrequirement failed: ${shown} is not a recognized rule state`,
        },
      });
    }
    expect((await rest.call('POST', '_/rules/switch')).json).toMatchObject({
      error: 'Request entity expected but not supplied',
    });
    expect(await setStatus('none', 'active')).toMatchObject({
      status: 404,
      json: { error: 'The requested resource does not exist.' },
    });
    await rest.call('DELETE', '_/rules/switch');
  });

  it('keeps its status when it is updated, and goes with its trigger when that is another', async () => {
    await put('mover', pair);
    expect(await put('mover', pair)).toMatchObject({
      status: 409,
      json: { error: 'resource already exists' },
    });
    await setStatus('mover', 'inactive');
    expect((await put('mover', { action: '/_/two' }, '?overwrite=true')).json).toMatchObject({
      version: '0.0.2',
      status: 'inactive',
      trigger: { name: 'on-one' },
      action: { name: 'two' },
    });
    expect((await put('mover', { trigger: '/_/on-two' }, '?overwrite=true')).json).toMatchObject({
      version: '0.0.3',
      status: 'inactive',
      trigger: { name: 'on-two' },
      action: { name: 'two' },
    });
    expect(await rulesOf('on-one')).toEqual([]);
    expect(await rulesOf('on-two')).toEqual(['guest/mover']);
    await setStatus('mover', 'active');
    expect(
      (await put('mover', { trigger: '/_/on-one', version: '3.0.0' }, '?overwrite=true')).json,
    ).toMatchObject({
      version: '3.0.0',
      status: 'active',
    });
    expect(await rulesOf('on-two')).toEqual([]);
    expect(await put('mover', { trigger: '/_/none' }, '?overwrite=true')).toMatchObject({
      status: 400,
      json: { error: 'trigger /guest/none does not exist' },
    });
    expect(await statusOf('mover')).toBe('active');
    await rest.call('DELETE', '_/rules/mover');
  });

  it('is left inactive by the deletion of its trigger, and wakes only when there is one again', async () => {
    await rest.call('PUT', '_/triggers/gone', { body: {} });
    await put('orphan', { trigger: '/_/gone', action: '/_/one' });
    await rest.call('DELETE', '_/triggers/gone');
    expect(await statusOf('orphan')).toBe('inactive');
    expect(await setStatus('orphan', 'active')).toMatchObject({
      status: 404,
      json: { error: 'Only rules with existing triggers can be activated' },
    });
    expect((await setStatus('orphan', 'inactive')).status).toBe(200);
    expect((await put('orphan', { action: '/_/two' }, '?overwrite=true')).json).toMatchObject({
      error: 'trigger /guest/gone does not exist',
    });
    await rest.call('PUT', '_/triggers/gone', { body: {} });
    expect(await statusOf('orphan')).toBe('inactive');
    await setStatus('orphan', 'active');
    expect(await statusOf('orphan')).toBe('active');
    await rest.call('DELETE', '_/triggers/gone');
    expect((await rest.call('DELETE', '_/rules/orphan')).status).toBe(200);
  });

  it('may have the name that its trigger would have', async () => {
    expect(await put('same', { trigger: '/_/same', action: '/_/one' })).toMatchObject({
      status: 400,
      json: { error: 'trigger /guest/same does not exist' },
    });
  });
});

describe('many rules', () => {
  it('are all there when they are made on one trigger at once, and all gone when they are deleted at once', async () => {
    await rest.call('PUT', '_/triggers/crowded', { body: {} });
    const names = Array.from({ length: 100 }, (_, at) => `crowd${at}`);
    const body = { trigger: '/_/crowded', action: '/_/one' };
    const replies = await Promise.all(names.map((name) => put(name, body)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await rulesOf('crowded')).sort()).toEqual(names.map((name) => `guest/${name}`).sort());
    expect((await rest.call('GET', '_/rules?count=true')).json).toEqual({ rules: 100 });
    expect((await rest.call('GET', '_/rules?limit=7&skip=95')).json).toHaveLength(5);
    const [item] = (await rest.call('GET', '_/rules?limit=1')).json as object[];
    expect(Object.keys(item ?? {})).not.toContain('status');
    await Promise.all(names.map((name) => rest.call('DELETE', `_/rules/${name}`)));
    expect(await rulesOf('crowded')).toEqual([]);
    expect((await rest.call('GET', '_/rules/?limit=0')).json).toEqual([]);
  });
});
