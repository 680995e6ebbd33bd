import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReconcileCall } from '../wire/index.ts';
import { ReconcilePlan, type TaskInQuestion } from './reconcile-plan.ts';

function tasks(count: number): TaskInQuestion[] {
  return Array.from({ length: count }, (_, index) => ({
    mesosTaskId: `t${index}`,
    agentId: `S${index % 7}`,
  }));
}

function asked(calls: readonly ReconcileCall[]): string[] {
  return calls.flatMap((call) => call.reconcile.tasks.map(({ task_id: id }) => id.value));
}

function isImplicit(calls: readonly ReconcileCall[]): boolean {
  return calls.length === 1 && calls[0]?.reconcile.tasks.length === 0;
}

describe('a reconciliation', () => {
  test('asks by name, with the agent, and then for all', () => {
    const plan = new ReconcilePlan();
    plan.begin({ tasks: tasks(2), nowMs: 0 });
    expect(plan.nextDeadlineMs).toBe(0);
    expect(plan.due(0)).toEqual([
      {
        type: 'RECONCILE',
        reconcile: {
          tasks: [
            { task_id: { value: 't0' }, agent_id: { value: 'S0' } },
            { task_id: { value: 't1' }, agent_id: { value: 'S1' } },
          ],
        },
      },
    ]);
    plan.answered('t0');
    expect(plan.due(100)).toEqual([]);
    plan.answered('t1');
    expect(plan.nextDeadlineMs).toBeLessThanOrEqual(100);
    expect(plan.due(100)).toEqual([{ type: 'RECONCILE', reconcile: { tasks: [] } }]);
    expect(plan.result).toEqual({ run: 1, silent: [] });
    expect(plan.isRunning).toBe(false);
    expect(plan.due(200)).toEqual([]);
  });

  test('without tasks asks for all at once (#65)', () => {
    const plan = new ReconcilePlan();
    plan.begin({ tasks: [], nowMs: 5 });
    expect(isImplicit(plan.due(5))).toBe(true);
  });

  test('asks again for those that are silent, with growing waits, up to the bound (#64)', () => {
    const plan = new ReconcilePlan();
    plan.begin({ tasks: tasks(3), nowMs: 0, boundMs: 600_000 });
    plan.due(0);
    plan.answered('t1');
    const times: number[] = [];
    while (plan.isRunning) {
      const nowMs = plan.nextDeadlineMs!;
      times.push(nowMs);
      expect(plan.due(nowMs - 1)).toEqual([]);
      const calls = plan.due(nowMs);
      if (plan.isRunning) expect(asked(calls)).toEqual(['t0', 't2']);
      else expect(isImplicit(calls)).toBe(true);
    }
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(waits.slice(0, 5)).toEqual([4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(Math.max(...waits)).toBe(30_000);
    expect(times.at(-1)).toBe(600_000);
    expect(plan.result).toEqual({ run: 1, silent: ['t0', 't2'] });
  });

  test('asks for tasks without a known agent after the others', () => {
    const plan = new ReconcilePlan({ chunk: 2 });
    plan.begin({ tasks: [{ mesosTaskId: 'homeless' }, ...tasks(2)], nowMs: 0 });
    expect(plan.due(0).map((call) => asked([call]))).toEqual([['t0', 't1'], ['homeless']]);
  });

  test('a newer one ends the older (#68)', () => {
    const plan = new ReconcilePlan();
    const first = plan.begin({ tasks: tasks(3), nowMs: 0 });
    plan.due(0);
    const second = plan.begin({ tasks: tasks(1), nowMs: 1_000 });
    expect(second).not.toBe(first);
    expect(asked(plan.due(1_000))).toEqual(['t0']);
    plan.answered('t0');
    plan.due(1_001);
    expect(plan.result).toEqual({ run: second, silent: [] });
  });

  test('begins anew a period after its end', () => {
    const plan = new ReconcilePlan({ periodMs: 1_000 });
    plan.begin({ tasks: [], nowMs: 0 });
    expect(plan.isPeriodDue(10_000)).toBe(false);
    plan.due(10);
    expect(plan.nextDeadlineMs).toBe(1_010);
    expect(plan.isPeriodDue(1_009)).toBe(false);
    expect(plan.isPeriodDue(1_010)).toBe(true);
    plan.begin({ tasks: [], nowMs: 1_010 });
    expect(plan.isPeriodDue(9_999)).toBe(false);
  });

  test('asks nothing after its cancellation', () => {
    const plan = new ReconcilePlan();
    plan.begin({ tasks: tasks(2), nowMs: 0 });
    plan.cancel();
    expect(plan.due(0)).toEqual([]);
    expect(plan.nextDeadlineMs).toBeUndefined();
    plan.answered('t0');
    expect(plan.due(1e9)).toEqual([]);
  });

  test('asks for 100,000 tasks a thousand at a time, each once (#67)', () => {
    const plan = new ReconcilePlan();
    plan.begin({ tasks: tasks(100_000), nowMs: 0 });
    const all: string[] = [];
    for (;;) {
      const calls = plan.due(0);
      if (!plan.isRunning) {
        expect(isImplicit(calls)).toBe(true);
        break;
      }
      // Not so many that either side could choke.
      expect(calls.length).toBeLessThanOrEqual(10);
      expect(Math.max(...calls.map((call) => call.reconcile.tasks.length))).toBe(1_000);
      for (const id of asked(calls)) {
        all.push(id);
        plan.answered(id);
        if (all.length % 1_000 === 1) expect(plan.nextDeadlineMs).toBeGreaterThan(0);
      }
    }
    expect(all).toHaveLength(100_000);
    expect(new Set(all).size).toBe(100_000);
    expect(plan.result?.silent).toEqual([]);
  });

  test('is not held up by tasks that a master is silent about', () => {
    const plan = new ReconcilePlan({ chunk: 10 });
    plan.begin({ tasks: tasks(250), nowMs: 0 });
    const passes: string[][] = [[]];
    const times: number[] = [];
    while (passes.length < 3) {
      const nowMs = plan.nextDeadlineMs!;
      const ids = asked(plan.due(nowMs));
      times.push(nowMs);
      passes.at(-1)!.push(...ids);
      if (passes.at(-1)!.length === 250) passes.push([]);
    }
    expect(times).toEqual([0, 1_000, 2_000, 6_000, 7_000, 8_000]);
    expect(new Set(passes[0])).toEqual(new Set(tasks(250).map(({ mesosTaskId }) => mesosTaskId)));
    expect(passes[1]).toEqual(passes[0]);
  });

  test('asks about the next ones as soon as most of the former are answered', () => {
    const plan = new ReconcilePlan({ chunk: 10 });
    plan.begin({ tasks: tasks(250), nowMs: 0 });
    const first = asked(plan.due(0));
    expect(first).toHaveLength(100);
    for (const id of first.slice(0, 49)) plan.answered(id);
    expect(plan.due(1)).toEqual([]);
    plan.answered(first[49]!);
    expect(asked(plan.due(2))).toHaveLength(100);
    expect(plan.due(3)).toEqual([]);
  });

  test('whatever is answered when, each open task is asked for and each run ends by its bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.nat(40)),
        fc.nat(120_000),
        (count, answers, boundMs) => {
          const plan = new ReconcilePlan({ chunk: 4 });
          plan.begin({ tasks: tasks(count), nowMs: 0, boundMs });
          const open = new Set(tasks(count).map(({ mesosTaskId }) => mesosTaskId));
          const left = [...answers];
          let nowMs = 0;
          while (plan.isRunning) {
            nowMs = Math.max(nowMs, plan.nextDeadlineMs!);
            expect(nowMs).toBeLessThanOrEqual(boundMs);
            const calls = plan.due(nowMs);
            if (plan.isRunning) expect(new Set(asked(calls))).toEqual(open);
            else expect(isImplicit(calls)).toBe(true);
            const answer = left.pop();
            if (answer === undefined || !plan.isRunning) continue;
            plan.answered(`t${answer}`);
            open.delete(`t${answer}`);
          }
          expect(new Set(plan.result?.silent)).toEqual(open);
        },
      ),
    );
  });
});
