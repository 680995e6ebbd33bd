import { describe, expect, test } from 'vitest';
import type { CoreEffect } from '../../src/scheduler/core-messages.ts';
import type { TaskRecord } from '../../src/tasks/task-record.ts';
import { CoreStory } from './core-story.ts';

const old: TaskRecord = {
  id: 'old',
  mesosTaskId: 'old',
  attempt: 1,
  state: 'TASK_STARTING',
  placement: { agentId: 'agent-1', hostname: 'agent-1.example', hostPorts: [] },
};

type Persist = Extract<CoreEffect, { type: 'persist' }>;

/** A story whose writes the test ends. */
function withHeldWrites(): CoreStory {
  const story = CoreStory.subscribed({}, { frameworkId: 'framework-1', tasks: [old] });
  story.holdsWrites = true;
  return story;
}

function writes(story: CoreStory): readonly Persist[] {
  return story.effects.filter((effect): effect is Persist => effect.type === 'persist');
}

function last(story: CoreStory): Persist {
  const write = writes(story).at(-1);
  if (!write) throw new Error('nothing was written');
  return write;
}

function fail(story: CoreStory, { write }: Persist): void {
  story.input({ type: 'persisted', write, error: new Error('the disk is full') });
}

describe('a state that can not be written', () => {
  test('a removal that failed is written again, with growing waits, until it is stored', () => {
    const story = withHeldWrites();
    story.update('old', 'TASK_FINISHED');
    expect(last(story).change).toEqual({ remove: ['old'] });
    const first = last(story);
    fail(story, first);
    expect(last(story)).toBe(first);
    story.advance(1000);
    const second = last(story);
    expect(second.change).toEqual({ remove: ['old'] });
    fail(story, second);
    story.advance(1999);
    expect(last(story)).toBe(second);
    story.advance(1);
    expect(last(story).change).toEqual({ remove: ['old'] });
    story.input({ type: 'persisted', write: last(story).write });
    story.advance(60_000);
    expect(writes(story).at(-1)?.write).toBe(second.write + 1);
  });

  test('what is newer stands: a failed write does not bring back what a later one has changed', () => {
    const story = withHeldWrites();
    story.update('old', 'TASK_RUNNING');
    const older = last(story);
    expect(older.change.put).toMatchObject([{ id: 'old', state: 'TASK_RUNNING' }]);
    story.update('old', 'TASK_FINISHED');
    const newer = last(story);
    expect(newer.change).toEqual({ remove: ['old'] });
    fail(story, older);
    story.input({ type: 'persisted', write: newer.write });
    story.advance(60_000);
    expect(last(story)).toBe(newer);
  });

  test('as long as the framework id is not known to be stored, each write of tasks has it', () => {
    const story = new CoreStory();
    story.holdsWrites = true;
    story.start({ tasks: [] });
    const first = last(story);
    expect(first.change).toEqual({ frameworkId: 'framework-1' });
    story.submit('task');
    story.offer({});
    expect(last(story).change).toMatchObject({ frameworkId: 'framework-1', put: [{ id: 'task' }] });
    fail(story, first);
    story.input({ type: 'persisted', write: last(story).write });
    story.advance(60_000);
    expect(writes(story).filter(({ change }) => change.frameworkId !== undefined)).toHaveLength(2);
  });

  test('who no longer leads writes nothing again: the state is another instance’s', () => {
    const story = withHeldWrites();
    story.update('old', 'TASK_FINISHED');
    fail(story, last(story));
    story.input({ type: 'leadership', leading: false });
    const before = writes(story).length;
    story.advance(60_000);
    expect(writes(story)).toHaveLength(before);
  });
});

describe('a state that does not answer a write', () => {
  function stuck(): { readonly story: CoreStory; readonly write: Persist } {
    const story = CoreStory.subscribed({ limits: { storeTimeoutMs: 20_000 } });
    story.holdsWrites = true;
    story.submit('stuck');
    story.offer({});
    return { story, write: last(story) };
  }

  test('after its time the tasks fail with a warning, their offers go back, and their records are removed', () => {
    const { story } = stuck();
    story.advance(19_999);
    expect(story.outcomesOf('stuck')).toEqual([]);
    story.advance(1);
    expect(story.outcomesOf('stuck')).toEqual(['not-stored']);
    expect(story.notices.filter(({ kind }) => kind === 'warning')).toMatchObject([
      { details: { error: { message: expect.stringContaining('20000 ms') } } },
    ]);
    expect(story.callsOf('DECLINE')).toMatchObject([{ decline: { offer_ids: [{ value: 'offer-1' }] } }]);
    expect(last(story).change).toMatchObject({ remove: ['stuck'] });
    expect(story.core.explain('stuck', story.moment)).toEqual({ kind: 'unknown' });
  });

  test('its answer after that launches nothing, and what it may have brought back is removed again', () => {
    const { story, write } = stuck();
    story.advance(20_000);
    // The store has lost the order of its writes.
    const removal = last(story);
    story.input({ type: 'persisted', write: removal.write });
    story.input({ type: 'persisted', write: write.write });
    expect(story.launched).toEqual([]);
    expect(last(story).write).toBeGreaterThan(removal.write);
    expect(last(story).change).toEqual({ remove: ['stuck'] });
    expect(story.outcomesOf('stuck')).toEqual(['not-stored']);
  });

  test('a late answer leaves a new task of the same id alone', () => {
    const { story, write } = stuck();
    story.advance(20_000);
    story.holdsWrites = false;
    story.submit('stuck');
    story.offer({});
    story.update('stuck', 'TASK_RUNNING');
    story.input({ type: 'persisted', write: write.write });
    expect(last(story).change).toMatchObject({ put: [{ id: 'stuck', state: 'TASK_RUNNING' }] });
    expect(story.stored.has('stuck')).toBe(true);
    expect(story.launched).toHaveLength(1);
  });

  test('what was submitted meanwhile gets its own write, and runs when that one is answered', () => {
    const { story } = stuck();
    story.submit('next');
    story.advance(20_000);
    story.offer({});
    expect(last(story).change.put).toMatchObject([{ id: 'next' }]);
    story.release();
    expect(story.launched).toEqual(['next']);
    story.advance(60_000);
    expect(story.outcomesOf('stuck')).toEqual(['not-stored']);
    expect(story.stored.has('stuck')).toBe(false);
  });

  test.each(['fails', 'is not answered'])('a write that %s keeps no offer of a lost subscription', (how) => {
    const { story, write } = stuck();
    story.end();
    story.advance(1000);
    expect(story.connection).toBe(2);
    if (how === 'fails') fail(story, write);
    else story.advance(20_000);
    expect(story.outcomesOf('stuck')).toEqual(['not-stored']);
    expect(story.callsOf('DECLINE')).toEqual([]);
  });
});

test('an attempt that a former process gave up is killed even when it turns up after the end of the one that replaced it', () => {
  const second: TaskRecord = { ...old, mesosTaskId: 'old.2', attempt: 2, state: 'TASK_RUNNING', ran: true };
  const story = CoreStory.subscribed({}, { frameworkId: 'framework-1', tasks: [second] });
  story.update('old.2', 'TASK_FINISHED');
  expect(story.outcomesOf('old')).toEqual(['ended']);
  story.update('old', 'TASK_RUNNING');
  expect(story.outcomesOf('old')).toEqual(['ended']);
  expect(story.calls.at(-2)).toMatchObject({ type: 'KILL', kill: { task_id: { value: 'old' } } });
  expect(story.calls.at(-1)).toMatchObject({
    type: 'ACKNOWLEDGE',
    acknowledge: { task_id: { value: 'old' } },
  });
  expect(story.stored.has('old')).toBe(false);
});

test('a start after leadership was given again knows nothing of before: each stored task is told of anew (#21)', () => {
  const story = CoreStory.subscribed();
  story.submit('task');
  story.offer({});
  story.update('task', 'TASK_RUNNING');
  story.input({ type: 'leadership', leading: false });
  expect(story.outcomesOf('task')).toEqual(['running', 'not-leader']);
  story.input({ type: 'leadership', leading: true });
  story.start({ frameworkId: 'framework-1', tasks: [...story.stored.values()] });
  story.update('task', 'TASK_FAILED');
  expect(story.outcomesOf('task')).toEqual(['running', 'not-leader', 'ended']);
});
