import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, stranger, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;

beforeAll(async () => {
  rest = await openRest();
  await rest.call('PUT', '_/actions/hello', { body: { exec: { kind: 'nodejs:20', code: 'x' } } });
});
afterAll(() => rest.close());

const malformed = (detail: string) => ({
  status: 400,
  json: { error: `The request content was malformed:\n${detail}` },
});

describe('a trigger', () => {
  it('is created, read and deleted, and each time its document is shown', async () => {
    const body = {
      name: 'ignored',
      parameters: [{ key: 'place', value: 'here' }],
      annotations: [{ key: 'description', value: 'ticks' }],
      limits: {},
    };
    const created = await rest.call('PUT', '_/triggers/tick', { body });
    expect(created.status).toBe(200);
    expect(created.json).toEqual({
      namespace: 'guest',
      name: 'tick',
      version: '0.0.1',
      publish: false,
      updated: rest.clock.now(),
      parameters: [{ key: 'place', value: 'here' }],
      limits: {},
      annotations: [{ key: 'description', value: 'ticks' }],
    });
    expect((await rest.call('GET', 'guest/triggers/tick')).json).toEqual(created.json);
    expect((await rest.call('DELETE', '_/triggers/tick')).json).toEqual(created.json);
    expect(await rest.call('GET', '_/triggers/tick')).toMatchObject({
      status: 404,
      json: { error: 'The requested resource does not exist.' },
    });
    expect((await rest.call('DELETE', '_/triggers/tick')).status).toBe(404);
  });

  it('is not replaced by accident, and keeps what an update leaves out', async () => {
    const parameters = [{ key: 'a', value: 1 }];
    await rest.call('PUT', '_/triggers/kept', { body: { parameters } });
    expect(await rest.call('PUT', '_/triggers/kept', { body: {} })).toMatchObject({
      status: 409,
      json: { error: 'resource already exists' },
    });
    const annotations = [{ key: 'b', value: 2 }];
    const updated = await rest.call('PUT', '_/triggers/kept?overwrite=true', { body: { annotations } });
    expect(updated.json).toMatchObject({ version: '0.0.2', parameters, annotations });
    const again = await rest.call('PUT', '_/triggers/kept?overwrite=true', {
      body: { version: '2.0.0', parameters: [] },
    });
    expect(again.json).toMatchObject({ version: '2.0.0', parameters: [], annotations });
  });

  it('keeps its rules when it is updated', async () => {
    await rest.call('PUT', '_/triggers/ruled', { body: {} });
    await rest.call('PUT', '_/rules/ruling', { body: { trigger: '/_/ruled', action: '/_/hello' } });
    const updated = await rest.call('PUT', '_/triggers/ruled?overwrite=true', { body: { parameters: [] } });
    const rules = { 'guest/ruling': { action: { path: 'guest', name: 'hello' }, status: 'active' } };
    expect(updated.json).toMatchObject({ version: '0.0.2', rules });
    expect((await rest.call('GET', '_/triggers/ruled')).json).toMatchObject({ rules });
  });

  it('has a name of its own among all entities', async () => {
    await rest.call('PUT', '_/triggers/taken', { body: {} });
    for (const [path, body] of [
      ['_/triggers/hello', {}],
      ['_/rules/taken', { trigger: '/_/taken', action: '/_/hello' }],
      ['_/triggers/hello?overwrite=true', {}],
    ] as const) {
      expect(await rest.call('PUT', path, { body })).toMatchObject({
        status: 409,
        json: { error: 'Resource by this name exists but is not in this collection.' },
      });
    }
  });

  it('may name the feed that it belongs to, if that is a name', async () => {
    const put = (name: string, feed: unknown) =>
      rest.call('PUT', `_/triggers/${name}`, { body: { annotations: [{ key: 'feed', value: feed }] } });
    for (const feed of ['', 7, null, {}, '/a/b/c/d', 'a//b', '/whisk.system/alarms/al*rm']) {
      expect(await put('fed', feed)).toMatchObject({
        status: 400,
        json: { error: 'Feed name is not valid' },
      });
    }
    expect((await put('fed', '/whisk.system/alarms/alarm')).status).toBe(200);
    const update = { annotations: [{ key: 'feed', value: 7 }] };
    expect((await rest.call('PUT', '_/triggers/fed?overwrite=true', { body: update })).status).toBe(200);
  });

  it('says what is wrong with a body', async () => {
    const put = (body: unknown, text?: string) =>
      rest.call('PUT', '_/triggers/wrong', text === undefined ? { body } : { text });
    expect(await rest.call('PUT', '_/triggers/wrong')).toMatchObject({
      status: 400,
      json: { error: 'Request entity expected but not supplied' },
    });
    expect(await put([])).toMatchObject(malformed('JSON object expected'));
    expect(await put({ limits: 7 })).toMatchObject(malformed('limits malformed'));
    expect(await put({ parameters: {} })).toMatchObject(malformed('parameters malformed!'));
    expect(await put({ version: 'x' })).toMatchObject(malformed('semantic version malformed'));
    expect(await put({ publish: 'yes' })).toMatchObject(malformed("'publish' must be true or false"));
    expect((await put(undefined, '{')).status).toBe(400);
    expect((await put(undefined, '['.repeat(5000))).status).toBe(400);
    const parameters = [{ key: 'big', value: 'x'.repeat(1024 * 1024) }];
    expect(await put({ parameters })).toMatchObject({
      status: 413,
      json: { error: 'parameters larger than allowed: 1048581 > 1048576 bytes.' },
    });
    expect((await rest.call('GET', '_/triggers/wrong')).status).toBe(404);
  });

  it('has a legal name, and nobody but its owner sees it', async () => {
    for (const [name, error] of [
      ['a'.repeat(257), 'Name segement longer than allowed: 257 > 256.'],
      ['a%00b', 'The name of the entity contains illegal characters.'],
      ['%F0%9F%90%AD', 'The name of the entity contains illegal characters.'],
    ]) {
      expect(await rest.call('PUT', `_/triggers/${name}`, { body: {} })).toMatchObject({
        status: 400,
        json: { error },
      });
    }
    await rest.call('PUT', '_/triggers/__proto__', {
      body: { parameters: [{ key: '__proto__', value: 1 }] },
    });
    expect((await rest.call('GET', '_/triggers/__proto__')).json).toMatchObject({
      name: '__proto__',
      parameters: [{ key: '__proto__', value: 1 }],
    });
    for (const method of ['GET', 'PUT', 'DELETE', 'POST'] as const) {
      const reply = await rest.call(method, 'guest/triggers/tick', {
        as: stranger,
        ...(method === 'PUT' ? { body: {} } : {}),
      });
      expect(reply).toMatchObject({
        status: 403,
        json: { error: "The supplied authentication is not authorized to access 'guest/tick'." },
      });
    }
    expect((await rest.call('GET', 'guest/triggers', { as: stranger })).status).toBe(403);
    expect((await rest.call('GET', 'guest/triggers', { as: 'nobody' })).status).toBe(401);
  });
});

describe('the list of triggers', () => {
  it('shows summaries without rules, newest first, page by page, and counts', async () => {
    const other = await openRest();
    try {
      for (const name of ['one', 'two', 'three']) {
        await other.clock.advance(1000);
        await other.call('PUT', `_/triggers/${name}`, { body: { annotations: [{ key: 'k', value: name }] } });
      }
      const all = (await other.call('GET', '_/triggers')).json as { name: string }[];
      expect(all.map(({ name }) => name)).toEqual(['three', 'two', 'one']);
      expect(all[0]).toEqual({
        namespace: 'guest',
        name: 'three',
        version: '0.0.1',
        publish: false,
        annotations: [{ key: 'k', value: 'three' }],
        updated: other.clock.now(),
      });
      expect((await other.call('GET', '_/triggers/?limit=1&skip=1')).json).toMatchObject([{ name: 'two' }]);
      expect((await other.call('GET', '_/triggers?count=true')).json).toEqual({ triggers: 3 });
      expect(await other.call('GET', '_/triggers?limit=201')).toMatchObject({
        status: 400,
        json: {
          error:
            "The query parameter 'limit' was malformed:\nThe value '201' is not in the range of 0 to 200 for triggers.",
        },
      });
    } finally {
      await other.close();
    }
  });
});
