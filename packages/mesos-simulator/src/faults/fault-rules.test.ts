import { describe, expect, it } from 'vitest';
import { FaultRules } from './fault-rules.ts';

const swallow = { kind: 'swallow' } as const;
const accept = { on: 'calls', type: 'ACCEPT', frameworkId: 'f' } as const;

describe('fault rules', () => {
  it('strike what they name, and nothing else', () => {
    const rules = new FaultRules();
    rules.add({ on: 'calls', type: 'ACCEPT', frameworkId: 'f', fault: swallow });
    rules.add({ on: 'to-agent', agent: 2, fault: { kind: 'drop' } });
    expect(rules.strike(accept)).toEqual(swallow);
    expect(rules.strike({ ...accept, type: 'KILL' })).toBeUndefined();
    expect(rules.strike({ ...accept, frameworkId: 'g' })).toBeUndefined();
    expect(rules.strike({ ...accept, on: 'events' })).toBeUndefined();
    expect(rules.strike({ on: 'to-agent', type: 'run-task', agent: 1 })).toBeUndefined();
    expect(rules.strike({ on: 'to-agent', type: 'run-task', agent: 2 })).toEqual({ kind: 'drop' });
  });

  it('let some pass, strike so often, and then leave it to the next rule', () => {
    const rules = new FaultRules();
    rules.add({ on: 'calls', fault: swallow, skip: 1, times: 2 });
    rules.add({ on: 'calls', fault: { kind: 'drop' }, times: 1 });
    const kinds = Array.from({ length: 5 }, () => rules.strike(accept)?.kind);
    expect(kinds).toEqual(['drop', 'swallow', 'swallow', undefined, undefined]);
    expect(rules.list().map(({ struck }) => struck)).toEqual([2, 1]);
  });

  it('can be taken back, one or all', () => {
    const rules = new FaultRules();
    const first = rules.add({ on: 'calls', type: 'ACCEPT', fault: swallow });
    rules.add({ on: 'calls', fault: { kind: 'drop' } });
    expect(rules.remove(first)).toBe(true);
    expect(rules.remove(first)).toBe(false);
    expect(rules.strike(accept)).toEqual({ kind: 'drop' });
    rules.clear();
    expect(rules.strike(accept)).toBeUndefined();
  });
});
