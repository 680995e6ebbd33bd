import type { ActionEntity, EntityName } from '@vibrissa/protocol';
import { anAction, aStored } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import type { Stored } from '../../store/artifact-store.ts';
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
  return { artifacts, reads };
}

test('an action is read once, and then known without waiting, as the same object', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
  const both = Promise.all([cache.resolve(hello), cache.resolve(hello)]);
  reads[0]?.answer(aStored(anAction()));
  const [first, second] = await both;
  expect(reads).toHaveLength(1);
  expect(second).toBe(first);
  expect(cache.resolve(hello)).toBe(first);
});

test('an action of a package is another than its namesake outside', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
  const read = cache.resolve({ ...hello, package: 'tools' });
  reads[0]?.answer(aStored(anAction({ namespace: 'guest/tools' })));
  expect((await read)?.entity.namespace).toBe('guest/tools');
  void cache.resolve(hello);
  expect(reads.map(({ path }) => path)).toEqual(['guest/tools/hello', 'guest/hello']);
});

test('after an invalidation the store is asked again', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
  const first = cache.resolve(hello);
  reads[0]?.answer(aStored(anAction({ version: '0.0.1' })));
  await first;
  cache.invalidate(hello);
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction({ version: '0.0.2' })));
  expect((await second)?.entity.version).toBe('0.0.2');
});

test('what was read while the action changed is not kept', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
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
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
  const first = cache.resolve(hello);
  reads[0]?.answer(undefined);
  expect(await first).toBeUndefined();
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction()));
  expect((await second)?.entity.name).toBe('hello');
});

test('a failure of the store reaches the caller and is not remembered', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts });
  const first = cache.resolve(hello);
  reads[0]?.fail(new Error('disk on fire'));
  await expect(first).rejects.toThrow('disk on fire');
  const second = cache.resolve(hello);
  reads[1]?.answer(aStored(anAction()));
  expect((await second)?.entity.name).toBe('hello');
});

test('when more actions are used than kept, those used last stay', async () => {
  const { artifacts, reads } = slowStore();
  const cache = ActionCache.open({ artifacts, maxActions: 2 });
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
