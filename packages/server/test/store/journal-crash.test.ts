import { aMessage, aRecord, ManualClock, settle } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { silentLogger } from '../../src/base/logger.ts';
import { generateKeyLine, parseKeyring } from '../../src/store/crypto/keyring.ts';
import { Sealer } from '../../src/store/crypto/sealer.ts';
import { readEntry } from '../../src/store/sqlite/journal/entries.ts';
import { FileActivationJournal } from '../../src/store/sqlite/journal/file-activation-journal.ts';
import { readFrame } from '../../src/store/sqlite/journal/frame.ts';
import { GroupCommit } from '../../src/store/sqlite/journal/group-commit.ts';
import { diskError, MemoryDisk } from './memory-disk.ts';

const sealer = new Sealer(parseKeyring(generateKeyLine(), 'the test'));

/** What a process did, told by one word each. */
type Step = 'accept' | 'finish' | 'logged' | 'turn' | 'time' | 'full disk';

/** An acknowledgement, and what the disk held at that moment. */
interface Acknowledged {
  readonly entry: string;
  readonly written: number;
  readonly synced: number;
}

async function perform(steps: readonly Step[], inlineWrites: boolean) {
  const disk = new MemoryDisk();
  const clock = new ManualClock();
  const commit = await GroupCommit.open({
    files: disk,
    directory: '/journal',
    clock,
    logger: silentLogger,
    durability: 'on',
    segmentBytes: 600,
    inlineWrites,
    offset: 0,
    published: () => {},
  });
  const pending = async () => [];
  const journal = new FileActivationJournal({
    commit,
    clock,
    logger: silentLogger,
    sealer: () => sealer,
    pending,
  });
  const acknowledged: Acknowledged[] = [];
  const refused: string[] = [];
  const waiting: Promise<void>[] = [];
  const await_ = (entry: string, call: Promise<void>) => {
    const files = () => [...disk.files.values()];
    waiting.push(
      call.then(
        () => {
          const written = disk.bytes.length;
          const synced = files().reduce((sum, file) => sum + file.syncedLength, 0);
          acknowledged.push({ entry, written, synced });
        },
        () => void refused.push(entry),
      ),
    );
  };
  for (const step of steps) {
    if (step === 'accept') {
      const message = aMessage({ durable: true, content: '{"a":1}' });
      await_(`1 ${message.activationId}`, journal.accept(message));
    } else if (step === 'finish') {
      const record = aRecord();
      await_(`4 ${record.activationId}`, journal.finish(record, []));
    } else if (step === 'logged') {
      const { activationId } = aRecord();
      await_(`5 ${activationId}`, journal.logged(activationId, ['line']));
    } else if (step === 'full disk') {
      disk.fail(inlineWrites ? 'inline' : 'write', { error: diskError('ENOSPC'), afterBytes: 11 });
    } else if (step === 'turn') {
      await settle();
    } else {
      await clock.advance(5);
    }
  }
  await Promise.all(waiting);
  return { bytes: disk.bytes, acknowledged, refused };
}

function wholeEntries(bytes: Buffer): Map<string, number> {
  const found = new Map<string, number>();
  let at = 0;
  for (;;) {
    const read = readFrame(bytes, at, bytes.length);
    if (read.state !== 'whole') return found;
    const { type, payloadStart, payloadEnd } = read.frame;
    const entry = readEntry(type, bytes.subarray(payloadStart, payloadEnd))!;
    found.set(`${type} ${entry.id.toString('hex')}`, payloadEnd);
    at = payloadEnd;
  }
}

const steps = fc.array(
  fc.constantFrom<Step>('accept', 'finish', 'finish', 'logged', 'turn', 'turn', 'time', 'full disk'),
  { minLength: 1, maxLength: 25 },
);

describe('a crash at any byte of the journal', () => {
  it('of the process leaves every acknowledged entry readable, and no torn one', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (plan, inlineWrites) => {
        const { bytes, acknowledged, refused } = await perform(plan, inlineWrites);
        const all = wholeEntries(bytes);
        // A refused entry never comes back after a crash, however much of it had reached the disk.
        for (const entry of refused) expect(all.has(entry)).toBe(false);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const left = wholeEntries(bytes.subarray(0, cut));
          const expected = [...all].filter(([, end]) => end <= cut).map(([entry]) => entry);
          if ([...left.keys()].join() !== expected.join()) throw new Error(`cut at ${cut}`);
        }
        for (const { entry, written } of acknowledged) {
          expect(all.get(entry)).toBeLessThanOrEqual(written);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of the machine leaves every accepted intent readable: it was synced before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (plan, inlineWrites) => {
        const { bytes, acknowledged } = await perform(plan, inlineWrites);
        for (const { entry, synced } of acknowledged.filter(({ entry: name }) => name.startsWith('1 '))) {
          expect(wholeEntries(bytes.subarray(0, synced)).has(entry)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
