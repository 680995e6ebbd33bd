import { seededRandom } from '@vibrissa/testkit';
import { afterEach, expect, it } from 'vitest';
import type { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';
import { openRest, type RestFixture } from './rest-fixture.ts';

const exec = { kind: 'nodejs:20', code: 'function main(args) { return args; }' };

let rest: RestFixture | undefined;
afterEach(() => rest?.close());

/** From now on the store takes its time before and after each look and each write, as the seed says. */
function slowDown(store: MemoryArtifactStore, random: () => number): void {
  const turns = async (): Promise<void> => {
    for (let left = Math.floor(random() * 6); left > 0; left--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  for (const method of ['get', 'typeOf', 'put', 'delete', 'list', 'count'] as const) {
    const quick = store[method].bind(store) as (...given: unknown[]) => Promise<unknown>;
    const slow = async (...given: unknown[]): Promise<unknown> => {
      await turns();
      const result = await quick(...given);
      await turns();
      return result;
    };
    Object.assign(store, { [method]: slow });
  }
}

const page = { namespace: 'guest', skip: 0, limit: 1000 } as const;

/** Actions in packages that are not there: nobody could read or delete them. */
async function strandedActions(store: MemoryArtifactStore): Promise<string[]> {
  const packages = await store.list({ entityType: 'package', ...page });
  const places = new Set(packages.map(({ name }) => `guest/${name}`));
  const actions = await store.list({ entityType: 'action', ...page });
  return actions.filter(({ namespace }) => !places.has(namespace)).map(({ name }) => name);
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'creating actions while their package is deleted and created again strands none (seed %i)',
  async (seed) => {
    rest = await openRest();
    const { artifacts, call } = rest;
    const random = seededRandom(seed);
    const chance = (upTo: number) => Math.floor(random() * upTo);
    await call('PUT', '_/packages/box', { body: {} });
    slowDown(artifacts, random);
    const seen = new Set<number>();
    const act = async (): Promise<void> => {
      const choice = chance(10);
      const name = `_/actions/box/a${chance(4)}`;
      const { status } =
        choice < 5
          ? await call('PUT', `${name}?overwrite=true`, { body: { exec } })
          : choice < 6
            ? await call('DELETE', name)
            : choice < 8
              ? await call('DELETE', `_/packages/box${random() < 0.7 ? '?force=true' : ''}`)
              : await call('PUT', '_/packages/box?overwrite=true', { body: {} });
      seen.add(status);
    };
    for (let round = 0; round < 8; round++) {
      await Promise.all(Array.from({ length: 6 }, act));
      expect(await strandedActions(artifacts)).toEqual([]);
    }
    for (const status of seen) expect([200, 404, 409]).toContain(status);
    await call('PUT', '_/packages/box', { body: {} });
    expect((await call('DELETE', '_/packages/box?force=true')).status).toBe(200);
    expect(await artifacts.count({ entityType: 'action', ...page })).toBe(0);
  },
);

it('a failed write of a package does not keep the next one waiting', async () => {
  rest = await openRest();
  const { artifacts, call } = rest;
  await call('PUT', '_/packages/box', { body: {} });
  const put = artifacts.put.bind(artifacts);
  artifacts.put = async () => {
    throw Object.assign(new Error('disk full'), { code: 'STORE_UNAVAILABLE' });
  };
  const failed = await call('PUT', '_/actions/box/a', { body: { exec } });
  artifacts.put = put;
  expect(failed.status).toBe(503);
  expect((await call('PUT', '_/actions/box/a', { body: { exec } })).status).toBe(200);
});
