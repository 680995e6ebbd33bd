import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { aMessage, anAction, anIdentity } from '@vibrissa/testkit';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { generateKeyLine } from '../../src/store/crypto/keyring.ts';
import type { SqliteStores } from '../../src/store/sqlite/sqlite-stores.ts';
import { openStores, temporaryDirectory } from './temporary-stores.ts';

const uuid = '11111111-1111-4111-8111-111111111111';
const key = 'thekeythekeythekey'.padEnd(64, 'y');

describe('secrets on the disk', () => {
  let dataDir: string;
  let stores: SqliteStores;
  beforeEach(async () => {
    dataDir = await temporaryDirectory();
    stores = await openStores(dataDir);
  });
  afterEach(async () => {
    await stores.close().catch(() => {});
    await rm(dataDir, { recursive: true });
  });

  const fill = async () => {
    await stores.auth.putSubject({
      subject: 'guest',
      blocked: false,
      namespaces: [{ name: 'guest', uuid, key }],
    });
    const parameters = [{ key: 'password', value: 'the-parameter-value' }];
    await stores.artifacts.put(anAction({ parameters }), undefined);
    const user = anIdentity({ authkey: `${uuid}:${key}` });
    const content = '{"token":"the-argument-value"}';
    await stores.journal.accept(aMessage({ durable: true, user, content }));
    await stores.journal.start(aMessage({ user, content }));
  };
  const everything = async () => {
    const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && entry.name !== 'secret.key');
    return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))));
  };
  const expectAll = async () => {
    expect((await stores.auth.findIdentity(uuid, key))?.subject).toBe('guest');
    expect((await stores.auth.getSubject('guest'))?.namespaces[0]?.key).toBe(key);
    const action = await stores.artifacts.get('action', 'guest', 'hello');
    expect(action?.entity.parameters).toEqual([{ key: 'password', value: 'the-parameter-value' }]);
    const contents = (await stores.journal.unfinished()).map(({ message }) => message.content);
    expect(contents).toContain('{"token":"the-argument-value"}');
  };
  const reopen = async () => {
    await stores.close();
    stores = await openStores(dataDir);
  };
  const keyFile = () => join(dataDir, 'secret.key');

  it('are nowhere in the clear: not in the journal, not in the databases, not before a restart nor after it', async () => {
    await fill();
    for (const round of ['running', 'closed', 'opened again']) {
      if (round === 'closed') await stores.close();
      if (round === 'opened again') stores = await openStores(dataDir);
      const texts = await everything();
      expect(texts.some((bytes) => bytes.includes('guest'))).toBe(true);
      for (const bytes of texts) {
        for (const secret of ['the-parameter-value', 'the-argument-value', 'thekeythekey']) {
          expect([round, secret, bytes.includes(secret)]).toEqual([round, secret, false]);
        }
      }
    }
    await expectAll();
  });

  it('do not open when they were changed on the disk', async () => {
    await fill();
    await stores.close();
    const database = new Database(join(dataDir, 'entities.db'));
    database.exec('UPDATE entities SET sealed = zeroblob(length(sealed))');
    database.close();
    stores = await openStores(dataDir);
    await expect(stores.artifacts.get('action', 'guest', 'hello')).rejects.toMatchObject({ code: 'UNSEAL' });
  });

  it("do not open in another record's place", async () => {
    await fill();
    const parameters = [{ key: 'password', value: 'another' }];
    await stores.artifacts.put(anAction({ name: 'thief', parameters }), undefined);
    await stores.close();
    const database = new Database(join(dataDir, 'entities.db'));
    database.exec(
      "UPDATE entities SET sealed = (SELECT sealed FROM entities WHERE name = 'hello') WHERE name = 'thief'",
    );
    database.close();
    stores = await openStores(dataDir);
    await expect(stores.artifacts.get('action', 'guest', 'thief')).rejects.toMatchObject({ code: 'UNSEAL' });
  });

  it('whose arguments are lost still leave an activation that can be given a record', async () => {
    await fill();
    await stores.close();
    const database = new Database(join(dataDir, 'activations.db'));
    database.exec('UPDATE pending SET sealed = zeroblob(length(sealed)) WHERE sealed IS NOT NULL');
    database.close();
    stores = await openStores(dataDir);
    const unfinished = await stores.journal.unfinished();
    expect(unfinished).toHaveLength(2);
    for (const { message } of unfinished) expect(message.durable).toBe(false);
  });

  it('are sealed with a new key while the platform runs, and need the old one no more', async () => {
    await fill();
    await reopen();
    const old = await readFile(keyFile(), 'utf8');
    const fresh = generateKeyLine();
    await writeFile(keyFile(), `${fresh}${old}`);
    expect(await stores.reloadKeys()).toEqual({ resealed: 3, unreadable: 0 });
    await expectAll();
    await writeFile(keyFile(), fresh);
    await reopen();
    await expectAll();
    expect(await stores.reloadKeys()).toEqual({ resealed: 0, unreadable: 0 });
  });

  it('are sealed with a new key after a start with it in the first place', async () => {
    await fill();
    await stores.close();
    const old = await readFile(keyFile(), 'utf8');
    const fresh = generateKeyLine();
    await writeFile(keyFile(), `${fresh}${old}`);
    stores = await openStores(dataDir);
    await expectAll();
    await stores.close();
    await writeFile(keyFile(), fresh);
    stores = await openStores(dataDir);
    await expectAll();
    expect(await stores.reloadKeys()).toEqual({ resealed: 0, unreadable: 0 });
  });

  it('without their key are refused at the start, with the id of the missing key', async () => {
    await fill();
    await stores.close();
    const old = await readFile(keyFile(), 'utf8');
    await rm(keyFile());
    await expect(openStores(dataDir)).rejects.toMatchObject({
      code: 'SECRET_KEY',
      message: expect.stringMatching(/master key [0-9a-f]{16}/),
    });
    await writeFile(keyFile(), old, { mode: 0o600 });
    stores = await openStores(dataDir);
    await expectAll();
  });
});
