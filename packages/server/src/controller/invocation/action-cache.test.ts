import type { ActionEntity, EntityName } from '@vibrissa/protocol';
import { anAction, aPackage, aStored } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import type { ArtifactStore, Entity, Stored } from '../../store/artifact-store.ts';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { PackageCache } from '../packages/package-cache.ts';
import { ActionCache } from './action-cache.ts';

const hello: EntityName = { namespace: 'guest', name: 'hello' };

/** A store whose answers come when the test says so. */
function slowStore() {
  const reads: {
    path: string;
    answer: (found: Stored<ActionEntity> | undefined) => void;
    fail: (e: Error) => void;
  }[] = [];
  const artifacts = {
    get: (_type: string, path: string, name: string) =>
      new Promise<Stored<ActionEntity> | undefined>((answer, fail) => {
        reads.push({ path: `${path}/${name}`, answer, fail });
      }),
  };
  // It answers every type with what the test gives it.
  const slow = artifacts as unknown as Pick<ArtifactStore, 'get'>;
  const packages = PackageCache.open({ artifacts: new MemoryArtifactStore() });
  const open = (maxActions = 10) => ActionCache.open({ artifacts: slow, packages, maxActions });
  return { open, reads };
}

test('an action is read once, and then known without waiting, as the same object', async () => {
  const { open, reads } = slowStore();
  const cache = open();
  const both = Promise.all([cache.resolve(hello), cache.resolve(hello)]);
  reads[0]?.answer(aStored(anAction()));
  const [first, second] = await both;
  expect(reads).toHaveLength(1);
  expect(second).toBe(first);
  expect(cache.resolve(hello)).toBe(first);
});

test('after an invalidation the store is asked again', async () => {
  const { open, reads } = slowStore();
  const cache = open();
  const first = cache.resolve(hello);
  reads[0]?.answer(aStored(anAction({ version: '0.0.1' })));
  await first;
  cache.invalidate(hello);
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction({ version: '0.0.2' })));
  expect((await second)?.action.entity.version).toBe('0.0.2');
});

test('what was read while the action changed is not kept', async () => {
  const { open, reads } = slowStore();
  const cache = open();
  const stale = cache.resolve(hello);
  cache.invalidate(hello);
  const fresh = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction({ version: '0.0.2' })));
  await fresh;
  reads[0]?.answer(aStored(anAction({ version: '0.0.1' })));
  await stale;
  expect(cache.resolve(hello)).toBe(await fresh);
});

test('a missing action is looked for again each time', async () => {
  const { open, reads } = slowStore();
  const cache = open();
  const first = cache.resolve(hello);
  reads[0]?.answer(undefined);
  expect(await first).toBeUndefined();
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction()));
  expect((await second)?.action.entity.name).toBe('hello');
});

test('a failure of the store reaches the caller and is not remembered', async () => {
  const { open, reads } = slowStore();
  const cache = open();
  const first = cache.resolve(hello);
  reads[0]?.fail(new Error('disk on fire'));
  await expect(first).rejects.toThrow('disk on fire');
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction()));
  expect((await second)?.action.entity.name).toBe('hello');
});

test('when more actions are used than kept, those used last stay', async () => {
  const { open, reads } = slowStore();
  const cache = open(2);
  for (const name of ['a', 'b', 'c']) {
    const read = cache.resolve({ namespace: 'guest', name });
    reads.at(-1)?.answer(aStored(anAction({ name })));
    await read;
  }
  void cache.resolve({ namespace: 'guest', name: 'b' });
  void cache.resolve({ namespace: 'guest', name: 'c' });
  expect(reads).toHaveLength(3);
  void cache.resolve({ namespace: 'guest', name: 'a' });
  expect(reads).toHaveLength(4);
});

describe('an action of a package', () => {
  const name: EntityName = { namespace: 'guest', package: 'box', name: 'hello' };
  const bound: EntityName = { namespace: 'mine', package: 'alias', name: 'hello' };

  /** `guest/box/hello`, and `mine/alias` bound to the package. */
  async function openStore() {
    const artifacts = new MemoryArtifactStore();
    const packages = PackageCache.open({ artifacts });
    const cache = ActionCache.open({ artifacts, packages });
    const put = async (entity: Entity) => {
      const { entityType, namespace, name: entityName } = entity;
      const old = await artifacts.get(entityType, namespace, entityName);
      await artifacts.put(entity, old?.revision);
    };
    const parameters = [
      { key: 'a', value: 'package' },
      { key: 'b', value: 'package', init: true },
    ];
    await put(aPackage({ parameters }));
    const binding = { namespace: 'guest', name: 'box' };
    await put(
      aPackage({ namespace: 'mine', name: 'alias', binding, parameters: [{ key: 'a', value: 'binding' }] }),
    );
    await put(anAction({ namespace: 'guest/box' }));
    await put(anAction());
    return { artifacts, packages, cache, put };
  }

  test('is another than its namesake outside', async () => {
    const { cache } = await openStore();
    expect((await cache.resolve(name))?.action.entity.namespace).toBe('guest/box');
    expect((await cache.resolve({ namespace: 'guest', name: 'hello' }))?.action.entity.namespace).toBe(
      'guest',
    );
  });

  test('inherits the parameters of its package', async () => {
    const { cache } = await openStore();
    const found = await cache.resolve(name);
    expect(found).toMatchObject({ name, packageParameters: [{ value: 'package' }, { init: true }] });
    expect(found).not.toHaveProperty('binding');
  });

  test('is found through a binding under its real name, with the binding’s parameters over the provider’s', async () => {
    const { cache } = await openStore();
    expect(await cache.resolve(bound)).toMatchObject({
      name,
      binding: 'mine/alias',
      packageParameters: [
        { key: 'a', value: 'binding' },
        { key: 'b', value: 'package', init: true },
      ],
    });
  });

  test('is not there when its package is not, nor through a binding to nothing until there is something', async () => {
    const { cache, put } = await openStore();
    expect(await cache.resolve({ ...name, package: 'none' })).toBeUndefined();
    await put(aPackage({ name: 'early', binding: { namespace: 'guest', name: 'late' } }));
    expect(await cache.resolve({ namespace: 'guest', package: 'early', name: 'hello' })).toBeUndefined();
    await put(aPackage({ name: 'late' }));
    await put(anAction({ namespace: 'guest/late' }));
    expect(await cache.resolve({ namespace: 'guest', package: 'early', name: 'hello' })).toBeDefined();
  });

  test('is read anew by each of its names when it, its package or the binding changes', async () => {
    const { cache, packages, put } = await openStore();
    for (const one of [name, bound]) await cache.resolve(one);
    await put(anAction({ namespace: 'guest/box', version: '0.0.2' }));
    cache.invalidate(name);
    for (const one of [name, bound]) {
      expect((await cache.resolve(one))?.action.entity.version).toBe('0.0.2');
    }
    await put(aPackage({ parameters: [{ key: 'c', value: 1 }] }));
    packages.invalidate('guest', 'box');
    expect((await cache.resolve(name))?.packageParameters.map(({ key }) => key)).toEqual(['c']);
    expect((await cache.resolve(bound))?.packageParameters.map(({ key }) => key)).toEqual(['c', 'a']);
    await put(aPackage({ namespace: 'mine', name: 'alias', binding: { namespace: 'guest', name: 'box' } }));
    packages.invalidate('mine', 'alias');
    expect((await cache.resolve(bound))?.packageParameters.map(({ key }) => key)).toEqual(['c']);
  });

  test('is known without waiting while nothing changes', async () => {
    const { cache } = await openStore();
    for (const one of [name, bound]) {
      const found = await cache.resolve(one);
      expect(cache.resolve(one)).toBe(found);
    }
  });
});
