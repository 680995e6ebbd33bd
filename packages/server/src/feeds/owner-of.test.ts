import { beforeEach, expect, it } from 'vitest';
import { MemoryAuthStore } from '../store/memory/memory-auth-store.ts';
import { ownerOf } from './owner-of.ts';

const first = { name: 'team', uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502', key: 'f'.repeat(64) };
const second = { name: 'team', uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502', key: 's'.repeat(64) };

let auth: MemoryAuthStore;

beforeEach(async () => {
  auth = new MemoryAuthStore();
  await auth.putSubject({ subject: 'ada', blocked: false, namespaces: [first] });
  await auth.putSubject({ subject: 'ben', blocked: false, namespaces: [second] });
});

const ownerBy = (namespaceUuid: string) => ownerOf(auth, { namespace: 'team', namespaceUuid });

it('a feed fires as whoever made it, also where several share the namespace', async () => {
  expect((await ownerBy(first.uuid))?.subject).toBe('ada');
  expect((await ownerBy(second.uuid))?.subject).toBe('ben');
  expect(await ownerBy('another')).toBeUndefined();
});

it('a rotated key goes on; a blocked or removed owner does not', async () => {
  await auth.putSubject({ subject: 'ben', blocked: false, namespaces: [{ ...second, key: 'n'.repeat(64) }] });
  expect((await ownerBy(second.uuid))?.subject).toBe('ben');
  await auth.putSubject({ subject: 'ben', blocked: true, namespaces: [second] });
  expect(await ownerBy(second.uuid)).toBeUndefined();
  await auth.deleteSubject('ada');
  expect(await ownerBy(first.uuid)).toBeUndefined();
});
