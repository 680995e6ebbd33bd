import { anAction, aPackage } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRest, stranger, type RestFixture } from './rest-fixture.ts';

let rest: RestFixture;

beforeEach(async () => {
  rest = await openRest();
  for (const name of ['a', 'b']) await rest.artifacts.put(anAction({ name }), undefined);
});
afterEach(() => rest.close());

const sequence = (...components: unknown[]) => ({ exec: { kind: 'sequence', components } });

async function put(name: string, body: unknown, query = '') {
  return rest.call('PUT', `_/actions/${name}${query}`, { body, wide: true });
}

async function refusal(name: string, body: unknown, query = ''): Promise<[number, string]> {
  const { status, json } = await put(name, body, query);
  return [status, (json as { error: string }).error];
}

const malformed = (detail: string) => [400, `The request content was malformed:\n${detail}`];

describe('a sequence', () => {
  it('is shown with the full names of its components, and needs no code', async () => {
    const created = await rest.call('PUT', '_/actions/seq', {
      body: sequence('/_/a', '/guest/b', { path: 'guest', name: 'a' }),
    });
    const components = ['/guest/a', '/guest/b', '/guest/a'];
    expect(created.status).toBe(200);
    expect((created.json as { exec: unknown }).exec).toEqual({ kind: 'sequence', components });
    expect(created.json).toMatchObject({
      parameters: [{ key: '_actions', value: components }],
      annotations: expect.arrayContaining([{ key: 'exec', value: 'sequence' }]) as unknown,
    });
    const read = await rest.call('GET', '_/actions/seq');
    expect(read.json).toEqual(created.json);
    const list = (await rest.call('GET', '_/actions')).json as { name: string; exec: unknown }[];
    expect(list.find(({ name }) => name === 'seq')?.exec).toEqual({ binary: false });
  });

  it('keeps its components when an update names none, and can become plain code again', async () => {
    await put('seq', sequence('/_/a'));
    const kept = await put(
      'seq',
      { annotations: [{ key: 'x', value: 1 }], parameters: [{ key: 'p', value: 1 }] },
      '?overwrite=true',
    );
    expect(kept.json).toMatchObject({
      version: '0.0.2',
      exec: { components: ['/guest/a'] },
      parameters: [{ key: '_actions', value: ['/guest/a'] }],
    });
    const replaced = await put('seq', sequence('/_/b', '/_/b'), '?overwrite=true');
    expect(replaced.json).toMatchObject({ parameters: [{ value: ['/guest/b', '/guest/b'] }] });
    const code = await put('seq', { exec: { kind: 'nodejs:20', code: 'x' } }, '?overwrite=true');
    expect(code.json).toMatchObject({ exec: { kind: 'nodejs:20' }, parameters: [] });
  });

  it('may hold public actions of others, and what a binding leads to', async () => {
    const binding = { namespace: 'stranger', name: 'pub' };
    await rest.artifacts.put(aPackage({ namespace: 'stranger', name: 'pub', publish: true }), undefined);
    await rest.artifacts.put(anAction({ namespace: 'stranger/pub', name: 'x' }), undefined);
    await rest.artifacts.put(aPackage({ name: 'bound', binding }), undefined);
    const { status, json } = await put('seq', sequence('/stranger/pub/x', '/_/bound/x'));
    expect(status).toBe(200);
    expect(json).toMatchObject({ exec: { components: ['/stranger/pub/x', '/guest/bound/x'] } });
  });

  it('is refused when it holds what its author may not read', async () => {
    await rest.artifacts.put(aPackage({ namespace: 'stranger', name: 'own' }), undefined);
    expect(await refusal('seq', sequence('/stranger/own/x'))).toEqual([
      403,
      "The supplied authentication is not authorized to access 'stranger/own/x'.",
    ]);
    expect((await refusal('seq', sequence('/stranger/x')))[0]).toBe(403);
    expect((await refusal('seq', sequence('/_/none/x')))[0]).toBe(404);
    const other = await rest.call('PUT', '_/actions/seq', { body: sequence('/guest/a'), as: stranger });
    expect(other.status).toBe(403);
  });

  it.each([
    ['nothing', [], 'No component specified for the sequence.'],
    ['itself', ['/_/seq'], 'Sequence may not refer to itself.'],
    ['what is not there', ['/_/none'], 'Sequence component does not exist.'],
    ['one action too many', Array.from({ length: 51 }, () => '/_/a'), 'Too many actions in the sequence.'],
  ])('of %s is refused', async (_, components, message) => {
    expect(await refusal('seq', sequence(...components))).toEqual([400, message]);
    expect(await rest.artifacts.typeOf('guest', 'seq')).toBeUndefined();
  });

  it('of as many actions as allowed is taken', async () => {
    expect((await put('seq', sequence(...Array.from({ length: 50 }, () => '/_/a')))).status).toBe(200);
  });

  it('counts the actions of the sequences in it', async () => {
    await put('inner', sequence(...Array.from({ length: 25 }, () => '/_/a')));
    expect((await put('outer', sequence('/_/inner', '/_/inner'))).status).toBe(200);
    expect(await refusal('more', sequence('/_/inner', '/_/inner', '/_/a'))).toEqual([
      400,
      'Too many actions in the sequence.',
    ]);
  });

  it('may hold sequences within sequences, fifty deep', async () => {
    await put('deep1', sequence('/_/a'));
    for (let depth = 2; depth <= 50; depth++) {
      const { status } = await put(`deep${depth}`, sequence(`/_/deep${depth - 1}`));
      expect(status).toBe(200);
    }
    expect(await refusal('deep51', sequence('/_/deep50'))).toEqual([
      400,
      'Too many actions in the sequence.',
    ]);
  });

  it('may not lead back to itself by way of another', async () => {
    await put('one', sequence('/_/a'));
    await put('two', sequence('/_/one'));
    expect(await refusal('one', sequence('/_/two'), '?overwrite=true')).toEqual([
      400,
      'Sequence may not refer to itself.',
    ]);
    const { json } = await rest.call('GET', '_/actions/one');
    expect(json).toMatchObject({ version: '0.0.1', exec: { components: ['/guest/a'] } });
  });

  it('may not lead back to itself by way of a binding', async () => {
    await rest.artifacts.put(aPackage({ name: 'box' }), undefined);
    const binding = { namespace: 'guest', name: 'box' };
    await rest.artifacts.put(aPackage({ name: 'alias', binding }), undefined);
    expect(await refusal('box/seq', sequence('/_/alias/seq'))).toEqual([
      400,
      'Sequence may not refer to itself.',
    ]);
  });

  it.each([
    [[7], 'fully qualified name malformed'],
    [[null], 'fully qualified name malformed'],
    [[{ name: 'a' }], 'fully qualified name malformed'],
    [[['/_/a']], 'fully qualified name malformed'],
    [
      ['a'],
      'requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.',
    ],
    [['/_/a/b/c/d'], 'The name of the entity contains illegal characters.'],
    [['/_/a\u0000'], 'The name of the entity contains illegal characters.'],
    [[`/_/${'x'.repeat(257)}`], 'Name segement longer than allowed: 257 > 256.'],
    [['/_/__proto__/'], 'The name of the entity contains illegal characters.'],
  ])('with a component %j is refused', async (components, detail) => {
    expect(await refusal('seq', sequence(...components))).toEqual(malformed(detail));
  });

  it('whose components inherit names of objects, or are very many, is refused in order', async () => {
    expect(await refusal('seq', sequence({ __proto__: { path: 'guest', name: 'a' } }))).toEqual(
      malformed('fully qualified name malformed'),
    );
    const many = Array.from({ length: 100_000 }, () => '/_/a');
    expect(await refusal('seq', sequence(...many))).toEqual([400, 'Too many actions in the sequence.']);
  });
});
