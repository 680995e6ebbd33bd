import { describe, expect, it } from 'vitest';

import { SeededIds } from '@vibrissa/testkit';
import { MemoryAuthStore } from '../store/memory/memory-auth-store.ts';
import { administer } from './administer.ts';
import type { Operation } from './operation.ts';

const AUTH = `23bc46b1-71f6-4ed5-8c54-816aa4f8c502:${'k'.repeat(64)}`;

function platform() {
  const reloadKeys = () => Promise.resolve({ resealed: 3, unreadable: 0 });
  const deps = { auth: new MemoryAuthStore(), ids: new SeededIds(), reloadKeys };
  return { ...deps, ask: (operation: Operation) => administer(deps, operation) };
}

const create = (subject: string, rest: object = {}): Operation => ({
  operation: 'user create',
  subject,
  ...rest,
});

describe('administering users', () => {
  it('creates a user with a random key, and prints it', async () => {
    const { ask, auth } = platform();
    const answer = await ask(create('alice'));
    expect(answer.exitCode).toBe(0);
    expect(answer.lines[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[A-Za-z0-9]{64}$/);
    const [uuid = '', key = ''] = answer.lines[0]!.split(':');
    expect((await auth.findIdentity(uuid, key))?.namespace.name).toBe('alice');
    expect(await ask({ operation: 'user get', subject: 'alice' })).toEqual(answer);
  });

  it('takes a given key', async () => {
    expect(await platform().ask(create('alice', { auth: AUTH }))).toEqual({ exitCode: 0, lines: [AUTH] });
  });

  it.each([
    [{ subject: 'bob' }, 2, 'Subject name must be at least 5 characters'],
    [{ subject: 'alice', auth: 'x:y' }, 2, 'authorization id is not a valid UUID'],
    [
      { subject: 'alice', auth: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:short' },
      2,
      'authorization key must be at least 64 characters long',
    ],
    [{ subject: 'alice', auth: `${AUTH}k` }, 2, 'authorization key must be 64 characters long'],
    [{ subject: 'alice', namespace: 'a/b' }, 2, 'The namespace contains illegal characters.'],
  ])('refuses %j', async ({ subject, ...rest }, exitCode, line) => {
    expect(await platform().ask(create(subject, rest))).toEqual({ exitCode, lines: [line] });
  });

  it('gives a user a second namespace, but no namespace twice', async () => {
    const { ask } = platform();
    await ask(create('alice'));
    expect((await ask(create('alice', { namespace: 'team' }))).exitCode).toBe(0);
    expect(await ask(create('alice', { namespace: 'team' }))).toEqual({
      exitCode: 1,
      lines: [
        'Namespace already exists',
        'See its key with: vibrissa admin user get alice --namespace team',
        'A new key in its place: the same command with --revoke',
      ],
    });
    const all = await ask({ operation: 'user get', subject: 'alice', all: true });
    expect(all.lines.map((line) => line.split('\t')[0])).toEqual(['alice', 'team']);
  });

  it('replaces a key when asked to revoke it', async () => {
    const { ask, auth } = platform();
    const [old = ''] = (await ask(create('alice'))).lines;
    const [fresh = ''] = (await ask(create('alice', { revoke: true }))).lines;
    expect(fresh).not.toBe(old);
    const [uuid = '', key = ''] = old.split(':');
    expect(await auth.findIdentity(uuid, key)).toBeUndefined();
  });

  it('only draws a key when asked to', async () => {
    const { ask, auth } = platform();
    expect((await ask(create('alice', { generateOnly: true }))).exitCode).toBe(0);
    expect(await auth.getSubject('alice')).toBeUndefined();
  });

  it("doesn't give one key to two users", async () => {
    const { ask } = platform();
    await ask(create('alice', { auth: AUTH }));
    expect((await ask(create('mallory', { auth: AUTH }))).exitCode).toBe(1);
  });

  it('says whose key it is, until the user is blocked', async () => {
    const { ask } = platform();
    await ask(create('alice', { auth: AUTH, namespace: 'team' }));
    const whois: Operation = { operation: 'user whois', auth: AUTH };
    expect(await ask(whois)).toEqual({ exitCode: 0, lines: ['subject: alice', 'namespace: team'] });
    expect(await ask({ operation: 'user block', subjects: ['alice'] })).toEqual({
      exitCode: 0,
      lines: ['"alice" blocked successfully'],
    });
    expect(await ask(whois)).toEqual({ exitCode: 1, lines: ['Subject id is not recognized'] });
    expect(await ask(create('alice', { namespace: 'new' }))).toEqual({
      exitCode: 1,
      lines: ['The subject you want to edit is blocked'],
    });
    expect((await ask({ operation: 'user unblock', subjects: ['alice'] })).lines).toEqual([
      '"alice" unblocked successfully',
    ]);
    expect((await ask(whois)).exitCode).toBe(0);
  });

  it('names those of several that could not be blocked', async () => {
    const { ask } = platform();
    await ask(create('alice'));
    expect(await ask({ operation: 'user block', subjects: ['alice', 'nobody'] })).toEqual({
      exitCode: 1,
      lines: ['"alice" blocked successfully', '"nobody" does not exist'],
    });
  });

  it('lists the keys of a namespace, one unless more are wanted', async () => {
    const { ask } = platform();
    await ask(create('alice', { namespace: 'team', auth: AUTH }));
    await ask(create('bobby', { namespace: 'team' }));
    const list = (rest: object = {}) => ask({ operation: 'user list', namespace: 'team', ...rest });
    expect((await list()).lines).toEqual([`${AUTH}\talice`]);
    expect((await list({ all: true })).lines).toHaveLength(2);
    expect((await list({ pick: 2, keyOnly: true })).lines[0]).toBe(AUTH);
    expect(await ask({ operation: 'user list', namespace: 'void' })).toEqual({
      exitCode: 1,
      lines: ['no identities found for namespace "void"'],
    });
  });

  it('deletes a namespace, or the whole user', async () => {
    const { ask } = platform();
    await ask(create('alice'));
    await ask(create('alice', { namespace: 'team' }));
    const remove = (rest: object = {}) => ask({ operation: 'user delete', subject: 'alice', ...rest });
    expect((await remove({ namespace: 'void' })).lines).toEqual([
      'Namespace "void" does not exist for "alice"',
    ]);
    expect((await remove({ namespace: 'team' })).lines).toEqual(['Namespace deleted']);
    expect((await remove()).lines).toEqual(['Subject deleted']);
    expect(await remove()).toEqual({ exitCode: 1, lines: ['Subject "alice" does not exist'] });
  });
});

describe('administering limits', () => {
  it('sets those of a namespace that nobody has, with a warning', async () => {
    const { ask } = platform();
    const limits = { invocationsPerMinute: 5 };
    const set = () => ask({ operation: 'limits set', namespace: 'alcie', limits });
    expect(await set()).toMatchObject({
      exitCode: 0,
      lines: [expect.any(String), expect.stringContaining('warning: nobody has')],
    });
    await ask(create('alcie'));
    expect((await set()).lines).toHaveLength(1);
  });

  it('sets, adds to, shows and removes them', async () => {
    const { ask } = platform();
    await ask(create('guest'));
    const get: Operation = { operation: 'limits get', namespace: 'guest' };
    expect((await ask(get)).lines).toEqual(['No limits found, default system limits apply']);
    const set = (limits: object) => ask({ operation: 'limits set', namespace: 'guest', limits });
    expect((await set({ invocationsPerMinute: 5 })).lines).toEqual(['Limits successfully set for "guest"']);
    await set({ allowedKinds: ['nodejs:20', 'python:3.11'] });
    expect((await ask(get)).lines).toEqual([
      'invocationsPerMinute = 5',
      'allowedKinds = nodejs:20, python:3.11',
    ]);
    expect((await ask({ operation: 'limits delete', namespace: 'guest' })).lines).toEqual(['Limits deleted']);
    expect((await ask({ operation: 'limits delete', namespace: 'guest' })).exitCode).toBe(1);
    expect((await set({})).exitCode).toBe(2);
  });
});
