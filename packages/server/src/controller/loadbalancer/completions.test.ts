import type { AcknowledgementMessage, ActivationMessage } from '@vibrissa/protocol';
import { aMessage, anIdentity, aRecord, ManualClock, seededRandom } from '@vibrissa/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noMetrics } from '../../base/metrics.ts';
import { Completions, giveUpAfterMs } from './completions.ts';
import { LoadBalancer } from './load-balancer.ts';
import type { Need } from './schedule.ts';

const namespaces = ['uuid-a', 'uuid-b'];
const needs: Need[] = [
  { hash: 0, memoryMb: 128, concurrency: 1, actionKey: 'a', blackbox: false },
  { hash: 1, memoryMb: 256, concurrency: 4, actionKey: 'b', blackbox: false },
];

function openCompletions() {
  const clock = new ManualClock();
  const balancer = LoadBalancer.open({ metrics: noMetrics, random: seededRandom(1) });
  for (let invoker = 0; invoker < 3; invoker++) balancer.slots.setInvoker(invoker, 512, true);
  const lost: string[] = [];
  const completions = Completions.open({
    clock,
    balancer,
    metrics: noMetrics,
    onLost: (message) => void lost.push(message.activationId),
  });
  function admit(need: Need, message: ActivationMessage, timeLimitMs = 60_000) {
    return completions.admit(message, { invoker: balancer.place(need), need, timeLimitMs });
  }
  return { clock, balancer, completions, lost, admit };
}

function acknowledgement(type: AcknowledgementMessage['type'], activationId: string): AcknowledgementMessage {
  const record = aRecord({ activationId });
  const base = { transactionId: 't', isSystemError: false, invoker: 0 };
  if (type === 'completion') return { ...base, type, activationId };
  return type === 'result' ? { type, transactionId: 't', record } : { ...base, type, record };
}

test.each([
  [100, 180_000],
  [60_000, 180_000],
  [300_000, 660_000],
  [60_001, 181_000],
])('an activation limited to %i ms is given up after %i ms', (limitMs, expectedMs) => {
  expect(giveUpAfterMs(limitMs)).toBe(expectedMs);
});

test('after any history of acknowledgements, repeated, unknown and missing, places and counts equal a recount', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ admit: fc.nat(1), namespace: fc.nat(1) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        acknowledge: fc.nat(60),
        type: fc.constantFrom('result' as const, 'completion' as const, 'combined' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ advanceMs: fc.nat(120_000) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { clock, balancer, completions, lost, admit } = openCompletions();
      const all: { id: string; need: Need; uuid: string; untilMs: number; open: boolean }[] = [];
      const given: string[] = [];
      for (const action of steps) {
        if ('admit' in action) {
          const need = needs[action.admit] as Need;
          const uuid = namespaces[action.namespace] as string;
          const message = aMessage({ user: anIdentity({ namespace: { name: uuid, uuid } }) });
          admit(need, message);
          all.push({
            id: message.activationId,
            need,
            uuid,
            untilMs: clock.monotonicMs() + 180_000,
            open: true,
          });
        } else if ('acknowledge' in action) {
          const one = all[action.acknowledge];
          completions.acknowledge(acknowledgement(action.type, one?.id ?? 'unknown'));
          if (one && action.type !== 'result') one.open = false;
        } else {
          clock.advanceSync(action.advanceMs);
          for (const one of all.filter((each) => each.open && each.untilMs <= clock.monotonicMs())) {
            one.open = false;
            given.push(one.id);
          }
        }
      }
      const open = all.filter((one) => one.open);
      expect(completions.size).toBe(open.length);
      for (const uuid of namespaces) {
        expect(completions.counts.of(uuid)).toBe(open.filter((one) => one.uuid === uuid).length);
      }
      clock.advanceSync(180_000);
      expect(completions.size).toBe(0);
      expect(completions.contentChars).toBe(0);
      expect([0, 1, 2].map((invoker) => balancer.slots.usedMb(invoker))).toEqual([0, 0, 0]);
      expect(lost.sort()).toEqual([...given, ...open.map((one) => one.id)].sort());
    }),
  );
});

test('who waits until nothing is on its way learns it when the last has ended', async () => {
  const { completions, admit } = openCompletions();
  await completions.empty();
  const message = aMessage();
  admit(needs[0] as Need, message);
  let empty = false;
  const waiting = completions.empty().then(() => (empty = true));
  await new Promise(setImmediate);
  expect(empty).toBe(false);
  completions.acknowledge(acknowledgement('combined', message.activationId));
  await waiting;
  expect(empty).toBe(true);
});

test('whoever waits for an activation whose record could not be written is promised nothing', () => {
  const { completions, admit } = openCompletions();
  const heard: string[] = [];
  const told = (word: string) => () => void heard.push(word);
  for (const fault of [{ isSystemError: true, unrecorded: true } as const, { isSystemError: true }]) {
    const message = aMessage({});
    admit(needs[0]!, message).waiter = {
      finished: told('finished'),
      completed: told('completed'),
      lost: told('lost'),
      accepted: told('accepted'),
      unavailable: told('unavailable'),
    };
    const { activationId } = message;
    completions.acknowledge({
      type: 'completion',
      transactionId: 't',
      activationId,
      ...fault,
      invoker: 0,
    });
  }
  expect(heard).toEqual(['unavailable', 'completed']);
});
