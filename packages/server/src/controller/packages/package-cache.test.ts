import { aPackage } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { PackageCache } from './package-cache.ts';
import { homeOf, isReadable } from './package-view.ts';

type Entity = ReturnType<typeof aPackage>;

async function openCache(...packages: readonly Entity[]) {
  const artifacts = new MemoryArtifactStore();
  const cache = PackageCache.open({ artifacts });
  const put = async (entity: Entity) => {
    const old = await artifacts.get('package', entity.namespace, entity.name);
    await artifacts.put(entity, old?.revision);
    cache.invalidate(entity.namespace, entity.name);
  };
  for (const entity of packages) await put(entity);
  return { cache, put };
}

const box = aPackage({ name: 'box', parameters: [{ key: 'a', value: 'box' }] });
const alias = aPackage({
  name: 'alias',
  binding: { namespace: 'guest', name: 'box' },
  parameters: [{ key: 'b', value: 'alias' }],
});

test('a package is read once, and again after it was written', async () => {
  const { cache, put } = await openCache(box);
  const first = await cache.get('guest', 'box');
  expect(cache.get('guest', 'box')).toBe(first);
  await put({ ...box, parameters: [{ key: 'a', value: 'new' }] });
  expect(first?.stale).toBe(true);
  expect((await cache.get('guest', 'box'))?.parameters).toEqual([{ key: 'a', value: 'new' }]);
});

test('a binding is as fresh as its provider, and has the parameters of both', async () => {
  const { cache, put } = await openCache(box, alias);
  const first = await cache.get('guest', 'alias');
  expect(first?.parameters).toEqual([...box.parameters, ...alias.parameters]);
  expect(cache.get('guest', 'alias')).toBe(first);
  await put({ ...box, parameters: [] });
  expect((await cache.get('guest', 'alias'))?.parameters).toEqual(alias.parameters);
});

test('a binding to nothing has nothing to read until there is something', async () => {
  const { cache, put } = await openCache(alias);
  const dangling = await cache.get('guest', 'alias');
  expect(isReadable(dangling!, 'guest')).toBe(false);
  await put(box);
  const whole = await cache.get('guest', 'alias');
  expect(isReadable(whole!, 'guest')).toBe(true);
  expect(homeOf(whole!)).toEqual(box);
});

test('bindings in a circle are followed one step', async () => {
  const back = aPackage({ name: 'box', binding: { namespace: 'guest', name: 'alias' } });
  const self = aPackage({ name: 'self', binding: { namespace: 'guest', name: 'self' } });
  const { cache, put } = await openCache(alias, back, self);
  const view = await cache.get('guest', 'alias');
  expect(homeOf(view!)).toEqual(back);
  expect(view?.parameters).toEqual(alias.parameters);
  expect((await cache.get('guest', 'self'))?.provider).toEqual(self);
  await put(box);
  expect((await cache.get('guest', 'alias'))?.parameters).toEqual([...box.parameters, ...alias.parameters]);
});

test('a binding to a binding of somebody else may be read by nobody, public or not', async () => {
  const theirs = { namespace: 'other', publish: true };
  const { cache } = await openCache(
    aPackage({ ...theirs, name: 'box' }),
    aPackage({ ...theirs, name: 'alias', binding: { namespace: 'other', name: 'box' } }),
    aPackage({ name: 'mine', binding: { namespace: 'other', name: 'alias' } }),
  );
  const view = await cache.get('guest', 'mine');
  expect(isReadable(view!, 'guest')).toBe(false);
  expect(isReadable(view!, 'other')).toBe(false);
});
