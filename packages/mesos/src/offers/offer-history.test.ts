import { describe, expect, test } from 'vitest';
import { anOffer, aRequest, ports, scalar, text } from '../../test/offers/build-offer.ts';
import type { AgentTotals } from '../scheduler/core-messages.ts';
import type { WireOffer } from '../wire/index.ts';
import { impossibleAt } from './impossible-request.ts';
import type { PlacementRequest } from './placement.ts';
import { OfferHistory } from './offer-history.ts';

const seen = { nowMs: 100, onlyRole: 'web' };
const context = { epochMs: 0, sinceMs: 0 };

function explain(request: PlacementRequest, offers: readonly WireOffer[]) {
  const history = new OfferHistory();
  history.saw(offers, seen);
  return history.explain(request, context);
}

describe('a task that waits', () => {
  test('learns what each offer lacked, and the most that there was (#40)', () => {
    const offers = [
      anOffer({ agent: 'a1', resources: [scalar('cpus', 0.5), scalar('mem', 64), ports([1, 3])] }),
      anOffer({ agent: 'a2', resources: [scalar('cpus', 4), scalar('mem', 32)] }),
    ];
    expect(explain(aRequest({ ports: 1 }), offers)).toEqual({
      offersSeen: 2,
      reasons: { cpus: 1, mem: 2, ports: 1 },
      best: { cpus: 4, mem: 64, disk: 0, gpus: 0, ports: 3 },
    });
  });

  test('learns which constraint, role or maintenance kept it from an offer', () => {
    const constraints = [{ attribute: 'rack', operator: 'LIKE', value: 'r1' }] as const;
    const offers = [
      anOffer({ agent: 'a1', attributes: [text('rack', 'r2')] }),
      anOffer({ agent: 'a2', role: 'db' }),
      anOffer({
        agent: 'a3',
        attributes: [text('rack', 'r1')],
        unavailability: { start: { nanoseconds: 0 } },
      }),
    ];
    expect(explain(aRequest({ constraints }), offers).reasons).toEqual({
      'constraint rack LIKE r1': 1,
      role: 1,
      maintenance: 1,
    });
  });

  test('learns that more urgent ones have taken what would have fitted', () => {
    expect(explain(aRequest(), [anOffer()]).reasons).toEqual({ 'other tasks': 1 });
  });

  test('learns that all ports of an agent are blocked (#37)', () => {
    const history = new OfferHistory();
    history.saw([anOffer({ resources: [scalar('cpus', 1), scalar('mem', 128), ports([1, 2])] })], seen);
    const isPortBlocked = (agent: string, port: number) => agent === 'a1' && port === 1;
    const reasons = (count: number) =>
      history.explain(aRequest({ ports: count }), { ...context, isPortBlocked }).reasons;
    expect(reasons(1)).toEqual({ 'other tasks': 1 });
    expect(reasons(2)).toEqual({ ports: 1 });
  });

  test('counts offers of one agent that came together as what they are together (O18)', () => {
    const half = () => anOffer({ resources: [scalar('cpus', 1), scalar('mem', 64)] });
    const shortage = explain(aRequest({ cpus: 2, mem: 200 }), [half(), half()]);
    expect(shortage).toMatchObject({ offersSeen: 2, reasons: { mem: 2 }, best: { cpus: 2, mem: 128 } });
  });

  test('is not told of one role’s offers what another role’s lack', () => {
    const offers = [anOffer({ role: 'db' }), anOffer({ role: 'web', resources: [scalar('mem', 999)] })];
    expect(explain(aRequest(), offers)).toMatchObject({
      reasons: { role: 1, cpus: 1 },
      best: { cpus: 0, mem: 999 },
    });
  });

  test('hears nothing of offers from before it, nor of those that are forgotten', () => {
    const history = new OfferHistory({ capacity: 2 });
    for (const nowMs of [1, 2, 3]) history.saw([anOffer({ agent: `a${nowMs}` })], { nowMs, onlyRole: 'web' });
    expect(history.explain(aRequest(), { epochMs: 0, sinceMs: 0 }).offersSeen).toBe(2);
    expect(history.explain(aRequest(), { epochMs: 0, sinceMs: 3 }).offersSeen).toBe(1);
  });

  test('of a framework with one role, offers need not name it', () => {
    const { allocation_info: _, ...offer } = anOffer();
    expect(explain(aRequest(), [offer]).reasons).toEqual({ 'other tasks': 1 });
  });
});

describe('a task that no agent could take, however empty', () => {
  const agents: readonly AgentTotals[] = [
    { agentId: 'a1', resources: { cpus: 8, mem: 1_024, disk: 0, gpus: 0, ports: 1_001 } },
    { agentId: 'a2', resources: { cpus: 2, mem: 16_384 } },
  ];

  test('is told apart from one that only has to wait', () => {
    expect(impossibleAt(aRequest({ cpus: 8, mem: 1_024 }), agents)).toBeUndefined();
    expect(impossibleAt(aRequest({ cpus: 8, mem: 2_048 }), agents)).toEqual({
      offersSeen: 0,
      reasons: { mem: 1, cpus: 1 },
      best: { cpus: 8, mem: 16_384, disk: 0, gpus: 0, ports: 1_001 },
    });
  });

  test('is not found while no agent is known, nor for ports that an agent doesn’t tell', () => {
    expect(impossibleAt(aRequest({ cpus: 100 }), [])).toBeUndefined();
    expect(impossibleAt(aRequest({ ports: 2_000 }), agents)).toBeUndefined();
    expect(impossibleAt(aRequest({ ports: 2_000 }), agents.slice(0, 1))?.reasons).toEqual({ ports: 1 });
  });
});
