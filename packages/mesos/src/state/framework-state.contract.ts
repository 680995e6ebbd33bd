import { expect, test } from 'vitest';

import type { TaskRecord } from '../tasks/task-record.ts';
import type { FrameworkState } from './framework-state.ts';

/** A state under test. */
export interface StateUnderTest {
  readonly state: FrameworkState;
  /** What a successor does after this one was closed; absent for an adapter that keeps nothing that long. */
  readonly reopen?: () => Promise<FrameworkState>;
}

export function taskRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  return { id, mesosTaskId: id, attempt: 1, ...more };
}

/** What every framework state promises. */
export function frameworkStateContract(
  open: () => Promise<StateUnderTest>,
  { survivesClose }: { readonly survivesClose: boolean },
): void {
  async function withState(story: (under: StateUnderTest) => Promise<void>): Promise<void> {
    const under = await open();
    try {
      await story(under);
    } finally {
      await under.state.close();
    }
  }

  test('is empty at first', () =>
    withState(async ({ state }) => {
      expect(await state.load()).toEqual({ tasks: [] });
    }));

  test('gives back the framework id and the records that were written', () =>
    withState(async ({ state }) => {
      const placement = { agentId: 'agent-1', hostname: 'höst', hostPorts: [31000] };
      await state.write({ frameworkId: 'fw-1', put: [taskRecord('a', { placement }), taskRecord('b')] });
      expect(await state.load()).toEqual({
        frameworkId: 'fw-1',
        tasks: [taskRecord('a', { placement }), taskRecord('b')],
      });
    }));

  test('replaces a record by its id, removes records, and forgets the framework id', () =>
    withState(async ({ state }) => {
      await state.write({ frameworkId: 'fw-1', put: [taskRecord('a'), taskRecord('b')] });
      await state.write({ put: [taskRecord('a', { mesosTaskId: 'a.2', attempt: 2 })] });
      await state.write({ frameworkId: null, remove: ['b', 'never-there'] });
      expect(await state.load()).toEqual({ tasks: [taskRecord('a', { mesosTaskId: 'a.2', attempt: 2 })] });
    }));

  test('a change that says nothing of the framework id leaves it', () =>
    withState(async ({ state }) => {
      await state.write({ frameworkId: 'fw-1' });
      await state.write({ put: [taskRecord('a')] });
      expect(await state.load()).toMatchObject({ frameworkId: 'fw-1' });
    }));

  test('writes take effect in the order of the calls, though nobody waits for them', () =>
    withState(async ({ state }) => {
      const writes = Array.from({ length: 50 }, (_, attempt) =>
        state.write({ put: [taskRecord('a', { attempt })] }),
      );
      await Promise.all(writes);
      expect((await state.load()).tasks).toEqual([taskRecord('a', { attempt: 49 })]);
    }));

  test('ids are data, whatever they are called', () =>
    withState(async ({ state }) => {
      const ids = ['__proto__', 'constructor', 'a\nb', 'ü "quoted"', ''];
      await state.write({ put: ids.map((id) => taskRecord(id)) });
      expect((await state.load()).tasks.map(({ id }) => id)).toEqual(ids);
    }));

  test('close waits for the writes under way, refuses later ones, and may be called twice', () =>
    withState(async ({ state }) => {
      const written = state.write({ put: [taskRecord('a')] });
      await state.close();
      await written;
      await state.close();
      await expect(state.write({ put: [taskRecord('b')] })).rejects.toMatchObject({ code: 'STATE_CLOSED' });
      await expect(state.load()).rejects.toMatchObject({ code: 'STATE_CLOSED' });
    }));

  if (!survivesClose) return;

  test('a successor finds what was written', () =>
    withState(async ({ state, reopen }) => {
      await state.write({ frameworkId: 'fw-1', put: [taskRecord('a'), taskRecord('b')] });
      await state.write({ remove: ['a'] });
      await state.close();
      const successor = await reopen!();
      expect(await successor.load()).toEqual({ frameworkId: 'fw-1', tasks: [taskRecord('b')] });
      await successor.close();
    }));
}
