import { describe, expect, test } from 'vitest';
import type { CoreOptions } from '../../src/scheduler/core/core-options.ts';
import { CoreStory } from './core-story.ts';

/** A launch under an id that a task of an earlier life has, about which nobody knew. */
function launchedTwice(options: Partial<CoreOptions> = {}): CoreStory {
  const story = CoreStory.subscribed(options);
  story.submit('web');
  story.offer({});
  story.masterSays('web', 'TASK_ERROR', {
    reason: 'REASON_TASK_INVALID',
    message: 'Task has duplicate ID: web',
  });
  return story;
}

describe('a launch whose id a task of an earlier life has', () => {
  test('the task that has the id is asked about, adopted, and neither killed nor told dead (#56) (O27)', () => {
    const story = launchedTwice();
    expect(story.stored.has('web')).toBe(false);
    expect(story.callsOf('RECONCILE').at(-1)?.reconcile.tasks).toEqual([{ task_id: { value: 'web' } }]);
    story.masterSays('web', 'TASK_RUNNING', { agent_id: { value: 'agent-7' } });
    story.update('web', 'TASK_RUNNING', { agent_id: { value: 'agent-7' } });
    story.advance(60_000);
    expect(story.killed).toEqual([]);
    expect(story.told).toMatchObject([
      { taskId: 'web', adopted: true, status: { state: 'TASK_RUNNING' } },
      { taskId: 'web', adopted: true, status: { state: 'TASK_RUNNING' } },
    ]);
    expect(story.stored.get('web')).toMatchObject({ state: 'TASK_RUNNING' });
    expect(story.acknowledged).toHaveLength(1);
  });

  test('or is killed, where unknown tasks are (#56)', () => {
    const story = launchedTwice({ unknownTasks: 'kill' });
    story.masterSays('web', 'TASK_RUNNING');
    expect(story.killed).toEqual(['web']);
  });

  test('who deletes a task whose id turns out to be taken has withdrawn it (#56)', () => {
    const story = CoreStory.subscribed();
    story.submit('web');
    story.offer({});
    const deletion = story.delete('web');
    story.masterSays('web', 'TASK_ERROR', { message: 'Task has duplicate ID: web' });
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'withdrawn' }]);
    expect(story.outcomesOf('web')).toEqual(['deleted']);
  });

  test('of a group that is refused for one member’s id each task says why (#56) (O29)', () => {
    const story = CoreStory.subscribed();
    story.submitPod();
    story.offer({});
    const message = "Task 'right' is invalid: Task has duplicate ID: right";
    for (const id of ['left', 'right']) {
      story.masterSays(id, 'TASK_ERROR', { reason: 'REASON_TASK_GROUP_INVALID', message });
    }
    expect(story.outcomesOf('left')).toEqual(['invalid-task']);
    expect(story.outcomesOf('right')).toEqual(['duplicate-task']);
    expect(story.stored.size).toBe(0);
  });

  test('an unknown task that runs under the id of one that waits is not taken for it (#56)', () => {
    const story = CoreStory.subscribed();
    story.submit('web');
    story.update('web', 'TASK_RUNNING');
    expect(story.outcomesOf('web')).toEqual([]);
    story.offer({});
    story.update('web.2', 'TASK_RUNNING');
    expect(story.outcomesOf('web')).toEqual(['running']);
    expect(story.launched).toEqual(['web.2']);
  });
});
