import { aMessage, anIdentity, aRecord } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ActivationJournal } from './activation-journal.ts';

/** An empty journal; `crash` gives the journal that the next process would open, when it keeps anything. */
export interface OpenedJournal {
  readonly journal: ActivationJournal;
  crash?(): Promise<ActivationJournal>;
  close?(): Promise<void>;
}

/** What every journal promises. */
export function describeActivationJournal(name: string, open: () => Promise<OpenedJournal>): void {
  describe(`${name} remembers activations`, () => {
    let opened: OpenedJournal;
    let journal: ActivationJournal;
    beforeEach(async () => {
      opened = await open();
      journal = opened.journal;
    });
    afterEach(() => opened.close?.());
    const next = async () => (opened.crash ? opened.crash() : journal);
    const acceptedMessage = () =>
      aMessage({ durable: true, blocking: false, content: '{"secret":"ü🐭"}', initArgs: ['secret'] });

    it('has nothing unfinished at first', async () => {
      expect(await journal.unfinished()).toEqual([]);
    });

    it('gives back an accepted intent whole, so that it can be run', async () => {
      const message = acceptedMessage();
      await journal.accept(message);
      expect(await (await next()).unfinished()).toEqual([{ message, started: false }]);
    });

    it('knows that the code of an accepted intent may have run', async () => {
      const message = acceptedMessage();
      await journal.accept(message);
      await journal.start(message);
      expect(await (await next()).unfinished()).toEqual([{ message, started: true }]);
    });

    it('forgets an intent when it is finished', async () => {
      const message = acceptedMessage();
      await journal.accept(message);
      await journal.start(message);
      await journal.finish(aRecord({ activationId: message.activationId }), []);
      const other = acceptedMessage();
      await journal.accept(other);
      expect((await (await next()).unfinished()).map((entry) => entry.message.activationId)).toEqual([
        other.activationId,
      ]);
    });

    it('keeps the order in which intents were accepted', async () => {
      const messages = [acceptedMessage(), acceptedMessage(), acceptedMessage()];
      await Promise.all(messages.map((message) => journal.accept(message)));
      expect((await (await next()).unfinished()).map((entry) => entry.message.activationId)).toEqual(
        messages.map((message) => message.activationId),
      );
    });

    it('notes what an error record needs when the started code was not to survive', async () => {
      const message = aMessage({ content: '{"a":1}', cause: 'c'.repeat(32), binding: 'guest/bound' });
      await journal.start(message);
      const findNoted = async () => {
        // What is written later is written behind the note, once that is on its way.
        await journal.accept(acceptedMessage());
        const found = (await (await next()).unfinished()).find(
          (entry) => entry.message.activationId === message.activationId,
        );
        expect(found).toMatchObject({ started: true });
        return found;
      };
      // Opening a copy alone may take a busy machine a second.
      const noted = await vi.waitFor(findNoted, { timeout: 20_000 });
      expect(noted?.message).toMatchObject({
        activationId: message.activationId,
        transactionId: message.transactionId,
        transactionStart: message.transactionStart,
        action: message.action,
        version: message.version,
        blocking: true,
        durable: false,
        cause: message.cause,
        binding: message.binding,
      });
      expect(noted?.message.user).toMatchObject({
        subject: anIdentity().subject,
        namespace: anIdentity().namespace,
      });
    });

    it('keeps nothing of a run that was started and finished', async () => {
      const message = aMessage();
      await journal.start(message);
      await journal.finish(aRecord({ activationId: message.activationId }), []);
      expect(await (await next()).unfinished()).toEqual([]);
    });

    it('forgets an intent whose record is not kept', async () => {
      const message = acceptedMessage();
      await journal.accept(message);
      await journal.start(message);
      await journal.discard(message.activationId);
      expect(await (await next()).unfinished()).toEqual([]);
    });

    it('does not take up again what was finished before', async () => {
      const message = acceptedMessage();
      await journal.finish(aRecord({ activationId: message.activationId }), []);
      await journal.accept(message);
      await journal.start(message);
      expect(await (await next()).unfinished()).toEqual([]);
    });
  });
}
