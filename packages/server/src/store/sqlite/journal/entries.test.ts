import { encodeActivation, encodeSummary, type ActivationRecord } from '@vibrissa/protocol';
import { aMessage, anActivationId, aRecord } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { generateKeyLine, parseKeyring } from '../../crypto/keyring.ts';
import { Sealer } from '../../crypto/sealer.ts';
import { BatchBuffer } from './batch-buffer.ts';
import {
  decodeIntent,
  DISCARDED,
  FINISHED,
  NOTED,
  readEntry,
  STARTED,
  writeAccepted,
  writeFinished,
  writeLogged,
  writeMark,
  writeNoted,
  type Entry,
} from './entries.ts';
import { readFrame } from './frame.ts';

const sealer = new Sealer(parseKeyring(generateKeyLine(), 'the test'));

function entriesOf(batch: BatchBuffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < batch.length;) {
    const read = readFrame(batch.bytes, at, batch.length);
    if (read.state !== 'whole') throw new Error(read.state);
    const { type, payloadStart, payloadEnd } = read.frame;
    entries.push(readEntry(type, batch.bytes.subarray(payloadStart, payloadEnd))!);
    at = payloadEnd;
  }
  return entries;
}

function onlyEntry(write: (batch: BatchBuffer) => void): Entry {
  const batch = new BatchBuffer();
  write(batch);
  const [entry, more] = entriesOf(batch);
  expect(more).toBeUndefined();
  return entry!;
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const tricky = fc.oneof(text, fc.constantFrom(',"subject":"', '","logs":[', '"logs":[]}', '\n', '{"a":1}\n'));
const records: fc.Arbitrary<ActivationRecord> = fc
  .record({
    namespace: fc.constantFrom('guest', 'a b', 'ü@x.org'),
    name: fc.stringMatching(/^[\w@.][\w@ .-]{0,9}$/),
    subject: tricky,
    kind: tricky,
    start: fc.nat({ max: 2 ** 50 }),
    statusCode: fc.constantFrom(0, 1, 2, 3),
    result: fc.dictionary(tricky, tricky, { maxKeys: 3 }),
  })
  .map(({ statusCode, result, ...over }) =>
    aRecord({ ...over, response: { statusCode, resultJson: JSON.stringify(result, undefined, 1) } }),
  );

describe('an entry of the journal', () => {
  it('gives a record and its summary back as text, whatever they say', () => {
    fc.assert(
      fc.property(records, fc.option(fc.array(tricky), { nil: undefined }), (record, logs) => {
        const entry = onlyEntry((batch) => writeFinished(batch, record, logs));
        if (entry.type !== FINISHED) throw new Error('not a record');
        const { head, body, logsJson, statusCode, start, namespace } = entry.finished;
        expect(`${head}${body}${logsJson ?? '[]'}}`).toBe(encodeActivation(record, logs ?? []));
        expect(`${head},"statusCode":${statusCode}}`).toBe(encodeSummary(record));
        expect({ start, namespace }).toEqual({ start: record.start, namespace: record.namespace });
        expect(logsJson === undefined).toBe(logs === undefined);
      }),
    );
  });

  it.each([
    ['guest/hello', 'hello'],
    ['guest/box/hello', 'box/hello'],
  ])('files %s under the name %s', (path, name) => {
    const entry = onlyEntry((batch) => writeFinished(batch, aRecord({ path, name: 'hello' }), []));
    expect(entry).toMatchObject({ finished: { name } });
  });

  it('gives an intent back whole, and shows nothing of its arguments and key', () => {
    fc.assert(
      fc.property(fc.option(tricky, { nil: undefined }), (argument) => {
        const content = argument === undefined ? undefined : JSON.stringify({ password: `pw ${argument}` });
        const message = aMessage({ durable: true, ...(content === undefined ? {} : { content }) });
        const batch = new BatchBuffer();
        writeAccepted(batch, message, sealer);
        expect(batch.bytes.includes('password')).toBe(false);
        expect(batch.bytes.includes(message.user.authkey.slice(-20))).toBe(false);
        const [entry] = entriesOf(batch);
        if (entry?.type !== 1) throw new Error('not an intent');
        expect(decodeIntent(entry.intent, sealer)).toEqual(message);
      }),
    );
  });

  it('notes a run without arguments and key', () => {
    const message = aMessage({ content: '{"password":"x"}' });
    const entry = onlyEntry((batch) => writeNoted(batch, message));
    if (entry.type !== NOTED) throw new Error('not a note');
    expect(entry.intent.json).not.toMatch(/password|authkey/);
    const { content: _content, ...rest } = message;
    expect(decodeIntent(entry.intent, sealer)).toEqual({ ...rest, user: { ...rest.user, authkey: '' } });
  });

  it('names its activation', () => {
    const id = anActivationId();
    for (const type of [STARTED, DISCARDED] as const) {
      const entry = onlyEntry((batch) => writeMark(batch, type, id));
      expect(entry).toMatchObject({ type });
      expect(entry.id.toString('hex')).toBe(id);
    }
    const logged = onlyEntry((batch) => writeLogged(batch, id, ['a\n', '"']));
    expect(logged).toMatchObject({ logsJson: JSON.stringify(['a\n', '"']) });
  });

  it('is not written for what is no activation id, and leaves nothing in the batch then', () => {
    for (const id of ['', 'xyz', 'g'.repeat(32), `${'a'.repeat(31)}é`, 'a'.repeat(33)]) {
      const batch = new BatchBuffer();
      expect(() => writeMark(batch, STARTED, id)).toThrow(TypeError);
      expect(batch.length).toBe(0);
    }
  });

  it('may be longer than the buffer, which is small again afterwards', () => {
    const batch = new BatchBuffer();
    const logs = ['ü'.repeat(3_000_000)];
    writeLogged(batch, anActivationId(), logs);
    writeMark(batch, STARTED, anActivationId());
    expect(entriesOf(batch)[0]).toMatchObject({ logsJson: JSON.stringify(logs) });
    batch.clear();
    expect(batch.length).toBe(0);
    expect(batch.bytes.buffer.byteLength).toBeLessThan(1_000_000);
  });
});
