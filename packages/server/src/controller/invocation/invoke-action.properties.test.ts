import { anIdentity } from '@vibrissa/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPlatform } from '../../../test/invocation/invocations-fixture.ts';
import type { InvokeOutcome } from './invoke-action.ts';

test('whatever happens in whatever order, each client is answered once and all that was taken is given back', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ invoke: fc.constantFrom(undefined, 10, 1000, 60_000) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        finish: fc.nat(30),
        type: fc.constantFrom('result' as const, 'completion' as const, 'combined' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(5, 500, 60_000) }) },
    { weight: 1, arbitrary: fc.record({ handBack: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ journalWorks: fc.boolean() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const platform = openPlatform();
      const { clock, journal, invocations, received, invoke, finish } = platform;
      const answers: InvokeOutcome[] = [];
      const outcomes: Promise<unknown>[] = [];
      for (const action of steps) {
        if ('invoke' in action) {
          outcomes.push(invoke({ waitMs: action.invoke }).then((answer) => answers.push(answer)));
        } else if ('finish' in action) {
          const message = received[action.finish];
          if (message) await finish(message, action.type);
        } else if ('advanceMs' in action) await clock.advance(action.advanceMs);
        else if ('handBack' in action) await invocations.handBack(received.slice(action.handBack));
        else journal.failWith(action.journalWorks ? undefined : new Error('no space left'));
      }
      journal.failWith(undefined);
      for (const message of received) await finish(message);
      await clock.advance(200_000);
      await Promise.all(outcomes);
      expect(answers).toHaveLength(outcomes.length);
      expect(invocations.inFlight()).toEqual([]);
      expect(invocations.usedMb(0)).toBe(0);
      expect(invocations.inFlightOf(anIdentity().namespace.uuid)).toBe(0);
      const durable = new Set(journal.accepted.map(({ activationId }) => activationId));
      const done = new Set(received.map(({ activationId }) => activationId));
      const promised = answers.filter((answer) => answer.outcome === 'accepted');
      for (const { activationId } of promised)
        expect(durable.has(activationId) || done.has(activationId)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
