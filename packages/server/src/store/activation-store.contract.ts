import type { ActivationRecord } from '@vibrissa/protocol';
import { anActivationId, aRecord } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ActivationJournal } from './activation-journal.ts';
import type { ActivationStore } from './activation-store.ts';

/** An empty store with the journal that fills it, and how to close both. */
export interface OpenedActivationStore {
  readonly store: ActivationStore;
  readonly journal: Pick<ActivationJournal, 'finish' | 'logged'>;
  close?(): Promise<void>;
}

/** What every activation store promises. */
export function describeActivationStore(name: string, open: () => Promise<OpenedActivationStore>): void {
  describe(`${name} shows finished activations`, () => {
    let opened: OpenedActivationStore;
    let store: ActivationStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const finish = async (over: Partial<ActivationRecord> = {}, logs: string[] = []) => {
      const record = aRecord(over);
      await opened.journal.finish(record, logs);
      return record;
    };
    const everything = { namespace: 'guest', skip: 0, limit: 200 };
    const ids = async (query: Parameters<ActivationStore['list']>[0]) =>
      (await store.list(query)).map(({ activationId }) => activationId);

    it('as soon as the journal has them, as the text that a client gets', async () => {
      const logs = ['2024-01-01T00:00:00.000000000Z stdout: "hi",\t"logs":["x"]'];
      const response = { statusCode: 1, resultJson: '{"subject":"x",\n"logs":["ü🐭"]}', size: 3 } as const;
      const record = await finish({ response, cause: anActivationId() }, logs);
      const found = await store.get('guest', record.activationId);
      expect(found).toMatchObject({ activationId: record.activationId, statusCode: 1 });
      expect(JSON.parse(found!.recordJson)).toMatchObject({
        activationId: record.activationId,
        namespace: 'guest',
        subject: 'guest',
        start: record.start,
        cause: record.cause,
        logs,
        response: {
          status: 'application error',
          success: false,
          result: { subject: 'x', logs: ['ü🐭'] },
          size: 3,
        },
      });
      expect(found!.recordJson).toContain(`"result":${response.resultJson}`);
    });

    it('only to the namespace that they are filed under', async () => {
      const record = await finish({ namespace: 'other' });
      expect(await store.get('guest', record.activationId)).toBeUndefined();
      expect(await store.get('other', record.activationId)).toBeDefined();
      expect(await store.get('other', anActivationId())).toBeUndefined();
      expect(await store.get('other', 'no id at all')).toBeUndefined();
    });

    it('with the log lines that came later', async () => {
      const record = aRecord();
      await opened.journal.finish(record, undefined);
      expect(JSON.parse((await store.get('guest', record.activationId))!.recordJson)).toMatchObject({
        logs: [],
      });
      await opened.journal.logged(record.activationId, ['one', 'two']);
      expect(JSON.parse((await store.get('guest', record.activationId))!.recordJson)).toMatchObject({
        logs: ['one', 'two'],
      });
    });

    it('keeps the first record of an activation when a second comes', async () => {
      const record = await finish({ response: { statusCode: 0, resultJson: '{"n":1}' } });
      await opened.journal.finish({ ...record, response: { statusCode: 3, resultJson: '{"n":2}' } }, []);
      await finish();
      expect((await store.get('guest', record.activationId))?.recordJson).toContain('{"n":1}');
      expect(await store.count(everything)).toBe(2);
      expect((await store.get('guest', record.activationId))?.statusCode).toBe(0);
    });

    it('as a list of summaries, newest start first', async () => {
      const middle = await finish({ start: 2000 });
      const oldest = await finish({ start: 1000, response: { statusCode: 2, resultJson: '{}' } });
      const newest = await finish({ start: 3000 });
      const listed = await store.list(everything);
      expect(listed.map(({ activationId }) => activationId)).toEqual(
        [newest, middle, oldest].map(({ activationId }) => activationId),
      );
      const summary = JSON.parse(listed[2]!.summaryJson) as object;
      expect(summary).toMatchObject({ activationId: oldest.activationId, statusCode: 2, start: 1000 });
      expect(summary).not.toHaveProperty('response');
      expect(summary).not.toHaveProperty('logs');
    });

    it('as a list of whole records', async () => {
      const record = await finish({}, ['line']);
      const listed = await store.listRecords({ ...everything, maxChars: 100_000 });
      expect(listed).toEqual([await store.get('guest', record.activationId)]);
    });

    it('not as whole records that are too many to be read at once; one is always given', async () => {
      for (let start = 1; start <= 3; start++) await finish({ start }, ['x'.repeat(1000)]);
      expect(await store.listRecords({ ...everything, maxChars: 2000 })).toBe('too-large');
      expect(await store.listRecords({ ...everything, limit: 1, maxChars: 100 })).toHaveLength(1);
      expect(await store.listRecords({ ...everything, maxChars: 100_000 })).toHaveLength(3);
    });

    it('by page', async () => {
      const records = [];
      for (let start = 1; start <= 5; start++) records.push(await finish({ start }));
      expect(await ids({ ...everything, skip: 1, limit: 2 })).toEqual([
        records[3]!.activationId,
        records[2]!.activationId,
      ]);
      expect(await ids({ ...everything, skip: 9 })).toEqual([]);
      expect(await ids({ ...everything, limit: 0 })).toEqual([]);
      expect(await store.count({ namespace: 'guest', skip: 2 })).toBe(3);
      expect(await store.count({ namespace: 'guest', skip: 9 })).toBe(0);
    });

    it('by start, both ends included', async () => {
      const records = [];
      for (let start = 1; start <= 4; start++) records.push(await finish({ start }));
      const inner = [records[2]!.activationId, records[1]!.activationId];
      expect(await ids({ ...everything, since: 2, upto: 3 })).toEqual(inner);
      expect(await store.count({ namespace: 'guest', since: 2, upto: 3, skip: 0 })).toBe(2);
      expect(await ids({ ...everything, since: 4 })).toEqual([records[3]!.activationId]);
      expect(await ids({ ...everything, upto: 1 })).toEqual([records[0]!.activationId]);
    });

    it('by the name of the binding that it was called through', async () => {
      const bound = await finish({ path: 'other/box/hello', name: 'hello', binding: 'guest/alias' });
      await finish({ path: 'guest/box/hello', name: 'hello' });
      const listed = await store.list({ ...everything, name: 'alias/hello' });
      expect(listed.map(({ activationId }) => activationId)).toEqual([bound.activationId]);
    });

    it('by name, and by package and name', async () => {
      const plain = await finish({ path: 'guest/hello', name: 'hello' });
      const packaged = await finish({ path: 'guest/box/hello', name: 'hello' });
      const foreign = await finish({ path: 'else/box/hello', name: 'hello', start: 1 });
      await finish({ path: 'guest/other', name: 'other' });
      expect(await ids({ ...everything, name: 'hello' })).toEqual([plain.activationId]);
      expect(await ids({ ...everything, name: 'box/hello' })).toEqual([
        packaged.activationId,
        foreign.activationId,
      ]);
      expect(await store.count({ namespace: 'guest', name: 'box/hello', skip: 0 })).toBe(2);
      expect(await ids({ ...everything, name: 'box' })).toEqual([]);
    });

    it('with results of a megabyte', async () => {
      const resultJson = JSON.stringify({ text: 'é"'.repeat(300_000) });
      const record = await finish({ response: { statusCode: 0, resultJson } });
      expect((await store.get('guest', record.activationId))?.recordJson).toContain(resultJson);
    });
  });
}
