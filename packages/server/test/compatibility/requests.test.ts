import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { guest, openRest, type CallOptions, type RestFixture } from '../rest/rest-fixture.ts';

const exec = { kind: 'nodejs:20', code: 'function main() {}' };
const collections = ['actions', 'activations', 'packages', 'rules', 'triggers'] as const;

let rest: RestFixture;
beforeAll(async () => {
  rest = await openRest();
  await rest.call('PUT', '_/actions/known', { body: { exec } });
});
afterAll(() => rest.close());

/** Status and text of the error that a request is answered with. */
async function refusal(method: string, path: string, options: CallOptions = {}): Promise<[number, string]> {
  const { status, json } = await rest.call(method, path, { wide: true, ...options });
  return [status, (json as { error: string }).error];
}

const basic = (text: string) => ({
  headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
});

describe('credentials', () => {
  it('that are missing are named as missing, also when they are of another scheme', async () => {
    const reply = await rest.call('GET', '_/actions', { as: 'nobody' });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Basic realm="OpenWhisk secure realm",charset=UTF-8');
    const text = 'The resource requires authentication, which was not supplied with the request';
    expect(reply.json).toEqual({ error: text, code: reply.headers.get('x-request-id') });
    const bearer = { as: 'nobody', headers: { authorization: 'Bearer x' } } as const;
    expect(await refusal('GET', '_/actions', bearer)).toEqual([401, text]);
  });

  it.each([
    ['a key that is a character short', `${guest.uuid}:${'g'.repeat(63)}`],
    ['a key that is a character long', `${guest.uuid}:${'g'.repeat(65)}`],
    ['a key of somebody else', `${guest.uuid}:${'s'.repeat(64)}`],
    ['no colon', guest.uuid],
    ['no user', `:${'g'.repeat(64)}`],
    ['a user that is no UUID', `me:${'g'.repeat(64)}`],
  ])('with %s are invalid', async (_why, text) => {
    const options = { as: 'nobody', ...basic(text) } as const;
    expect(await refusal('GET', '_/actions', options)).toEqual([
      401,
      'The supplied authentication is invalid',
    ]);
  });
});

describe('a list of every collection', () => {
  it.each(collections)('of %s takes limits from 0 to 200, and no others', async (collection) => {
    for (const limit of ['0', '1', '200', '+5']) {
      expect((await rest.call('GET', `_/${collection}?limit=${encodeURIComponent(limit)}`)).status).toBe(200);
    }
    for (const limit of ['-1', '201']) {
      expect(await refusal('GET', `_/${collection}?limit=${limit}`)).toEqual([
        400,
        `The query parameter 'limit' was malformed:\nThe value '${limit}' is not in the range of 0 to 200 for ${collection}.`,
      ]);
    }
    for (const [name, value] of [
      ['limit', 'x'],
      ['skip', '1.5'],
      ['limit', ''],
    ] as const) {
      expect(await refusal('GET', `_/${collection}?${name}=${value}`)).toEqual([
        400,
        `The query parameter '${name}' was malformed:\nThe value '${value}' is not an integer for ${collection}.`,
      ]);
    }
    expect(await refusal('GET', `_/${collection}?skip=-1`)).toEqual([
      400,
      `The query parameter 'skip' was malformed:\nThe value '-1' is not greater than or equal to 0 for ${collection}.`,
    ]);
  });

  it.each(collections)(
    'of %s is the same with a slash at its end, and counts less what is skipped',
    async (collection) => {
      const plain = await rest.call('GET', `_/${collection}`);
      expect((await rest.call('GET', `_/${collection}/`)).text).toBe(plain.text);
      expect((await rest.call('GET', `_/${collection}?count=true&skip=1000`)).json).toEqual({
        [collection]: 0,
      });
      expect(await refusal('GET', `_/${collection}?count=maybe`)).toEqual([
        400,
        "The query parameter 'count' was malformed:\n'maybe' is not a valid Boolean value",
      ]);
    },
  );

  it.each(['actions', 'activations', 'rules', 'triggers'])(
    'of %s is its owner’s alone',
    async (collection) => {
      expect(await refusal('GET', `stranger/${collection}`)).toEqual([
        403,
        "The supplied authentication is not authorized to access 'stranger'.",
      ]);
    },
  );
});

describe('what stands in a query as yes or no', () => {
  it.each([
    ['yes', true],
    ['on', true],
    ['1', true],
    ['TRUE', true],
    ['no', false],
    ['off', false],
    ['0', false],
    ['False', false],
  ])('may be written %s', async (text, expected) => {
    const { json } = await rest.call('GET', `_/actions/known?code=${text}`);
    expect('code' in (json as { exec: object }).exec).toBe(expected);
  });

  it.each([
    ['PUT', '_/actions/known', 'overwrite'],
    ['PUT', '_/packages/p', 'overwrite'],
    ['PUT', '_/triggers/t', 'overwrite'],
    ['PUT', '_/rules/r', 'overwrite'],
    ['DELETE', '_/packages/p', 'force'],
    ['GET', '_/actions/known', 'code'],
    ['POST', '_/actions/known', 'blocking'],
    ['POST', '_/actions/known', 'result'],
    ['GET', '_/activations', 'docs'],
  ])('is refused otherwise: %s %s %s', async (method, path, name) => {
    const body = method === 'PUT' ? { body: {} } : {};
    expect(await refusal(method, `${path}?${name}=2`, body)).toEqual([
      400,
      `The query parameter '${name}' was malformed:\n'2' is not a valid Boolean value`,
    ]);
  });
});

describe('the name of an entity', () => {
  const long = 'n'.repeat(257);

  it('may have 256 characters, among them blanks and some marks', async () => {
    for (const name of ['n'.repeat(256), 'a', '_', '7', 'with blank', 'a@b.c&d-e', '_a.', 'a-']) {
      const path = `_/triggers/${encodeURIComponent(name)}`;
      expect((await rest.call('PUT', path, { body: {} })).json).toMatchObject({ name });
      expect((await rest.call('GET', path)).json).toMatchObject({ name });
    }
  });

  it.each(['actions', 'packages', 'rules', 'triggers'])(
    'of %s is refused in its words',
    async (collection) => {
      const illegal = [400, 'The name of the entity contains illegal characters.'];
      for (const name of ['@a', '.a', '-a', ' a', 'a ', '&', 'a$', 'ä', 'a\tb']) {
        const path = `_/${collection}/${encodeURIComponent(name)}`;
        expect(await refusal('PUT', path, { body: { exec } }), name).toEqual(illegal);
      }
      const tooLong = [400, 'Name segement longer than allowed: 257 > 256.'];
      expect(await refusal('GET', `_/${collection}/${long}`)).toEqual(tooLong);
    },
  );

  it('has a namespace that is refused in its words, too', async () => {
    expect(await refusal('GET', `${long}/actions`)).toEqual([
      400,
      'Namespace longer than allowed: 257 > 256.',
    ]);
    expect(await refusal('GET', `${encodeURIComponent('a b ')}/actions`)).toEqual([
      400,
      'The namespace contains illegal characters.',
    ]);
  });

  it('is a whole name in a body', async () => {
    const text =
      'The request content was malformed:\nrequirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.';
    const sequence = { exec: { kind: 'sequence', components: ['known'] } };
    expect(await refusal('PUT', '_/actions/short', { body: sequence })).toEqual([400, text]);
    const rule = { trigger: '/_/t', action: 'known' };
    expect(await refusal('PUT', '_/rules/short', { body: rule })).toEqual([400, text]);
  });
});

describe('a version', () => {
  it.each([
    ['1', '1.0.0'],
    ['1.2', '1.2.0'],
    ['1.2.3', '1.2.3'],
    ['0.0.1', '0.0.1'],
  ])('may be written %s', async (version, expected) => {
    const body = { version };
    expect((await rest.call('PUT', '_/triggers/versioned?overwrite=true', { body })).json).toMatchObject({
      version: expected,
    });
  });

  it.each(['0.0.0', '0', '-1.0.0', '1.2.3.4', 'x', '', '1..2', 7])('is malformed as %j', async (version) => {
    for (const collection of ['actions', 'packages', 'triggers']) {
      expect(await refusal('PUT', `_/${collection}/malversed`, { body: { version } })).toEqual([
        400,
        'The request content was malformed:\nsemantic version malformed',
      ]);
    }
  });

  it('rises by a patch from what the client has set, and starts anew with a new entity', async () => {
    const put = async (body: object) =>
      (await rest.call('PUT', '_/packages/rising?overwrite=true', { body })).json;
    expect(await put({})).toMatchObject({ version: '0.0.1' });
    expect(await put({ version: '2.5.9' })).toMatchObject({ version: '2.5.9' });
    expect(await put({})).toMatchObject({ version: '2.5.10' });
    await rest.call('DELETE', '_/packages/rising');
    expect(await put({})).toMatchObject({ version: '0.0.1' });
  });
});

describe('a body', () => {
  it('is needed by every PUT and by the change of a rule', async () => {
    const missing = [400, 'Request entity expected but not supplied'];
    for (const path of ['actions/a', 'packages/a', 'rules/a', 'triggers/a']) {
      expect(await refusal('PUT', `_/${path}`)).toEqual(missing);
    }
    expect(await refusal('POST', '_/rules/a')).toEqual(missing);
  });

  it('is JSON: other types are refused by name', async () => {
    const headers = { 'content-type': 'text/plain; charset=UTF-8' };
    for (const path of ['actions/a', 'packages/a', 'rules/a', 'triggers/a']) {
      expect(await refusal('PUT', `_/${path}`, { text: '{}', headers })).toEqual([
        415,
        "The request's Content-Type [text/plain; charset=UTF-8] is not supported. Expected:\napplication/json",
      ]);
    }
  });

  it('may bring what the server sets itself, which changes nothing', async () => {
    const body = { name: 'else', namespace: 'stranger', updated: 1, rules: { a: 1 }, limits: {}, extra: [] };
    const { json } = await rest.call('PUT', '_/triggers/own', { body });
    expect(json).toMatchObject({ name: 'own', namespace: 'guest', updated: rest.clock.now() });
    expect(json).not.toHaveProperty('extra');
  });
});

it('an error of the API is compact JSON of two members, with the headers of every answer', async () => {
  for (const path of ['_/actions/none', '_/nothing', '/api/v1/nothing']) {
    const { status, headers, json, text } = await rest.call('GET', path);
    expect(status).toBe(404);
    expect(Object.keys(json as object)).toEqual(['error', 'code']);
    expect(text).not.toMatch(/\n/);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect((json as { code: string }).code).toBe(headers.get('x-request-id'));
  }
});

it('the limits of a namespace have the members and units that clients read', async () => {
  expect((await rest.call('GET', '_/limits')).json).toMatchObject({
    concurrentInvocations: 30,
    firesPerMinute: 60,
    minActionMemory: 128,
    maxActionMemory: 512,
    minActionLogs: 0,
    maxActionLogs: 10,
    minActionTimeout: 100,
    maxActionTimeout: 300_000,
    minActionConcurrency: 1,
    maxActionConcurrency: 1,
    maxParameterSize: '1048576 B',
  });
  expect(await refusal('GET', '_/limits/memory')).toEqual([
    400,
    'Inner entity level routes for limits are not yet implemented.',
  ]);
});
