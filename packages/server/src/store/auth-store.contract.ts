import type { Subject } from '@vibrissa/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { AuthStore } from './auth-store.ts';

/** An empty store, and how to close it. */
export interface OpenedAuthStore {
  readonly store: AuthStore;
  close?(): Promise<void>;
}

const uuid = (digit: string) => `${digit.repeat(8)}-1111-4111-8111-111111111111`;
const key = (digit: string) => digit.repeat(64);
const namespace = (name: string, digit: string) => ({ name, uuid: uuid(digit), key: key(digit) });
const aSubject = (over: Partial<Subject> = {}): Subject => ({
  subject: 'guest',
  blocked: false,
  namespaces: [namespace('guest', 'a')],
  ...over,
});

/** What every auth store promises. */
export function describeAuthStore(name: string, open: () => Promise<OpenedAuthStore>): void {
  describe(`${name} keeps subjects`, () => {
    let opened: OpenedAuthStore;
    let store: AuthStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('finds who owns a key', async () => {
      await store.putSubject(aSubject());
      expect(await store.findIdentity(uuid('a'), key('a'))).toEqual({
        subject: 'guest',
        namespace: { name: 'guest', uuid: uuid('a') },
        authkey: `${uuid('a')}:${key('a')}`,
        rights: ['READ', 'PUT', 'DELETE', 'ACTIVATE'],
        limits: {},
      });
    });

    it('does not know a wrong key, a wrong uuid or a key of another length, asked before or not', async () => {
      await store.putSubject(aSubject());
      for (let round = 0; round < 2; round++) {
        expect(await store.findIdentity(uuid('a'), key('b'))).toBeUndefined();
        expect(await store.findIdentity(uuid('b'), key('a'))).toBeUndefined();
        expect(await store.findIdentity(uuid('a'), 'short')).toBeUndefined();
        expect(await store.findIdentity(uuid('a'), '')).toBeUndefined();
        expect(await store.findIdentity(uuid('a'), key('a'))).toBeDefined();
      }
    });

    it('tells the namespaces of one subject apart by their keys', async () => {
      await store.putSubject(aSubject({ namespaces: [namespace('guest', 'a'), namespace('other', 'b')] }));
      expect((await store.findIdentity(uuid('b'), key('b')))?.namespace.name).toBe('other');
      expect((await store.identityOf('guest'))?.namespace.uuid).toBe(uuid('a'));
    });

    it('refuses a replaced key from the moment the change is done', async () => {
      await store.putSubject(aSubject());
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeDefined();
      await store.putSubject(aSubject({ namespaces: [{ ...namespace('guest', 'a'), key: key('c') }] }));
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeUndefined();
      expect(await store.findIdentity(uuid('a'), key('c'))).toBeDefined();
      expect((await store.identityOf('guest'))?.authkey).toBe(`${uuid('a')}:${key('c')}`);
    });

    it('refuses a blocked subject at once, and knows it again when unblocked', async () => {
      await store.putSubject(aSubject());
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeDefined();
      await store.putSubject(aSubject({ blocked: true }));
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeUndefined();
      expect((await store.getSubject('guest'))?.blocked).toBe(true);
      await store.putSubject(aSubject());
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeDefined();
    });

    it('gives a subject back with its keys', async () => {
      const subject = aSubject({ namespaces: [namespace('guest', 'a'), namespace('other', 'b')] });
      await store.putSubject(subject);
      expect(await store.getSubject('guest')).toEqual(subject);
      expect(await store.getSubject('nobody')).toBeUndefined();
      expect(await store.identityOf('nowhere')).toBeUndefined();
    });

    it('deletes a subject with its keys, once', async () => {
      await store.putSubject(aSubject());
      await store.findIdentity(uuid('a'), key('a'));
      expect(await store.deleteSubject('guest')).toBe(true);
      expect(await store.findIdentity(uuid('a'), key('a'))).toBeUndefined();
      expect(await store.identityOf('guest')).toBeUndefined();
      expect(await store.deleteSubject('guest')).toBe(false);
    });

    it('lists the owners of a shared namespace, oldest first', async () => {
      await store.putSubject(aSubject({ subject: 'zelda', namespaces: [namespace('team', 'a')] }));
      await store.putSubject(aSubject({ subject: 'anton', namespaces: [namespace('team', 'b')] }));
      await store.putSubject(aSubject({ subject: 'other', namespaces: [namespace('else', 'c')] }));
      await store.putSubject(aSubject({ subject: 'zelda', namespaces: [namespace('team', 'a')] }));
      expect((await store.subjectsOf('team')).map(({ subject }) => subject)).toEqual(['zelda', 'anton']);
      expect(await store.subjectsOf('nowhere')).toEqual([]);
    });

    it("shows a namespace's limits in its identities as soon as they are put", async () => {
      await store.putSubject(aSubject());
      expect(await store.getLimits('guest')).toBeUndefined();
      await store.findIdentity(uuid('a'), key('a'));
      await store.putLimits('guest', { invocationsPerMinute: 7, allowedKinds: ['nodejs:20'] });
      const limits = { invocationsPerMinute: 7, allowedKinds: ['nodejs:20'] };
      expect(await store.getLimits('guest')).toEqual(limits);
      expect((await store.findIdentity(uuid('a'), key('a')))?.limits).toEqual(limits);
      expect((await store.identityOf('guest'))?.limits).toEqual(limits);
      await store.putLimits('guest', undefined);
      expect(await store.getLimits('guest')).toBeUndefined();
      expect((await store.findIdentity(uuid('a'), key('a')))?.limits).toEqual({});
    });
  });
}
