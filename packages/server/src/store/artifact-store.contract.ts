import { anAction } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ArtifactStore, Entity, PutOutcome } from './artifact-store.ts';

/** What a suite needs of an adapter: an empty store, and how to close it. */
export interface OpenedArtifactStore {
  readonly store: ArtifactStore;
  close?(): Promise<void>;
}

function revisionOf(put: PutOutcome): string {
  if (put.outcome !== 'stored') throw new Error('the write met a conflict');
  return put.revision;
}

/** What every artifact store promises. */
export function describeArtifactStore(name: string, open: () => Promise<OpenedArtifactStore>): void {
  describe(`${name} keeps entities`, () => {
    let opened: OpenedArtifactStore;
    let store: ArtifactStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('gives back what was put, with the revision of that write', async () => {
      const entity = anAction({
        parameters: [
          { key: 'password', value: 'hunter2' },
          { key: 'nested', value: { __proto: [1, null, 'ü'] }, init: true },
        ],
        annotations: [{ key: 'a', value: false }],
      });
      const revision = revisionOf(await store.put(entity, undefined));
      expect(await store.get('action', 'guest', 'hello')).toEqual({ entity, revision });
    });

    it('keeps __proto__ in a value as data', async () => {
      const value = JSON.parse('{"__proto__":{"admin":true},"constructor":1}') as never;
      await store.put(anAction({ parameters: [{ key: 'p', value }] }), undefined);
      const found = await store.get('action', 'guest', 'hello');
      expect(JSON.stringify(found?.entity.parameters)).toBe(
        '[{"key":"p","value":{"__proto__":{"admin":true},"constructor":1}}]',
      );
    });

    it('does not know what was never put', async () => {
      expect(await store.get('action', 'guest', 'nothing')).toBeUndefined();
      expect(await store.typeOf('guest', 'nothing')).toBeUndefined();
    });

    it('tells apart an action and one of the same name in a package', async () => {
      await store.put(anAction({ version: '0.0.1' }), undefined);
      await store.put(anAction({ namespace: 'guest/box', version: '0.0.2' }), undefined);
      expect((await store.get('action', 'guest', 'hello'))?.entity.version).toBe('0.0.1');
      expect((await store.get('action', 'guest/box', 'hello'))?.entity.version).toBe('0.0.2');
    });

    it('says which type a name is taken by', async () => {
      await store.put(anAction(), undefined);
      expect(await store.typeOf('guest', 'hello')).toBe('action');
    });

    it('refuses to create over an existing entity', async () => {
      await store.put(anAction(), undefined);
      expect(await store.put(anAction({ version: '0.0.9' }), undefined)).toEqual({ outcome: 'conflict' });
      expect((await store.get('action', 'guest', 'hello'))?.entity.version).toBe('0.0.1');
    });

    it('lets exactly one of two concurrent creations win', async () => {
      const puts = await Promise.all([
        store.put(anAction({ version: '1.0.0' }), undefined),
        store.put(anAction({ version: '2.0.0' }), undefined),
      ]);
      expect(puts.map((put) => put.outcome).toSorted()).toEqual(['conflict', 'stored']);
    });

    it('replaces with the newest revision only, and gives a new one', async () => {
      const first = revisionOf(await store.put(anAction(), undefined));
      const second = revisionOf(await store.put(anAction({ version: '0.0.2' }), first));
      expect(second).not.toBe(first);
      expect(await store.put(anAction({ version: '0.0.3' }), first)).toEqual({ outcome: 'conflict' });
      expect((await store.get('action', 'guest', 'hello'))?.entity.version).toBe('0.0.2');
    });

    it('refuses to replace what is not there', async () => {
      const revision = revisionOf(await store.put(anAction(), undefined));
      await store.delete(anAction(), revision);
      expect(await store.put(anAction(), revision)).toEqual({ outcome: 'conflict' });
    });

    it('deletes the newest revision only', async () => {
      const first = revisionOf(await store.put(anAction(), undefined));
      const second = revisionOf(await store.put(anAction(), first));
      expect(await store.delete(anAction(), first)).toEqual({ outcome: 'conflict' });
      expect(await store.delete(anAction(), second)).toEqual({ outcome: 'deleted' });
      expect(await store.get('action', 'guest', 'hello')).toBeUndefined();
      expect(await store.delete(anAction(), second)).toEqual({ outcome: 'conflict' });
    });

    it('never gives a deleted and created entity its old revision', async () => {
      const first = revisionOf(await store.put(anAction(), undefined));
      await store.delete(anAction(), first);
      expect(revisionOf(await store.put(anAction(), undefined))).not.toBe(first);
    });

    it('is not changed by what a caller does to the object afterwards', async () => {
      const parameters = [{ key: 'a', value: 1 }];
      await store.put(anAction({ parameters }), undefined);
      parameters[0]!.value = 2;
      expect((await store.get('action', 'guest', 'hello'))?.entity.parameters).toEqual([
        { key: 'a', value: 1 },
      ]);
    });

    it('keeps every type of entity as it was put', async () => {
      const common = { namespace: 'guest', version: '0.0.1', publish: false, updated: 5, annotations: [] };
      const parameters = [{ key: 'secret', value: 'hunter2' }];
      const entities: Entity[] = [
        { entityType: 'package', name: 'box', ...common, parameters },
        {
          entityType: 'package',
          name: 'bound',
          ...common,
          parameters: [],
          binding: { namespace: 'n', name: 'p' },
        },
        {
          entityType: 'trigger',
          name: 'bell',
          ...common,
          parameters,
          rules: {
            'guest/rule': { action: { namespace: 'guest', package: 'box', name: 'a' }, status: 'active' },
          },
        },
        {
          entityType: 'rule',
          name: 'rule',
          ...common,
          trigger: { namespace: 'guest', name: 'bell' },
          action: { namespace: 'guest', package: 'box', name: 'a' },
        },
        {
          entityType: 'document',
          namespace: 'guest',
          name: ':api:/',
          updated: 5,
          content: { key: 'hunter2' },
        },
        { entityType: 'document', namespace: 'guest', name: ':none', updated: 5, content: null },
      ];
      for (const entity of entities) await store.put(entity, undefined);
      for (const entity of entities) {
        const { entityType, namespace, name } = entity;
        expect((await store.get(entityType, namespace, name))?.entity).toEqual(entity);
        expect(await store.get('action', namespace, name)).toBeUndefined();
        expect(await store.typeOf(namespace, name)).toBe(entityType);
      }
    });

    it('lists public packages that are no bindings, when asked for these', async () => {
      const common = {
        entityType: 'package',
        namespace: 'guest',
        version: '0.0.1',
        annotations: [],
      } as const;
      const box = { ...common, parameters: [], updated: 5 };
      await store.put({ ...box, name: 'open', publish: true }, undefined);
      await store.put({ ...box, name: 'closed', publish: false }, undefined);
      await store.put(
        { ...box, name: 'bound', publish: true, binding: { namespace: 'n', name: 'p' } },
        undefined,
      );
      const query = { entityType: 'package', namespace: 'guest', skip: 0, limit: 9 } as const;
      expect((await store.list({ ...query, publicOnly: true })).map(({ name }) => name)).toEqual(['open']);
      expect(await store.count({ ...query, publicOnly: true })).toBe(1);
      expect(await store.count(query)).toBe(3);
    });

    it('lists what has a name that begins as asked', async () => {
      const common = { entityType: 'document', namespace: 'guest', updated: 5, content: {} } as const;
      for (const name of [':api:/a', ':api:/b', ':alarm:%', ':ap_:']) {
        await store.put({ ...common, name }, undefined);
      }
      const query = { entityType: 'document', namespace: 'guest', skip: 0, limit: 9 } as const;
      const names = async (namePrefix: string) =>
        (await store.list({ ...query, namePrefix })).map(({ name }) => name).toSorted();
      expect(await names(':api:')).toEqual([':api:/a', ':api:/b']);
      expect(await names(':ap_')).toEqual([':ap_:']);
      expect(await names('%')).toEqual([]);
      const counted = (namePrefix: string) => store.count({ ...query, namePrefix });
      expect(await Promise.all([':api:', ':ap_', ':a', '%', ''].map(counted))).toEqual([2, 1, 4, 0, 4]);
    });

    describe('lists', () => {
      const everything = { entityType: 'action', namespace: 'guest', skip: 0, limit: 200 } as const;
      beforeEach(async () => {
        await store.put(anAction({ name: 'a', updated: 10 }), undefined);
        await store.put(anAction({ name: 'b', updated: 30 }), undefined);
        await store.put(anAction({ name: 'c', updated: 20, namespace: 'guest/box' }), undefined);
        await store.put(anAction({ name: 'd', updated: 40, namespace: 'guests' }), undefined);
      });
      const names = async (query: Parameters<ArtifactStore['list']>[0]) =>
        (await store.list(query)).map((entity) => entity.name);

      it("a namespace's entities with those of its packages, newest first", async () => {
        expect(await names(everything)).toEqual(['b', 'c', 'a']);
      });

      it("only one package's when asked", async () => {
        expect(await names({ ...everything, package: 'box' })).toEqual(['c']);
        expect(await names({ ...everything, package: 'other' })).toEqual([]);
      });

      it('pages', async () => {
        expect(await names({ ...everything, skip: 1, limit: 1 })).toEqual(['c']);
        expect(await names({ ...everything, limit: 0 })).toEqual([]);
        expect(await names({ ...everything, skip: 9 })).toEqual([]);
      });

      it('moves a rewritten entity to the front', async () => {
        const found = await store.get('action', 'guest', 'a');
        await store.put(anAction({ name: 'a', updated: 99 }), found?.revision);
        expect(await names(everything)).toEqual(['a', 'b', 'c']);
      });

      it('counts what is left after skipping', async () => {
        expect(await store.count({ ...everything, limit: 1 })).toBe(3);
        expect(await store.count({ ...everything, skip: 2 })).toBe(1);
        expect(await store.count({ ...everything, skip: 9 })).toBe(0);
        expect(await store.count({ ...everything, package: 'box' })).toBe(1);
      });
    });
  });
}
