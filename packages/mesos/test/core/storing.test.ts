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
