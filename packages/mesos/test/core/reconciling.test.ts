import { describe, expect, test } from 'vitest';
import type { CoreOptions } from '../../src/scheduler/core/core-options.ts';
import type { StoredState } from '../../src/state/framework-state.ts';
import type { TaskRecord } from '../../src/tasks/task-record.ts';
import { CoreStory } from './core-story.ts';

function aRecord(id: string, over: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id,
    mesosTaskId: id,
    attempt: 1,
    spec: { id, role: 'web', cpus: 1, memoryMb: 128, command: 'sleep 60' },
    placement: { agentId: 'agent-1', hostname: 'agent-1.example', hostPorts: [] },
    state: 'TASK_RUNNING',
    ran: true,
    ...over,
  };
}

/** The tasks of all explicit questions so far, call by call. */
function asked(story: CoreStory): readonly (readonly string[])[] {
  return story
    .callsOf('RECONCILE')
    .map(({ reconcile }) => reconcile.tasks.map(({ task_id }) => task_id.value))
    .filter((tasks) => tasks.length > 0);
}

function implicit(story: CoreStory): number {
  return story.callsOf('RECONCILE').filter(({ reconcile }) => reconcile.tasks.length === 0).length;
}

describe('reconciliation', () => {
  test('at SUBSCRIBED all stored tasks are asked about, with their agents; silent ones again until the bound (#64) (O34)', () => {
    const story = CoreStory.subscribed({}, { frameworkId: 'f', tasks: [aRecord('silent'), aRecord('told')] });
    expect(story.callsOf('RECONCILE')[0]?.reconcile.tasks).toContainEqual({
      task_id: { value: 'silent' },
      agent_id: { value: 'agent-1' },
    });
    story.masterSays('told', 'TASK_RUNNING');
    story.advance(4000);
    expect(asked(story)).toEqual([['silent', 'told'], ['silent']]);
    const reconciliation = story.reconcile();
    story.masterSays('told', 'TASK_RUNNING');
    story.advance(650_000);
    expect(implicit(story)).toBe(0);
    story.advance(50_000);
    expect(implicit(story)).toBe(1);
    expect(story.reconciled.get(reconciliation)).toEqual([{ kind: 'reconciled', silent: ['silent'] }]);
    expect(asked(story).length).toBeGreaterThan(15);
    expect(story.stored.has('silent')).toBe(true);
  });

  test('a task that nobody here knows is adopted, told as such, and can be deleted (#65)', () => {
    const story = CoreStory.subscribed();
    story.masterSays('orphan', 'TASK_RUNNING', { agent_id: { value: 'agent-3' } });
    expect(story.told).toMatchObject([{ taskId: 'orphan', adopted: true, reconciliation: true }]);
    expect(story.stored.get('orphan')).toMatchObject({ id: 'orphan', state: 'TASK_RUNNING' });
    const deletion = story.delete('orphan');
    expect(story.callsOf('KILL')[0]?.kill.agent_id).toEqual({ value: 'agent-3' });
    story.update('orphan', 'TASK_KILLED');
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended' }]);
    expect(story.stored.size).toBe(0);
  });

  test('or killed, where that is wished (#65)', () => {
    const story = CoreStory.subscribed({ unknownTasks: 'kill' });
    story.masterSays('orphan', 'TASK_RUNNING', { agent_id: { value: 'agent-3' } });
    expect(story.callsOf('KILL')).toMatchObject([
      { kill: { task_id: { value: 'orphan' }, agent_id: { value: 'agent-3' } } },
    ]);
    story.advance(5000);
    expect(story.killed).toHaveLength(2);
    story.update('orphan', 'TASK_KILLED');
    story.advance(60_000);
    expect(story.killed).toHaveLength(2);
    expect(story.stored.size).toBe(0);
  });

  test('an attempt that a former process gave up is killed, not adopted (#65)', () => {
    const story = CoreStory.subscribed(
      {},
      { frameworkId: 'f', tasks: [aRecord('web', { mesosTaskId: 'web.3', attempt: 3 })] },
    );
    story.masterSays('web', 'TASK_RUNNING');
    story.masterSays('web.2', 'TASK_RUNNING');
    story.masterSays('web.3', 'TASK_RUNNING');
    expect(story.killed.toSorted()).toEqual(['web', 'web.2']);
    expect(story.outcomesOf('web')).toEqual([]);
    story.update('web', 'TASK_KILLED');
    story.update('web.2', 'TASK_KILLED');
    expect(story.told.map(({ mesosTaskId }) => mesosTaskId)).toEqual(['web.3']);
    expect(story.acknowledged).toHaveLength(2);
    expect(story.stored.get('web')?.mesosTaskId).toBe('web.3');
  });

  test('an unknown task that has ended is told, and acknowledged (#65)', () => {
    const story = CoreStory.subscribed();
    const status = story.update('orphan', 'TASK_FINISHED');
    expect(story.told).toMatchObject([
      { taskId: 'orphan', adopted: true, status: { state: 'TASK_FINISHED' } },
    ]);
    expect(story.acknowledged).toEqual([status.uuid]);
    expect(story.outcomesOf('orphan')).toEqual([]);
    expect(story.stored.size).toBe(0);
  });

  test('a task that was told lost and runs again is killed: its owner has replaced it (#66) (O38)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.masterSays('web', 'TASK_LOST', { reason: 'REASON_AGENT_REMOVED' });
    story.masterSays('web', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
    expect(story.killed).toEqual(['web']);
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
    story.update('web', 'TASK_KILLED');
    expect(story.toldOf('web').slice(-3)).toEqual(['TASK_LOST', 'TASK_RUNNING', 'TASK_KILLED']);
    expect(story.stored.size).toBe(0);
  });

  test('a new subscription in the middle of a reconciliation begins it anew; who waits for the old one is told (#68)', () => {
    const story = CoreStory.subscribed({}, { frameworkId: 'f', tasks: [aRecord('a'), aRecord('b')] });
    const first = story.reconcile();
    const second = story.reconcile();
    expect(story.reconciled.get(first)).toEqual([{ kind: 'superseded' }]);
    story.masterSays('a', 'TASK_RUNNING');
    story.end();
    expect(story.reconciled.get(second)).toEqual([{ kind: 'not-subscribed' }]);
    const before = asked(story).length;
    story.advance(20_000);
    expect(asked(story)[before]).toEqual(['a', 'b']);
  });

  test('the end of a task while we were away comes as an answer, or as the repeated update (#69) (O13) (O35)', () => {
    const stored = { frameworkId: 'f', tasks: [aRecord('told'), aRecord('gone')] };
    const story = CoreStory.subscribed({}, stored);
    const end = story.update('told', 'TASK_FINISHED');
    story.masterSays('told', 'TASK_FINISHED');
    expect(story.toldOf('told')).toEqual(['TASK_FINISHED']);
    expect(story.acknowledged).toEqual([end.uuid]);
    expect(story.outcomesOf('told')).toEqual(['ended']);
    // Which master this is nobody knows after a restart: the first minutes are not believed.
    story.masterSays('gone', 'TASK_GONE');
    expect(story.outcomesOf('gone')).toEqual([]);
    story.advance(600_000);
    story.masterSays('gone', 'TASK_GONE');
    expect(story.outcomesOf('gone')).toEqual(['ended']);
    expect(story.stored.size).toBe(0);
  });

  test('it is repeated from time to time', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    expect(implicit(story)).toBe(1);
    story.onCall = (call) => {
      if (call.type === 'RECONCILE') story.masterSays('web', 'TASK_RUNNING');
      return { status: 202, text: '' };
    };
    story.advance(600_000);
    expect(asked(story)).toEqual([['web']]);
    expect(implicit(story)).toBe(2);
    expect(story.toldOf('web')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
  });

  test('a stored launch of which Mesos never heard is made again; not if its spec had a function', () => {
    const launching = (id: string, over: Partial<TaskRecord> = {}): TaskRecord => {
      const { state: _, ran: __, ...record } = aRecord(id, over);
      return record;
    };
    const story = CoreStory.subscribed(
      { limits: { youngMasterMs: 0 } },
      { frameworkId: 'f', tasks: [launching('again'), launching('custom', { customized: true })] },
    );
    story.masterSays('again', 'TASK_GONE');
    story.masterSays('custom', 'TASK_GONE');
    story.offer({});
    expect(story.launched).toEqual(['again.2']);
    expect(story.outcomesOf('custom')).toEqual(['lost']);
    story.update('again.2', 'TASK_RUNNING');
    expect(story.outcomesOf('again')).toEqual(['running']);
  });

  describe('of a master whose age was asked beforehand', () => {
    const nowEpochMs = 1_700_000_001_000;
    const launch = (launchedAtMs: number): StoredState => {
      const { state: _, ran: __, ...record } = aRecord('web', { launchedAtMs });
      return { frameworkId: 'f', tasks: [record] };
    };
    const led = (ms: number, id = 'master-1'): Partial<CoreOptions> => ({
      knownMaster: { id, sinceEpochMs: nowEpochMs - ms },
    });

    test.each([
      ['it leads for long', led(700_000), nowEpochMs - 800_000, ['web.2']],
      ['it led already when the task was launched', led(60_000), nowEpochMs - 30_000, ['web.2']],
      ['it began to lead after the launch, not long ago', led(60_000), nowEpochMs - 90_000, []],
      ['it is another one than was asked', led(700_000, 'other'), nowEpochMs - 800_000, []],
    ])('“unknown task” counts by its age: %s', (_, options, launchedAtMs, launched) => {
      const story = CoreStory.subscribed(options, launch(launchedAtMs));
      story.masterSays('web', 'TASK_GONE');
      story.offer({});
      expect(story.launched).toEqual(launched);
    });

    test('the next master is young again', () => {
      const story = CoreStory.subscribed(led(700_000), launch(nowEpochMs - 800_000));
      story.masterId = 'master-2';
      story.end();
      story.advance(1000);
      story.masterSays('web', 'TASK_GONE');
      story.offer({});
      expect(story.launched).toEqual([]);
    });
  });

  test('a stored task that was to be killed is killed at the first SUBSCRIBED', () => {
    const story = CoreStory.subscribed({}, { frameworkId: 'f', tasks: [aRecord('web', { unwanted: true })] });
    expect(story.killed).toEqual(['web']);
  });

  test('100,000 tasks are asked about in chunks of a thousand, and none is told again (#67)', () => {
    const tasks = Array.from({ length: 100_000 }, (_, n) => aRecord(`task-${n}`));
    const story = new CoreStory();
    story.onCall = (call) => {
      if (call.type !== 'RECONCILE') return { status: 202, text: '' };
      for (const { task_id, agent_id } of call.reconcile.tasks) {
        story.masterSays(task_id.value, 'TASK_RUNNING', agent_id ? { agent_id } : {});
      }
      return { status: 202, text: '' };
    };
    story.start({ frameworkId: 'f', tasks });
    const reconciliation = story.reconcile();
    expect(asked(story).length).toBeGreaterThanOrEqual(200);
    expect(Math.max(...asked(story).map((chunk) => chunk.length))).toBe(1000);
    expect(story.reconciled.get(reconciliation)).toEqual([{ kind: 'reconciled', silent: [] }]);
    // The first answer tells a record's state; the second round tells nothing new.
    expect(story.told).toHaveLength(100_000);
  });
});
