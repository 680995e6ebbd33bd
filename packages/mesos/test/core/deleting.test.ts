import { describe, expect, test } from 'vitest';
import type { TaskState } from '../../src/wire/index.ts';
import { CoreStory } from './core-story.ts';

describe('deleting', () => {
  test('a task that waits is withdrawn (#51)', () => {
    const story = CoreStory.subscribed();
    story.submit('waits', { cpus: 100 });
    const deletion = story.delete('waits');
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'withdrawn' }]);
    expect(story.outcomesOf('waits')).toEqual(['deleted']);
    story.offer({ cpus: 200 });
    expect(story.launched).toEqual([]);
  });

  test('a task whose record is being written is not launched (#51)', () => {
    const story = CoreStory.subscribed();
    story.holdsWrites = true;
    story.submit('late');
    story.offer({});
    const deletion = story.delete('late');
    expect(story.deleted.get(deletion)).toBeUndefined();
    story.release();
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'withdrawn' }]);
    expect(story.launched).toEqual([]);
    expect(story.outcomesOf('late')).toEqual(['deleted']);
    expect(story.stored.size).toBe(0);
    expect(story.callsOf('DECLINE')).toHaveLength(1);
  });

  test('a task that is on its way is killed before it runs (#51) (O30)', () => {
    const story = CoreStory.subscribed();
    story.submit('staging');
    story.offer({});
    const deletion = story.delete('staging');
    expect(story.killed).toEqual(['staging']);
    story.update('staging', 'TASK_KILLED', { reason: 'REASON_TASK_KILLED_DURING_LAUNCH' });
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state: 'TASK_KILLED' }]);
    expect(story.outcomesOf('staging')).toEqual(['deleted']);
  });

  test('a running task is killed, with its agent named; deletions of a task under way all settle (#51)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    const deletions = [story.delete('web'), story.delete('web')];
    story.update('web', 'TASK_KILLING');
    deletions.push(story.delete('web'));
    expect(story.callsOf('KILL')[0]?.kill).toEqual({
      task_id: { value: 'web' },
      agent_id: { value: 'agent-1' },
    });
    expect(story.stored.get('web')?.unwanted).toBe(true);
    story.update('web', 'TASK_KILLED');
    for (const deletion of deletions) expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended' }]);
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
    expect(story.stored.size).toBe(0);
  });

  test('a task that has ended is deleted already (#51)', () => {
    const story = CoreStory.subscribed();
    story.run('over');
    story.update('over', 'TASK_FINISHED');
    const deletion = story.delete('over');
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state: 'TASK_FINISHED' }]);
    expect(story.killed).toEqual([]);
  });

  test.each<TaskState>(['TASK_FINISHED', 'TASK_FAILED', 'TASK_LOST', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR'])(
    'a deletion succeeds with whatever end: %s (#52)',
    (state) => {
      const story = CoreStory.subscribed();
      story.run('web');
      const deletion = story.delete('web');
      if (state === 'TASK_FINISHED' || state === 'TASK_FAILED') story.update('web', state);
      else story.masterSays('web', state, { reason: 'REASON_AGENT_REMOVED' });
      expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state }]);
      story.advance(60_000);
      expect(story.killed).toEqual(['web']);
    },
  );

  test('a KILL is sent again until the end is told (#53)', () => {
    const story = CoreStory.subscribed();
    story.run('stubborn');
    story.delete('stubborn');
    story.advance(15_000);
    expect(story.killed).toHaveLength(4);
    story.update('stubborn', 'TASK_KILLED');
    story.advance(60_000);
    expect(story.killed).toHaveLength(4);
  });

  test('a KILL that the loss of the subscription swallowed is sent after the next SUBSCRIBED (#53)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.end();
    const deletion = story.delete('web');
    expect(story.killed).toEqual([]);
    story.advance(20_000);
    expect(story.sent.filter(({ call }) => call.type === 'KILL')[0]?.connection).toBe(2);
    story.update('web', 'TASK_KILLED');
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended' }]);
  });

  test('a task that Mesos does not know: the KILL is answered, and not repeated for ever (#54) (O30)', () => {
    const answers: TaskState[] = ['TASK_UNKNOWN', 'TASK_GONE', 'TASK_LOST'];
    for (const state of answers) {
      const story = CoreStory.subscribed();
      story.onCall = (call) => {
        if (call.type === 'KILL') story.masterSays(call.kill.task_id.value, state);
        return { status: 202, text: '' };
      };
      const deletion = story.delete('nobody');
      story.advance(60_000);
      expect(story.killed).toEqual(['nobody']);
      expect(story.deleted.get(deletion)).toEqual([{ kind: 'unknown-task' }]);
      expect(story.told).toEqual([]);
    }
  });

  test('a KILL about which Mesos is silent does not hold the deletion of an unknown task for ever (#54) (O36)', () => {
    const story = CoreStory.subscribed();
    const deletion = story.delete('nobody');
    story.advance(120_000);
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'unknown-task' }]);
    expect(story.killed.length).toBeLessThan(10);
  });

  test('an agent that says of such a task that it never ran gets its acknowledgement (#54)', () => {
    const story = CoreStory.subscribed();
    const deletion = story.delete('dropped');
    const { uuid } = story.update('dropped', 'TASK_DROPPED', { reason: 'REASON_EXECUTOR_TERMINATED' });
    expect(story.acknowledged).toEqual([uuid]);
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state: 'TASK_DROPPED' }]);
    expect(story.told).toEqual([]);
  });

  test('so does one that says it of an attempt that was given up (#54)', () => {
    const placement = { agentId: 'agent-1', hostname: 'agent-1.example', hostPorts: [] };
    const spec = { id: 'web', role: 'web', cpus: 1, memoryMb: 64, command: 'sleep 60' };
    const second = { id: 'web', mesosTaskId: 'web.2', attempt: 2, spec, placement };
    const story = CoreStory.subscribed({}, { frameworkId: 'framework-1', tasks: [second] });
    const { uuid } = story.update('web', 'TASK_DROPPED', { reason: 'REASON_EXECUTOR_TERMINATED' });
    expect(story.acknowledged).toEqual([uuid]);
    expect(story.told).toEqual([]);
    expect([...story.core.tasks()]).toMatchObject([{ mesosTaskId: 'web.2' }]);
  });

  test('a name that was asked for is no task, and is free for one that is submitted meanwhile', () => {
    const story = CoreStory.subscribed();
    const deletion = story.delete('name');
    expect([...story.core.tasks()]).toEqual([]);
    story.submit('name');
    story.offer({});
    story.masterSays('name', 'TASK_UNKNOWN');
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'unknown-task' }]);
    story.update('name.2', 'TASK_RUNNING');
    expect(story.outcomesOf('name')).toEqual(['running']);
  });

  test('the removal of the framework answers the deletions of unknown tasks, too', () => {
    const story = CoreStory.subscribed({ removedFramework: 'new-id' });
    const deletion = story.delete('nobody');
    story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'unknown-task' }]);
  });

  test('without a subscription an unknown task is just unknown (#51)', () => {
    const story = new CoreStory();
    const deletion = story.delete('nobody');
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'unknown-task' }]);
  });

  test('a task that runs in Mesos though nobody here knew it is killed (#51)', () => {
    const story = CoreStory.subscribed();
    const deletion = story.delete('hidden');
    story.update('hidden', 'TASK_RUNNING');
    story.update('hidden', 'TASK_KILLED');
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state: 'TASK_KILLED' }]);
  });

  test('the answer to a KILL of a task that has just ended starts no loop (#54)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.update('web', 'TASK_FINISHED');
    const calls = story.calls.length;
    for (let n = 0; n < 3; n++) story.masterSays('web', 'TASK_GONE');
    expect(story.calls).toHaveLength(calls);
    expect(story.toldOf('web').at(-1)).toBe('TASK_FINISHED');
  });

  test('a group is deleted by its own id, and its members together (#59) (O29)', () => {
    const story = CoreStory.subscribed();
    story.submitPod();
    story.offer({});
    story.update('left', 'TASK_RUNNING');
    story.update('right', 'TASK_RUNNING');
    const deletion = story.delete('pod');
    expect(story.killed.toSorted()).toEqual(['left', 'right']);
    story.update('left', 'TASK_KILLED');
    story.update('right', 'TASK_KILLED');
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended' }]);
    expect(story.stored.size).toBe(0);
  });

  test('a group of which one task never started is deleted without a question that nobody would answer (#59)', () => {
    const story = CoreStory.subscribed();
    story.submitPod();
    story.offer({});
    story.masterSays('left', 'TASK_DROPPED', { reason: 'REASON_INVALID_OFFERS' });
    const deletion = story.delete('pod');
    expect(story.killed).toEqual(['right']);
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended' }]);
    expect([...story.stored.keys()]).toEqual(['right']);
    story.masterSays('right', 'TASK_DROPPED', { reason: 'REASON_INVALID_OFFERS' });
    expect(story.stored.size).toBe(0);
    expect(story.outcomesOf('left')).toEqual(['deleted']);
    expect(story.outcomesOf('right')).toEqual(['deleted']);
  });
});
