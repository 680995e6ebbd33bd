import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parameterLocks } from '../../src/parameters/parameter-locks.ts';
import { openRest, type RestFixture } from './rest-fixture.ts';

const keys = { 'aes-128': [Buffer.alloc(16, 1)], 'aes-256': [Buffer.alloc(32, 2)] };

const exec = { kind: 'nodejs:20', code: 'function main() {}' };

/** Each collection that has parameters, with a body that makes an entity of it. */
const collections = [
  ['actions', { exec }],
  ['packages', {}],
  ['triggers', {}],
] as const;

interface Document {
  readonly parameters: readonly {
    readonly key: string;
    readonly value: unknown;
    readonly encryption?: string;
  }[];
}

let locking: RestFixture;
let plain: RestFixture;
beforeAll(async () => {
  locking = await openRest({ overrides: { parameterLocks: parameterLocks('aes-128', keys) } });
  plain = await openRest();
});
afterAll(() => Promise.all([locking.close(), plain.close()]));

async function put(rest: RestFixture, path: string, body: object): Promise<Document> {
  const reply = await rest.call('PUT', `_/${path}?overwrite=true`, { body, wide: true });
  expect(reply.status, reply.text).toBe(200);
  return reply.json as Document;
}

describe.each(collections)('parameters of %s', (collection, body) => {
  it('that come locked are kept and shown as they came, whatever they are locked with', async () => {
    const parameters = [
      { key: 'a', value: 'AAAA', encryption: 'aes-256' },
      { key: 'b', value: { any: 'thing' }, encryption: 'rot13' },
      { key: 'c', value: 'c', init: true, encryption: 'aes-128' },
    ];
    for (const rest of [locking, plain]) {
      expect(
        (await put(rest, `${collection}/kept-${collection}`, { ...body, parameters })).parameters,
      ).toEqual(parameters);
      const found = await rest.call('GET', `_/${collection}/kept-${collection}`, { wide: true });
      expect((found.json as Document).parameters).toEqual(parameters);
    }
  });

  it('are refused where `encryption` is no text, or too long', async () => {
    for (const encryption of [7, true, {}, []]) {
      const parameters = [{ key: 'a', value: 'x', encryption }];
      const reply = await plain.call('PUT', `_/${collection}/wrong-${collection}`, {
        body: { ...body, parameters },
      });
      expect(reply).toMatchObject({
        status: 400,
        json: { error: 'The request content was malformed:\nparameters malformed!' },
      });
    }
    const long = [{ key: 'a', value: 'x', encryption: 'x'.repeat(1024 * 1024) }];
    const reply = await plain.call('PUT', `_/${collection}/wrong-${collection}`, {
      body: { ...body, parameters: long },
    });
    expect(reply).toMatchObject({
      status: 413,
      json: { error: expect.stringMatching(/^parameters larger than allowed/) as string },
    });
    const none = [{ key: 'a', value: 'x', encryption: null }];
    expect(
      (await put(plain, `${collection}/none-${collection}`, { ...body, parameters: none })).parameters,
    ).toEqual([{ key: 'a', value: 'x' }]);
  });
});

describe('where parameters are locked', () => {
  const clear = [
    { key: 'a', value: 'sesame' },
    { key: '__proto__', value: { b: 1 } },
    { key: 'n', value: null },
  ];

  it('those of actions and packages are, and those of triggers are not', async () => {
    for (const [collection, body] of collections) {
      const { parameters } = await put(locking, `${collection}/mixed-${collection}`, {
        ...body,
        parameters: clear,
      });
      const locked = parameters.filter(({ encryption }) => encryption === 'aes-128').map(({ key }) => key);
      expect([collection, locked]).toEqual([collection, collection === 'triggers' ? [] : ['a', '__proto__']]);
    }
    expect(
      JSON.stringify((await locking.artifacts.get('action', 'guest', 'mixed-actions'))?.entity),
    ).not.toContain('sesame');
  });

  it('an update that says nothing of them locks those that were stored in clear', async () => {
    await put(locking, 'actions/older', { exec });
    const stored = await locking.artifacts.get('action', 'guest', 'older');
    await locking.artifacts.put({ ...stored!.entity, parameters: clear }, stored!.revision);
    const { parameters } = await put(locking, 'actions/older', { annotations: [{ key: 'x', value: 1 }] });
    expect(parameters[0]).toMatchObject({ key: 'a', encryption: 'aes-128' });
  });

  it('a binding’s own are, over those of its provider', async () => {
    await put(locking, 'packages/box', { parameters: clear });
    const binding = { namespace: '_', name: 'box' };
    await put(locking, 'packages/alias', { binding, parameters: [{ key: 'a', value: 'mine' }] });
    const found = await locking.call('GET', '_/packages/alias', { wide: true });
    expect((found.json as Document).parameters.map(({ encryption }) => encryption)).toEqual([
      'aes-128',
      'aes-128',
      undefined,
    ]);
  });

  it('the size of a value counts as it was sent', async () => {
    const parameters = [{ key: 'a', value: 'x'.repeat(1024 * 1024 - 3) }];
    // Put back as it is shown, too.
    const large = await put(locking, 'actions/large', { exec, parameters });
    expect(String(large.parameters[0]?.value).length).toBeGreaterThan(1024 * 1024);
    expect(await put(locking, 'actions/large', { parameters: large.parameters })).toMatchObject({
      parameters: large.parameters,
    });
  });
});
