import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, stranger, type CallOptions, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;

beforeAll(async () => {
  rest = await openRest();
  const document = { info: { title: 'Club' }, basePath: '/club', paths: {} };
  await rest.deps.gateway.apis.change('guest', '/club', () => document);
});
afterAll(() => rest.close());

async function call(method: string, path: string, options: CallOptions = {}) {
  const { json, status } = await rest.call(method, path, options);
  return { status, ...(json as { error?: string; id?: string; key?: string }) };
}

describe('keys of APIs', () => {
  it('are made, listed without their secrets, and deleted', async () => {
    const made = await call('POST', '_/apikeys', { body: { basepath: 'Club', name: 'Ada' } });
    expect(made).toMatchObject({
      status: 200,
      basepath: '/club',
      name: 'Ada',
      key: `${made.id}.${made.key?.slice(33)}`,
    });
    const listed = await rest.call('GET', '_/apikeys?basepath=/club');
    expect(listed.json).toEqual([{ id: made.id, basepath: '/club', name: 'Ada', created: rest.clock.now() }]);
    expect(await call('DELETE', `_/apikeys/${made.id}`)).toEqual({ status: 200, id: made.id });
    expect((await call('DELETE', `_/apikeys/${made.id}`)).status).toBe(404);
  });

  it.each<[string, string, string, CallOptions, number, string]>([
    ['no body', 'POST', '_/apikeys', {}, 400, ''],
    ['no API', 'POST', '_/apikeys', { body: { name: 'Ada' } }, 400, 'basepath has to be a text.'],
    [
      'a name that is a list',
      'POST',
      '_/apikeys',
      { body: { basepath: '/club', name: [] } },
      400,
      'name has to be a text.',
    ],
    [
      'a name that steers terminals',
      'POST',
      '_/apikeys',
      { body: { basepath: '/club', name: '\u001b[2J' } },
      400,
      '',
    ],
    [
      'an API that is missing',
      'POST',
      '_/apikeys',
      { body: { basepath: '/no', name: 'Ada' } },
      404,
      "API '/no' does not exist.",
    ],
    [
      'a list of an API that is missing',
      'GET',
      '_/apikeys?basepath=/no',
      {},
      404,
      "API '/no' does not exist.",
    ],
    [
      'a base path longer than any',
      'POST',
      '_/apikeys',
      { body: { basepath: `/${'/'.repeat(900_000)}x`, name: 'Ada' } },
      400,
      'basepath has at most 1000 characters; it has 900002.',
    ],
    ['a body that is a list', 'POST', '_/apikeys', { body: [] }, 400, ''],
    ['a body that is no JSON', 'POST', '_/apikeys', { text: '{' }, 400, ''],
    [
      'a body of another type',
      'POST',
      '_/apikeys',
      { text: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      '',
    ],
    ['an id that is none', 'DELETE', '_/apikeys/__proto__', {}, 404, ''],
    ['another’s key', 'DELETE', `guest/apikeys/${'0'.repeat(32)}`, { as: stranger }, 403, ''],
    ['a key for an API of others', 'POST', 'guest/apikeys', { as: stranger, body: {} }, 403, ''],
    ['a namespace of others', 'GET', 'guest/apikeys', { as: stranger }, 403, ''],
    ['nobody’s credentials', 'GET', '_/apikeys', { as: 'nobody' }, 401, ''],
  ])('%s is refused', async (_what, method, path, options, status, message) => {
    const answer = await call(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.error).toContain(message);
  });

  it('are a thousand in a namespace at most', async () => {
    const { keys } = rest.deps.gateway;
    const key = { basePath: '/club', name: 'Ada' };
    while ((await keys.create('guest', key)) !== 'full');
    expect(await call('POST', '_/apikeys', { body: { basepath: '/club', name: 'Ada' } })).toMatchObject({
      status: 409,
      error: 'The namespace has as many API keys as it may have. Delete one that nobody uses.',
    });
    const listed = await rest.call('GET', '_/apikeys/');
    expect(listed.json).toHaveLength(1000);
  });
});
