import { ManualClock } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { MemoryArtifactStore } from '../store/memory/memory-artifact-store.ts';
import { ApiStore } from './api-store.ts';
import { baseDocument } from './edit-document.ts';

function open(artifacts = new MemoryArtifactStore()): ApiStore {
  return ApiStore.open({ artifacts, clock: new ManualClock(), logger: silentLogger });
}

it('a namespace has two hundred APIs at most, and may still change those that it has', async () => {
  const apis = open();
  for (let number = 0; number < 200; number++) {
    await apis.change('guest', `/${number}`, () => baseDocument(`/${number}`));
  }
  await expect(apis.change('guest', '/more', () => baseDocument('/more'))).rejects.toThrow(
    'A namespace has at most 200 APIs. Delete one that nobody needs.',
  );
  await apis.change('guest', '/7', () => baseDocument('/7', 'Seven'));
  await apis.change('stranger', '/more', () => baseDocument('/more'));
  expect(await apis.find('guest', 'Seven')).toHaveLength(1);
});

it('a document that is too large is refused, and the former stays', async () => {
  const apis = open();
  await apis.change('guest', '/a', () => baseDocument('/a'));
  const large = { ...baseDocument('/a'), 'x-note': 'x'.repeat(1024 * 1024) };
  await expect(apis.change('guest', '/a', () => large)).rejects.toThrow(
    /larger than allowed: \d+ > 1048576 bytes/,
  );
  expect(await apis.find('guest', '/a')).toEqual([baseDocument('/a')]);
});

it('the large APIs of a namespace have a limit together, also when they come at the same time', async () => {
  const apis = open();
  const large = (path: string) => ({ ...baseDocument(path), 'x-note': 'x'.repeat(900_000) });
  const paths = ['/a', '/b', '/c', '/d'];
  const made = await Promise.allSettled(paths.map((path) => apis.change('guest', path, () => large(path))));
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  await expect(apis.change('guest', '/c', () => large('/c'))).rejects.toThrow(
    /come to more than allowed: 270\d{4} > 2097152 bytes/,
  );
  await apis.change('guest', '/a', () => large('/a'));
  await apis.change('guest', '/small', () => baseDocument('/small'));
  await apis.change('stranger', '/c', () => large('/c'));
  expect(await apis.list('guest')).toHaveLength(3);
});

it('a base path of a million slashes is looked for like any other', async () => {
  const apis = open();
  expect(await apis.find('guest', `/a${'/'.repeat(1_000_000)}x`)).toEqual([]);
  await apis.change('guest', `/a${'/'.repeat(1_000_000)}`, () => baseDocument('/a'));
  expect(await apis.find('guest', '/a')).toHaveLength(1);
});

it('/a and /a/ are one API', async () => {
  const apis = open();
  await apis.change('guest', '/a', () => baseDocument('/a'));
  await apis.change('guest', '/a/', () => baseDocument('/a/'));
  expect(await apis.list('guest')).toEqual([baseDocument('/a/')]);
});

it('what is served follows each change, and is read once in between', async () => {
  const apis = open();
  expect(await apis.served('guest')).toEqual([]);
  await apis.change('guest', '/a', () => baseDocument('/a'));
  const [served] = await Promise.all([apis.served('guest'), apis.served('guest')]);
  expect(served.map(({ basePath }) => basePath)).toEqual(['/a']);
  expect(apis.served('guest')).toBe(served);
  await apis.change('guest', '/a', () => undefined);
  expect(await apis.served('guest')).toEqual([]);
});

it('a document that a former version has taken and this one can’t serve keeps the others served', async () => {
  const artifacts = new MemoryArtifactStore();
  const apis = open(artifacts);
  await apis.change('guest', '/good', () => baseDocument('/good'));
  await artifacts.put(
    { entityType: 'document', namespace: 'guest', name: ':api:/bad', updated: 1, content: { basePath: 7 } },
    undefined,
  );
  expect((await apis.served('guest')).map(({ basePath }) => basePath)).toEqual(['/good']);
});
