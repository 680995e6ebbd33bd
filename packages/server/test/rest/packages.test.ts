import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, type RestFixture } from './rest-fixture.ts';

const exec = { kind: 'nodejs:20', code: 'function main(args) { return args; }' };

let rest: RestFixture;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest.close());

async function put(path: string, body: object = {}): Promise<unknown> {
  const { status, json, text } = await rest.call('PUT', `_/${path}`, { body });
  if (status !== 200) throw new Error(text);
  return json;
}

const action = (name: string, body: object = {}) => put(`actions/${name}`, { exec, ...body });
const get = async (path: string) => (await rest.call('GET', `_/${path}`)).json;
const status = async (method: string, path: string, body?: unknown) =>
  (await rest.call(method, `_/${path}`, body === undefined ? {} : { body })).status;

/** Status and text of a write that has to be refused. */
async function refusal(name: string, body: unknown): Promise<readonly [number, string]> {
  const reply = await rest.call('PUT', `_/packages/${name}?overwrite=true`, { body, wide: true });
  return [reply.status, (reply.json as { error: string }).error];
}

describe('a package', () => {
  it('is created with what it was given, and answers with the whole document', async () => {
    expect(
      await put('packages/whole', {
        publish: true,
        parameters: [{ key: 'a', value: { b: 1 } }],
        annotations: [{ key: 'description', value: 'all' }],
      }),
    ).toEqual({
      namespace: 'guest',
      name: 'whole',
      version: '0.0.1',
      publish: true,
      updated: rest.clock.now(),
      annotations: [{ key: 'description', value: 'all' }],
      parameters: [{ key: 'a', value: { b: 1 } }],
      binding: {},
    });
  });

  it('shows its actions and apart from them its feeds', async () => {
    await put('packages/shown', { binding: {} });
    await action('shown/one', { annotations: [{ key: 'description', value: 'first' }] });
    await action('shown/source', { annotations: [{ key: 'feed', value: true }] });
    const shown = await get('packages/shown');
    expect(shown).toMatchObject({
      actions: [{ name: 'one', version: '0.0.1' }],
      feeds: [{ name: 'source', version: '0.0.1' }],
    });
    expect((shown as { actions: object[] }).actions[0]).toHaveProperty('annotations.0.value', 'first');
    expect((shown as { actions: object[] }).actions[0]).not.toHaveProperty('exec');
  });

  it('keeps what an update leaves out, replaces what it brings, and raises its version', async () => {
    const first = { parameters: [{ key: 'a', value: 1 }], annotations: [{ key: 'n', value: 2 }] };
    await put('packages/grown', first);
    await rest.clock.advance(7);
    expect(await put('packages/grown?overwrite=true', { publish: true })).toMatchObject({
      ...first,
      version: '0.0.2',
      publish: true,
      updated: rest.clock.now(),
    });
    expect(
      await put('packages/grown?overwrite=true', { version: '1.0.0', annotations: [], parameters: [] }),
    ).toMatchObject({ version: '1.0.0', publish: true, annotations: [], parameters: [] });
  });

  it('is refused under a name that is taken, by a package or by something else', async () => {
    await put('packages/taken');
    const again = await rest.call('PUT', '_/packages/taken', { body: {} });
    expect(again).toMatchObject({ status: 409, json: { error: 'resource already exists' } });
    await action('an-action');
    const other = 'Resource by this name exists but is not in this collection.';
    expect(await refusal('an-action', {})).toEqual([409, other]);
    for (const method of ['GET', 'DELETE']) {
      expect(await rest.call(method, '_/packages/an-action')).toMatchObject({
        status: 409,
        json: { error: other },
      });
    }
    const action409 = await rest.call('DELETE', '_/actions/taken');
    expect(action409).toMatchObject({ status: 409, json: { error: other } });
  });

  it('is missing before it was created and after it was deleted', async () => {
    const missing = { error: "The requested resource 'guest/none' does not exist." };
    expect(await rest.call('GET', '_/packages/none')).toMatchObject({ status: 404, json: missing });
    const gone = { error: 'The requested resource does not exist.' };
    expect(await rest.call('DELETE', '_/packages/none')).toMatchObject({ status: 404, json: gone });
    const created = await put('packages/none');
    expect((await rest.call('DELETE', '_/packages/none')).json).toEqual(created);
    expect(await status('GET', 'packages/none')).toBe(404);
    expect(await put('packages/none')).toMatchObject({ version: '0.0.1' });
  });

  it('is not deleted while it holds something, unless that shall go too', async () => {
    await put('packages/full');
    await action('full/a');
    const text = (n: string) =>
      `Package not empty (contains ${n}). Set force param or delete package contents.`;
    const refused = async () =>
      ((await rest.call('DELETE', '_/packages/full')).json as { error: string }).error;
    expect(await refused()).toBe(text('1 entity'));
    await action('full/b');
    expect(await refused()).toBe(text('2 entities'));
    expect(await status('DELETE', 'packages/full?force=perhaps')).toBe(400);
    expect(await status('DELETE', 'packages/full?force=true')).toBe(200);
    expect(await status('GET', 'actions/full/a')).toBe(404);
    await put('packages/full');
    expect(await get('actions/full/')).toEqual([]);
  });

  it('is no other thing of that name: nothing lies in an action or a trigger', async () => {
    await action('alone');
    await put('triggers/event');
    const other = {
      status: 409,
      json: { error: 'Resource by this name exists but is not in this collection.' },
    };
    for (const name of ['alone', 'event']) {
      const call = (method: string, path: string, body?: object) =>
        rest.call(method, `_/actions/${name}/${path}`, { wide: true, ...(body && { body }) });
      expect(await call('GET', '')).toMatchObject(other);
      expect(await call('GET', 'x?code=false')).toMatchObject(other);
      expect(await call('PUT', 'x', { exec })).toMatchObject(other);
      expect(await call('POST', 'x', {})).toMatchObject(other);
      expect(await call('DELETE', 'x')).toMatchObject(other);
      const rule = { trigger: '/_/event', action: `/_/${name}/x` };
      expect(await rest.call('PUT', '_/rules/on-event', { body: rule })).toMatchObject(other);
    }
  });

  it('cannot be invoked', async () => {
    await put('packages/silent');
    expect(await rest.call('POST', '_/packages/silent', { body: {} })).toMatchObject({ status: 405 });
  });

  it('is counted and listed with the newest first', async () => {
    const other = await openRest();
    const bodies = { a: {}, b: { publish: true }, c: { binding: { namespace: '_', name: 'a' } } };
    for (const [name, body] of Object.entries(bodies)) {
      await other.clock.advance(1);
      await other.call('PUT', `_/packages/${name}`, { body });
    }
    const list = async (query: string) => (await other.call('GET', `_/packages${query}`)).json;
    expect(await list('')).toEqual([
      expect.objectContaining({ name: 'c', binding: { namespace: 'guest', name: 'a' } }),
      expect.objectContaining({ name: 'b', publish: true, binding: false }),
      {
        namespace: 'guest',
        name: 'a',
        version: '0.0.1',
        publish: false,
        annotations: [],
        updated: other.clock.now() - 2,
        binding: false,
      },
    ]);
    expect(await list('/?skip=1&limit=1')).toMatchObject([{ name: 'b' }]);
    expect(await list('?count=true')).toEqual({ packages: 3 });
    expect(await list('?count=true&skip=2')).toEqual({ packages: 1 });
    expect(await list('?limit=201')).toMatchObject({
      error:
        "The query parameter 'limit' was malformed:\nThe value '201' is not in the range of 0 to 200 for packages.",
    });
    await other.close();
  });
});

describe('a binding', () => {
  beforeAll(async () => {
    const parameters = [
      { key: 'a', value: 'package' },
      { key: 'b', value: 'package' },
      { key: 'c', value: 'package' },
    ];
    await put('packages/provider', { parameters });
    await action('provider/act', { parameters: [{ key: 'c', value: 'action' }] });
    await put('packages/bound', {
      binding: { namespace: '_', name: 'provider' },
      parameters: [
        { key: 'b', value: 'binding' },
        { key: 'c', value: 'binding' },
      ],
      annotations: [{ key: 'binding', value: 'mine' }],
    });
  });

  it('shows what it is bound to, the parameters of both, and the provider’s actions', async () => {
    expect(await get('packages/bound')).toMatchObject({
      namespace: 'guest',
      name: 'bound',
      binding: { namespace: 'guest', name: 'provider' },
      annotations: [{ key: 'binding', value: { namespace: 'guest', name: 'provider' } }],
      parameters: [
        { key: 'a', value: 'package' },
        { key: 'b', value: 'binding' },
        { key: 'c', value: 'binding' },
      ],
      actions: [{ name: 'act' }],
      feeds: [],
    });
    expect(await get('actions/bound/')).toMatchObject([{ namespace: 'guest/provider', name: 'act' }]);
    expect(await get('actions/bound/?count=true')).toEqual({ actions: 1 });
  });

  it('passes its parameters on: provider below binding below action', async () => {
    const document = await get('actions/bound/act');
    expect(document).toMatchObject({
      namespace: 'guest/provider',
      name: 'act',
      parameters: [
        { key: 'a', value: 'package' },
        { key: 'b', value: 'binding' },
        { key: 'c', value: 'action' },
      ],
    });
    expect(document).not.toHaveProperty('binding');
    expect(await get('actions/provider/act')).toHaveProperty('parameters.1.value', 'package');
  });

  it('is named by an action that is read through it without its code', async () => {
    const through = await rest.call('GET', '_/actions/bound/act?code=false', { wide: true });
    expect(through.json).toMatchObject({ binding: 'guest/bound' });
    expect(through.json).not.toHaveProperty('exec.code');
    expect(await get('actions/provider/act?code=false')).not.toHaveProperty('binding');
  });

  it('lets nobody write actions through it', async () => {
    const error = 'Operation not permitted on package binding.';
    for (const [method, name] of [
      ['PUT', 'new'],
      ['PUT', 'act'],
      ['DELETE', 'act'],
    ] as const) {
      const body = method === 'PUT' ? { body: { exec } } : {};
      const reply = await rest.call(method, `_/actions/bound/${name}?overwrite=true`, body);
      expect(reply).toMatchObject({ status: 400, json: { error } });
    }
    expect(await status('GET', 'actions/provider/act')).toBe(200);
  });

  it('follows its provider: changed, gone, and there again', async () => {
    await put('packages/moving', { parameters: [{ key: 'v', value: 1 }] });
    await action('moving/act');
    await put('packages/follower', { binding: { namespace: 'guest', name: 'moving' } });
    const shown = async () => get('actions/follower/act');
    expect(await shown()).toHaveProperty('parameters.0.value', 1);
    await put('packages/moving?overwrite=true', { parameters: [{ key: 'v', value: 2 }] });
    expect(await shown()).toHaveProperty('parameters.0.value', 2);
    await status('DELETE', 'packages/moving?force=true');
    for (const path of ['packages/follower', 'actions/follower/act', 'actions/follower/']) {
      expect(await rest.call('GET', `_/${path}`)).toMatchObject({
        status: 404,
        json: { error: "The requested resource 'guest/moving' does not exist." },
      });
    }
    await put('packages/moving');
    expect(await get('packages/follower')).toMatchObject({ actions: [] });
    expect(await status('DELETE', 'packages/follower')).toBe(200);
  });

  it('can be bound elsewhere, and keeps its binding when an update brings none', async () => {
    await put('packages/elsewhere');
    await put('packages/turning', { binding: { namespace: '_', name: 'provider' } });
    const moved = { binding: { namespace: '_', name: 'elsewhere' } };
    const annotations = [{ key: 'binding', value: { name: 'elsewhere', namespace: 'guest' } }];
    expect(await put('packages/turning?overwrite=true', moved)).toMatchObject({ annotations });
    for (const binding of [{}, null]) {
      expect(await put('packages/turning?overwrite=true', { binding })).toMatchObject({
        binding: { name: 'elsewhere' },
        annotations,
      });
    }
  });

  it('is deleted whatever its provider holds', async () => {
    await put('packages/loose', { binding: { namespace: '_', name: 'provider' } });
    expect(await status('DELETE', 'packages/loose?force=true')).toBe(200);
    expect(await status('GET', 'actions/provider/act')).toBe(200);
  });

  it('is refused where it would lead nowhere, to something else, to a binding or to itself', async () => {
    const to = (name: string, namespace = '_') => ({ binding: { namespace, name } });
    await action('no-package');
    await put('packages/plain');
    await put('packages/self', to('plain'));
    expect(await refusal('x', to('never'))).toEqual([
      400,
      'Binding references a package that does not exist.',
    ]);
    expect(await refusal('x', to('x'))).toEqual([400, 'Binding references a package that does not exist.']);
    expect(await refusal('x', to('no-package'))).toEqual([
      409,
      'Cannot bind to a resource that is not a package.',
    ]);
    expect(await refusal('x', to('bound'))).toEqual([400, 'Cannot bind to another package binding.']);
    expect(await refusal('plain', to('provider'))).toEqual([
      409,
      'Resource is a package and cannot be converted into a binding.',
    ]);
    expect(await refusal('self', to('self'))).toEqual([
      422,
      "Package binding 'guest/self' contains a circular reference.",
    ]);
    expect(await status('GET', 'packages/x')).toBe(404);
  });

  it('that is bound to itself all the same is told, and can be deleted', async () => {
    const stored = await rest.artifacts.get('package', 'guest', 'provider');
    const entity = { ...stored!.entity, name: 'circle', binding: { namespace: 'guest', name: 'circle' } };
    await rest.artifacts.put(entity, undefined);
    expect(await rest.call('GET', '_/packages/circle', { wide: true })).toMatchObject({ status: 422 });
    expect(await status('GET', 'actions/circle/act')).toBe(404);
    expect(await status('DELETE', 'packages/circle')).toBe(200);
  });
});

describe('bad input', () => {
  const malformed = (detail: string) => `The request content was malformed:\n${detail}`;

  it('is refused with its part and in the words that clients know', async () => {
    expect(await refusal('default', {})).toEqual([400, "Package name 'default' is reserved."]);
    expect(await refusal('p', [])).toEqual([400, malformed('JSON object expected')]);
    expect(await refusal('p', undefined)).toEqual([400, 'Request entity expected but not supplied']);
    expect(await refusal('p', { parameters: {} })).toEqual([400, malformed('parameters malformed!')]);
    expect(await refusal('p', { annotations: [{ value: 1 }] })).toEqual([
      400,
      malformed('invalid parameter'),
    ]);
    expect(await refusal('p', { version: 'v1' })).toEqual([400, malformed('semantic version malformed')]);
    expect(await refusal('p', { publish: 'yes' })).toEqual([
      400,
      malformed("'publish' must be true or false"),
    ]);
    for (const binding of [
      'a/b',
      7,
      true,
      [],
      { name: 'p' },
      { namespace: '_' },
      { namespace: 1, name: 'p' },
    ]) {
      const [code, error] = await refusal('p', { binding });
      expect(code).toBe(400);
      expect(error).toContain("'binding' must be an object");
    }
    expect(await refusal('p', { binding: { namespace: 'a/b', name: 'p' } })).toEqual([
      400,
      'The namespace contains illegal characters.',
    ]);
    expect(await refusal('p', { binding: { namespace: '_', name: 'a\u0000' } })).toEqual([
      400,
      'The name of the entity contains illegal characters.',
    ]);
    const value = 'x'.repeat(1024 * 1024);
    for (const part of ['parameters', 'annotations']) {
      expect(await refusal('p', { [part]: [{ key: 'k', value }] })).toEqual([
        413,
        `${part} larger than allowed: 1048579 > 1048576 bytes.`,
      ]);
    }
    expect((await refusal('x'.repeat(257), {}))[1]).toBe('Name segement longer than allowed: 257 > 256.');
    expect(await status('GET', 'packages/p')).toBe(404);
  });

  it('with names that a program knows changes nothing of the program', async () => {
    const text =
      '{"__proto__":{"publish":true},"constructor":1,"parameters":[{"key":"__proto__","value":{"x":1}}],"annotations":[{"key":"constructor","value":2}]}';
    const reply = await rest.call('PUT', '_/packages/__proto__', { text });
    expect(reply).toMatchObject({ status: 200, json: { name: '__proto__', publish: false } });
    await action('__proto__/constructor');
    expect(await get('actions/__proto__/constructor')).toHaveProperty('parameters', [
      JSON.parse('{"key":"__proto__","value":{"x":1}}') as object,
    ]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('that is nested too deeply, or no JSON, is refused', async () => {
    const deep = `{"parameters":[{"key":"a","value":${'['.repeat(5000)}${']'.repeat(5000)}}]}`;
    expect((await rest.call('PUT', '_/packages/deep', { text: deep })).status).toBe(400);
    expect((await rest.call('PUT', '_/packages/deep', { text: '{' })).status).toBe(400);
    const headers = { 'content-type': 'text/plain' };
    expect((await rest.call('PUT', '_/packages/deep', { text: '{}', headers })).status).toBe(415);
  });

  it('of whatever shape is taken or refused, and never a fault of the platform', async () => {
    const any = fc.jsonValue({ maxDepth: 2 });
    const pairs = fc.array(fc.oneof(any, fc.record({ key: fc.oneof(fc.string(), any), value: any })));
    const binding = fc.oneof(any, fc.record({ namespace: fc.oneof(fc.string(), any), name: fc.string() }));
    const members = { parameters: fc.oneof(pairs, any), annotations: fc.oneof(pairs, any), version: any };
    const body = fc.oneof(
      any,
      fc.record({ ...members, binding, publish: fc.oneof(fc.boolean(), any) }, { requiredKeys: [] }),
    );
    const statuses = fc.asyncProperty(body, async (given) => {
      const wish = { text: JSON.stringify(given), wide: true };
      const reply = await rest.call('PUT', '_/packages/any?overwrite=true', wish);
      expect([200, 400, 403, 409]).toContain(reply.status);
      if (reply.status === 200) expect(await status('GET', 'packages/any')).toBe(200);
    });
    await fc.assert(statuses, { numRuns: 300 });
  });
});
