import { describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../src/tasks/task-record.ts';
import { CoreStory } from './core-story.ts';

function aRecord(id: string, over: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id,
    mesosTaskId: id,
    attempt: 1,
    spec: { id, role: 'web', cpus: 1, memoryMb: 128, command: 'sleep 60' },
    placement: { agentId: 'agent-1', hostname: 'agent-1.example', hostPorts: [] },
    ...over,
  };
}

describe('subscribing', () => {
  test('the first SUBSCRIBE names no framework; the id that Mesos gives is stored (#16)', () => {
    const story = CoreStory.subscribed();
    expect(story.subscribes).toHaveLength(1);
    expect(story.subscribes[0]).not.toHaveProperty('framework_id');
    expect(story.subscribes[0]?.subscribe.framework_info).not.toHaveProperty('id');
    expect(story.storedFrameworkId).toBe('framework-1');
    expect(story.notices).toContainEqual({
      kind: 'subscribed',
      frameworkId: 'framework-1',
      masterVersion: '1.12.0',
      masterId: 'master-1',
    });
  });

  test('with a stored id SUBSCRIBE names it in both places, and idle roles are suppressed (#17)', () => {
    const story = CoreStory.subscribed({}, { frameworkId: 'framework-9', tasks: [] });
    expect(story.subscribes[0]).toMatchObject({
      framework_id: { value: 'framework-9' },
      subscribe: { framework_info: { id: { value: 'framework-9' } }, suppressed_roles: ['web'] },
    });
    expect(story.storedFrameworkId).toBe('framework-9');
  });

  test('a master that is silent too long is given up, and subscribed to again (#18)', () => {
    const story = CoreStory.subscribed();
    story.advance(120_000, { silent: true });
    expect(story.notices.some(({ kind }) => kind === 'lost')).toBe(true);
    expect(story.effects.filter(({ type }) => type === 'disconnect').length).toBeGreaterThan(0);
    expect(story.subscribes.length).toBeGreaterThan(1);
    expect(story.subscribes.at(-1)?.framework_id).toEqual({ value: 'framework-1' });
  });

  test('a stream that the master closes is opened again, with what waits asked for (#19)', () => {
    const story = CoreStory.subscribed();
    story.submit('late');
    story.end();
    story.advance(20_000);
    expect(story.connection).toBe(2);
    const ofSecond = story.sent.filter(({ connection }) => connection === 2).map(({ call }) => call.type);
    expect(ofSecond).toContain('REVIVE');
    story.offer({});
    expect(story.launched).toEqual(['late']);
  });

  test('an ERROR instead of SUBSCRIBED is a refusal: told, not repeated, and what waits goes on waiting (#20) (O2)', () => {
    const story = new CoreStory();
    story.onSubscribe = () => {
      const { connection } = story;
      story.input({ type: 'opened', connection, streamId: 's' });
      story.event({ type: 'ERROR', error: { message: "Role 'web' is not allowed" } });
    };
    story.start({ tasks: [] });
    story.submit('patient');
    story.advance(60_000);
    expect(story.notices).toContainEqual({
      kind: 'refused',
      status: 200,
      reason: "Role 'web' is not allowed",
    });
    expect(story.subscribes).toHaveLength(1);
    expect(story.outcomesOf('patient')).toEqual([]);
    story.onSubscribe = () => story.confirm();
    story.start({ tasks: [] });
    story.offer({});
    story.update('patient', 'TASK_RUNNING');
    expect(story.outcomesOf('patient')).toEqual(['running']);
  });

  test('"Framework failed over" makes it stand down: everything settles, nothing is tried until it leads again (#21) (O11)', () => {
    const story = CoreStory.subscribed();
    story.run('runs');
    story.submit('waits', { cpus: 100 });
    const deletion = story.delete('runs');
    const calls = story.calls.length;
    story.event({ type: 'ERROR', error: { message: 'Framework failed over' } });
    story.advance(600_000);
    expect(story.subscribes).toHaveLength(1);
    expect(story.calls).toHaveLength(calls);
    expect(story.outcomesOf('runs')).toEqual(['running', 'not-leader']);
    expect(story.outcomesOf('waits')).toEqual(['not-leader']);
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'not-leader' }]);
    story.submit('refused');
    expect(story.outcomesOf('refused')).toEqual(['not-leader']);
    story.input({ type: 'leadership', leading: true });
    expect(story.subscribes).toHaveLength(2);
    expect(story.stored.has('runs')).toBe(true);
  });

  test('who does not lead disconnects; who leads again subscribes with the same id (#21)', () => {
    const story = CoreStory.subscribed();
    story.submit('waits');
    story.input({ type: 'leadership', leading: false });
    expect(story.effects.at(-1)?.type).not.toBe('connect');
    expect(story.effects.some(({ type }) => type === 'disconnect')).toBe(true);
    expect(story.outcomesOf('waits')).toEqual(['not-leader']);
    story.input({ type: 'leadership', leading: true });
    expect(story.subscribes.at(-1)?.framework_id).toEqual({ value: 'framework-1' });
  });

  test('before its first start, too, an instance that does not lead takes no tasks (#21)', () => {
    const story = new CoreStory();
    story.submit('early');
    story.input({ type: 'leadership', leading: false });
    story.submit('late');
    expect(story.outcomesOf('early')).toEqual(['not-leader']);
    expect(story.outcomesOf('late')).toEqual(['not-leader']);
  });

  test('a removed framework settles everything and is not tried again; its state stays for people to decide (#22) (O14)', () => {
    const story = CoreStory.subscribed({}, { frameworkId: 'dead', tasks: [aRecord('old')] });
    story.submit('waits');
    const reconciliation = story.reconcile();
    story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    story.advance(600_000);
    expect(story.subscribes).toHaveLength(1);
    expect(story.outcomesOf('waits')).toEqual(['framework-removed']);
    expect(story.reconciled.get(reconciliation)).toHaveLength(1);
    expect(story.storedFrameworkId).toBe('dead');
    expect(story.stored.has('old')).toBe(true);
    expect(story.notices.at(-1)).toMatchObject({ kind: 'removed', recordedTasks: 1 });
  });

  test('by policy a removed framework gets a new id, and what waits is launched under it (#22)', () => {
    const story = CoreStory.subscribed({ removedFramework: 'new-id' }, { frameworkId: 'dead', tasks: [] });
    story.submit('waits');
    story.frameworkId = 'fresh';
    story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    expect(story.subscribes).toHaveLength(2);
    expect(story.subscribes[1]).not.toHaveProperty('framework_id');
    expect(story.storedFrameworkId).toBe('fresh');
    story.offer({});
    expect(story.launched).toEqual(['waits']);
  });

  test('before the new id the end of each task of the removed framework is told, and handled (#22)', () => {
    const story = CoreStory.subscribed(
      { removedFramework: 'new-id' },
      { frameworkId: 'dead', tasks: [aRecord('old')] },
    );
    story.run('runs');
    story.submit('launched');
    story.offer({});
    story.frameworkId = 'fresh';
    const deletion = story.delete('runs');
    story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    expect(story.toldOf('old')).toEqual(['TASK_KILLED']);
    expect(story.toldOf('runs').at(-1)).toBe('TASK_KILLED');
    expect(story.outcomesOf('runs')).toEqual(['running', 'ended']);
    expect(story.outcomesOf('launched')).toEqual(['framework-removed']);
    expect(story.deleted.get(deletion)).toMatchObject([{ kind: 'ended', state: 'TASK_KILLED' }]);
    expect([...story.core.tasks()]).toEqual([]);
    expect(story.stored.size).toBe(0);
    expect(story.storedFrameworkId).toBe('fresh');
    story.submit('runs');
    story.offer({});
    expect(story.callsOf('ACCEPT').at(-1)).toBeDefined();
    expect(story.sent.at(-1)).toMatchObject({ frameworkId: 'fresh' });
  });

  test('an end that its owner was handling when the framework was removed is not kept for ever (#22)', () => {
    const story = CoreStory.subscribed({ removedFramework: 'new-id' });
    for (const id of ['handled', 'failed']) story.run(id);
    story.onTask = ({ taskId }) => (taskId === 'failed' ? new Error('database down') : undefined);
    story.update('failed', 'TASK_FINISHED');
    story.holdsUpdates = true;
    story.update('handled', 'TASK_FINISHED');
    story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    story.onTask = () => undefined;
    story.release();
    story.advance(20_000);
    expect(story.toldOf('failed').at(-1)).toBe('TASK_FINISHED');
    expect(story.stored.size).toBe(0);
    expect([...story.core.tasks()]).toEqual([]);
  });

  test('a new master that knows no tasks is not believed for ten minutes; agents that come late bring them back (#23) (O36)', () => {
    const story = CoreStory.subscribed();
    story.run('kept');
    story.end({ kind: 'unreachable', error: new Error('gone') });
    story.masterId = 'master-2';
    story.onCall = (call) => {
      if (call.type === 'RECONCILE' && call.reconcile.tasks.length > 0)
        story.masterSays('kept', 'TASK_UNKNOWN');
      return { status: 202, text: '' };
    };
    story.advance(590_000);
    expect(story.outcomesOf('kept')).toEqual(['running']);
    expect(story.toldOf('kept')).toEqual(['TASK_STARTING', 'TASK_RUNNING']);
    story.masterSays('kept', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
    expect(story.outcomesOf('kept')).toEqual(['running']);
    expect(story.stored.has('kept')).toBe(true);
  });

  test('a new master that does not know a task after ten minutes is believed (#23)', () => {
    const story = CoreStory.subscribed();
    story.run('lost');
    story.end({ kind: 'unreachable', error: new Error('gone') });
    story.masterId = 'master-2';
    story.onCall = (call) => {
      if (call.type === 'RECONCILE' && call.reconcile.tasks.length > 0)
        story.masterSays('lost', 'TASK_UNKNOWN');
      return { status: 202, text: '' };
    };
    story.advance(700_000);
    expect(story.outcomesOf('lost')).toEqual(['running', 'ended']);
    expect(story.stored.has('lost')).toBe(false);
  });

  test('all masters down for a minute: tasks are kept, and asked about when one is back (#24)', () => {
    const story = CoreStory.subscribed();
    story.run('kept');
    story.onSubscribe = () => story.end({ kind: 'unreachable', error: new Error('connection refused') });
    story.end({ kind: 'unreachable', error: new Error('reset') });
    story.advance(60_000);
    expect(story.stored.has('kept')).toBe(true);
    story.onSubscribe = () => story.confirm();
    story.advance(20_000);
    const asked = story.callsOf('RECONCILE').flatMap(({ reconcile }) => reconcile.tasks);
    expect(asked).toContainEqual({ task_id: { value: 'kept' }, agent_id: { value: 'agent-1' } });
    expect(story.outcomesOf('kept')).toEqual(['running']);
  });

  test('what an earlier connection still says counts no longer (#25)', () => {
    const story = CoreStory.subscribed();
    story.run('kept');
    story.end();
    story.advance(20_000);
    expect(story.connection).toBe(2);
    const connection = 1;
    story.input(
      { type: 'ended', connection, end: { kind: 'ended' } },
      { type: 'event', connection, event: { type: 'ERROR', error: { message: 'Framework failed over' } } },
      {
        type: 'answered',
        connection,
        answer: { callId: 1, status: 403, text: 'Framework is not subscribed' },
      },
    );
    expect(story.subscribes).toHaveLength(2);
    expect(story.outcomesOf('kept')).toEqual(['running']);
  });

  test('the failover timeout passed while it was down: the removal is told at the next subscription (#26)', () => {
    const story = CoreStory.subscribed();
    story.run('killed');
    story.end({ kind: 'unreachable', error: new Error('reset') });
    story.onSubscribe = () => {
      const { connection } = story;
      story.input({ type: 'opened', connection, streamId: 's' });
      story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
    };
    story.advance(60_000);
    expect(story.outcomesOf('killed')).toEqual(['running', 'framework-removed']);
    expect(story.subscribes).toHaveLength(2);
  });

  test('a changed principal is refused with its sentence (#27)', () => {
    const story = new CoreStory();
    const message = "Changing framework's principal is not allowed.";
    story.onSubscribe = () => {
      const { connection } = story;
      story.input({ type: 'opened', connection, streamId: 's' });
      story.event({ type: 'ERROR', error: { message } });
    };
    story.start({ frameworkId: 'framework-1', tasks: [] });
    expect(story.notices).toContainEqual({ kind: 'refused', status: 200, reason: message });
  });

  test('another set of roles subscribes with them, and a task of a dropped role is invalid (#27)', () => {
    const framework = { user: 'root', name: 'story', roles: ['web', 'batch'] };
    const story = CoreStory.subscribed({ framework }, { frameworkId: 'framework-1', tasks: [] });
    expect(story.subscribes[0]?.subscribe.framework_info.roles).toEqual(['web', 'batch']);
    story.submit('other', { role: 'dropped' });
    expect(story.outcomesOf('other')).toEqual(['invalid-task']);
  });
});

describe('an instance that may not act', () => {
  test('does not subscribe, and tries again when it leads', () => {
    let may = false;
    const story = CoreStory.subscribed({ mayAct: () => may });
    expect(story.subscribes).toHaveLength(0);
    may = true;
    story.input({ type: 'leadership', leading: true });
    expect(story.subscribes).toHaveLength(1);
  });

  test('sends neither ACCEPT nor KILL; the task goes on waiting, the KILL is tried again', () => {
    let may = true;
    const story = CoreStory.subscribed({ mayAct: () => may });
    story.run('runs');
    story.holdsWrites = true;
    story.submit('waits');
    story.offer({});
    may = false;
    story.release();
    expect(story.launched).toEqual(['runs']);
    story.delete('runs');
    expect(story.killed).toEqual([]);
    may = true;
    story.advance(5000);
    expect(story.killed).toEqual(['runs']);
    story.offer({});
    expect(story.launched).toEqual(['runs', 'waits.2']);
  });
});

describe('closing and tearing down', () => {
  test('close settles everything that is open, once, and nothing is done afterwards', () => {
    const story = CoreStory.subscribed();
    story.run('runs');
    story.submit('waits', { cpus: 100 });
    const deletion = story.delete('runs');
    const reconciliation = story.reconcile();
    story.onCall = () => undefined;
    const call = story.call({ type: 'RECONCILE_OPERATIONS', reconcile_operations: { operations: [] } });
    const teardown = story.teardown();
    story.input({ type: 'close' });
    const effects = story.effects.length;
    story.advance(600_000);
    story.submit('late');
    expect(story.outcomesOf('runs')).toEqual(['running', 'closed']);
    expect(story.outcomesOf('waits')).toEqual(['closed']);
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'closed' }]);
    expect(story.reconciled.get(reconciliation)).toEqual([{ kind: 'closed' }]);
    expect(story.called.get(call)).toEqual([{ kind: 'closed' }]);
    expect(story.tornDown.get(teardown)).toEqual([{ kind: 'closed' }]);
    expect(story.effects).toHaveLength(effects);
    expect(story.core.nextDeadlineMs).toBeUndefined();
    expect(story.stored.has('runs')).toBe(true);
  });

  test('a teardown settles with its answer: tasks settle, the state is empty', () => {
    const story = CoreStory.subscribed();
    story.run('runs');
    story.submit('waits', { cpus: 100 });
    const teardown = story.teardown();
    expect(story.tornDown.get(teardown)).toEqual(['done']);
    expect(story.outcomesOf('runs')).toEqual(['running', 'torn-down']);
    expect(story.outcomesOf('waits')).toEqual(['torn-down']);
    expect(story.stored.size).toBe(0);
    expect(story.storedFrameworkId).toBeUndefined();
    expect(story.effects.some(({ type }) => type === 'disconnect')).toBe(true);
  });

  test('a teardown settles with the end of the stream, too (O1)', () => {
    const story = CoreStory.subscribed();
    story.onCall = () => undefined;
    const teardown = story.teardown();
    expect(story.tornDown.get(teardown)).toBeUndefined();
    story.end({ kind: 'ended' });
    expect(story.tornDown.get(teardown)).toEqual(['done']);
  });

  test('a teardown whose channel broke is sent again; if the framework is removed by then, it was heard', () => {
    for (const wasHeard of [false, true]) {
      const story = CoreStory.subscribed();
      story.onCall = () => ({ status: 0, text: '' });
      const teardown = story.teardown();
      expect(story.tornDown.get(teardown)).toBeUndefined();
      story.onCall = () => ({ status: 202, text: '' });
      if (wasHeard) {
        story.onSubscribe = () => {
          story.input({ type: 'opened', connection: story.connection, streamId: 's' });
          story.event({ type: 'ERROR', error: { message: 'Framework has been removed' } });
        };
      }
      story.advance(20_000);
      expect(story.tornDown.get(teardown)).toEqual(['done']);
      expect(story.callsOf('TEARDOWN')).toHaveLength(wasHeard ? 1 : 2);
    }
  });

  test('a refused teardown is told, and the framework goes on', () => {
    const story = CoreStory.subscribed();
    story.onCall = ({ type }) =>
      type === 'TEARDOWN' ? { status: 400, text: 'no' } : { status: 202, text: '' };
    const teardown = story.teardown();
    expect(story.tornDown.get(teardown)).toEqual([{ kind: 'refused', status: 400, text: 'no' }]);
    story.run('goes-on');
    expect(story.outcomesOf('goes-on')).toEqual(['running']);
  });

  test('requests without a subscription say so', () => {
    const story = new CoreStory();
    const call = story.call({ type: 'REVIVE' });
    const teardown = story.teardown();
    const reconciliation = story.reconcile();
    expect(story.called.get(call)).toEqual([{ kind: 'not-subscribed' }]);
    expect(story.tornDown.get(teardown)).toEqual([{ kind: 'not-subscribed' }]);
    expect(story.reconciled.get(reconciliation)).toEqual([{ kind: 'not-subscribed' }]);
  });

  test("a call of the user's own is answered once; a lost subscription says that it may have been heard", () => {
    const story = CoreStory.subscribed();
    const heard = story.call({ type: 'REVIVE' });
    story.onCall = () => undefined;
    const unheard = story.call({ type: 'REVIVE' });
    story.end();
    expect(story.called.get(heard)).toMatchObject([{ status: 202 }]);
    expect(story.called.get(unheard)).toMatchObject([{ status: 0 }]);
  });
});
