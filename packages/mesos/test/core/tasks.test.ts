import { describe, expect, test } from 'vitest';
import { CoreStory } from './core-story.ts';

const checked = { healthCheck: { type: 'COMMAND', command: 'true' } } as const;

describe('the life of a task', () => {
  test('an update that tells an end says of what kind it is, and no other does', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.masterSays('web', 'TASK_UNREACHABLE', { reason: 'REASON_AGENT_REMOVED' });
    story.update('web', 'TASK_RUNNING');
    story.update('web', 'TASK_FAILED', { message: 'Command exited with status 3' });
    expect(story.told.map(({ end }) => end)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      { kind: 'failed', exitStatus: 3, message: 'Command exited with status 3' },
    ]);
  });

  test('the end of a launch that is not repeated is one, and a late word on it is none', () => {
    const story = CoreStory.subscribed({ limits: { launchAttempts: 1 } });
    story.submit('web');
    story.offer({});
    story.holdsUpdates = true;
    story.masterSays('web', 'TASK_DROPPED', { reason: 'REASON_SLAVE_DISCONNECTED', message: 'no agent' });
    story.masterSays('web', 'TASK_UNREACHABLE', { reason: 'REASON_SLAVE_REMOVED', uuid: 'late' });
    story.release();
    expect(story.told.map(({ end }) => end)).toEqual([
      { kind: 'lost', state: 'TASK_DROPPED', message: 'no agent' },
      undefined,
    ]);
  });

  test('staging, starting, running unhealthy, healthy: it counts as running when it is healthy, once (#45) (O24) (O26)', () => {
    const story = CoreStory.subscribed();
    story.submit('web', checked);
    story.offer({});
    story.masterSays('web', 'TASK_STAGING');
    story.update('web', 'TASK_STARTING');
    story.update('web', 'TASK_RUNNING');
    story.update('web', 'TASK_RUNNING', {
      healthy: false,
      reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
    });
    expect(story.outcomesOf('web')).toEqual([]);
    story.update('web', 'TASK_RUNNING', { healthy: true, reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED' });
    story.update('web', 'TASK_RUNNING', {
      healthy: false,
      reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED',
    });
    story.update('web', 'TASK_RUNNING', { healthy: true, reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED' });
    expect(story.outcomesOf('web')).toEqual(['running']);
    expect(story.told.map(({ status }) => status.healthy)).toEqual([
      undefined,
      undefined,
      undefined,
      false,
      true,
      false,
      true,
    ]);
  });

  test('running, then failed: the end is told once, and the record goes after its acknowledgement (#46)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    const end = story.update('web', 'TASK_FAILED', { message: 'Command exited with status 3' });
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
    expect(story.toldOf('web')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
    expect(story.stored.size).toBe(0);
    const kinds = story.effects.slice(-2).map((effect) => effect.type);
    expect(kinds).toEqual(['send', 'persist']);
    expect(story.acknowledged.at(-1)).toBe(end.uuid);
  });

  test('an update that comes three times is acknowledged three times, with one effect (#47) (O23)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    const status = story.update('web', 'TASK_FAILED');
    story.event({ type: 'UPDATE', update: { status } });
    story.event({ type: 'UPDATE', update: { status } });
    expect(story.acknowledged.filter((uuid) => uuid === status.uuid)).toHaveLength(3);
    expect(story.toldOf('web')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
  });

  test('a repetition while the first one is being handled is not told again, and acknowledged once (#47)', () => {
    const story = CoreStory.subscribed();
    story.submit('web');
    story.offer({});
    story.holdsUpdates = true;
    const status = story.update('web', 'TASK_STARTING');
    story.event({ type: 'UPDATE', update: { status } });
    expect(story.toldOf('web')).toEqual(['TASK_STARTING']);
    expect(story.acknowledged).toEqual([]);
    story.release();
    expect(story.acknowledged).toEqual([status.uuid]);
  });

  test('what the master says without a uuid is not acknowledged (#48) (O22)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    const before = story.acknowledged.length;
    story.masterSays('web', 'TASK_LOST', { reason: 'REASON_AGENT_REMOVED' });
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
    expect(story.acknowledged).toHaveLength(before);
    expect(story.stored.size).toBe(0);
  });

  test('an owner that fails to handle an update gets it again with its repetition, then it is acknowledged (#49)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.onTask = () => new Error('database down');
    const status = story.update('web', 'TASK_FINISHED');
    expect(story.acknowledged).not.toContain(status.uuid);
    expect(story.stored.has('web')).toBe(true);
    story.onTask = () => undefined;
    story.event({ type: 'UPDATE', update: { status } });
    expect(story.toldOf('web').slice(-2)).toEqual(['TASK_FINISHED', 'TASK_FINISHED']);
    expect(story.acknowledged.at(-1)).toBe(status.uuid);
    expect(story.stored.has('web')).toBe(false);
    expect(story.outcomesOf('web')).toEqual(['running', 'ended']);
  });

  test('what Mesos will not repeat is told again by this client (#49)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.onTask = () => new Error('database down');
    story.masterSays('web', 'TASK_LOST', { reason: 'REASON_AGENT_REMOVED' });
    story.advance(9000);
    expect(story.toldOf('web').filter((state) => state === 'TASK_LOST')).toHaveLength(1);
    story.onTask = () => undefined;
    story.advance(1000);
    expect(story.toldOf('web').filter((state) => state === 'TASK_LOST')).toHaveLength(2);
    expect(story.stored.has('web')).toBe(false);
  });

  test('an acknowledgement that is lost is sent again with the repetition (#49)', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.holdsUpdates = true;
    const status = story.update('web', 'TASK_FINISHED');
    story.end();
    story.release();
    expect(story.acknowledged).not.toContain(status.uuid);
    expect(story.stored.has('web')).toBe(true);
    story.advance(20_000);
    story.event({ type: 'UPDATE', update: { status } });
    expect(story.acknowledged.at(-1)).toBe(status.uuid);
    expect(story.toldOf('web').filter((state) => state === 'TASK_FINISHED')).toHaveLength(1);
    expect(story.stored.has('web')).toBe(false);
  });

  test('updates of one task are told one after the other, those of others beside them (O23)', () => {
    const story = CoreStory.subscribed();
    story.submit('a');
    story.submit('b');
    story.offer({});
    story.holdsUpdates = true;
    story.update('a', 'TASK_STARTING');
    story.masterSays('a', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
    story.update('b', 'TASK_STARTING');
    expect(story.told.map(({ taskId, status }) => `${taskId} ${status.state}`)).toEqual([
      'a TASK_STARTING',
      'b TASK_STARTING',
    ]);
    story.release();
    expect(story.told.at(-1)).toMatchObject({ taskId: 'a', status: { state: 'TASK_RUNNING' } });
  });

  test('memory exceeded is told with its limitation (#57) (O25)', () => {
    const story = CoreStory.subscribed();
    story.submit('greedy');
    story.offer({});
    const limitation = { resources: [{ name: 'mem', type: 'SCALAR' as const, scalar: { value: 96 } }] };
    story.update('greedy', 'TASK_FAILED', { reason: 'REASON_CONTAINER_LIMITATION_MEMORY', limitation });
    expect(story.promised.get('greedy')).toMatchObject([
      {
        failure: {
          kind: 'ended-early',
          status: { reason: 'REASON_CONTAINER_LIMITATION_MEMORY', limitation },
        },
      },
    ]);
  });

  test('a kill by the health check is no deletion: nobody has asked for it (#58) (O26)', () => {
    const story = CoreStory.subscribed();
    story.submit('sick', checked);
    story.offer({});
    story.update('sick', 'TASK_RUNNING');
    story.update('sick', 'TASK_KILLED', { healthy: false });
    expect(story.promised.get('sick')).toMatchObject([
      { failure: { kind: 'ended-early', status: { state: 'TASK_KILLED', healthy: false } } },
    ]);
  });

  test("the end of an executor is told to listeners and changes nothing: its tasks' updates do (#60) (O29)", () => {
    const story = CoreStory.subscribed();
    story.run('web');
    const failure = { agent_id: { value: 'agent-1' }, executor_id: { value: 'web' }, status: 0 };
    story.event({ type: 'FAILURE', failure });
    expect(story.outcomesOf('web')).toEqual(['running']);
    expect(story.notices.at(-1)).toEqual({ kind: 'event', event: { type: 'FAILURE', failure } });
  });

  test('operations are acknowledged with the string of their uuid (O43)', () => {
    const story = CoreStory.subscribed();
    const status = {
      state: 'OPERATION_FINISHED',
      operation_id: { value: 'op' },
      agent_id: { value: 'agent-1' },
    };
    story.event({
      type: 'UPDATE_OPERATION_STATUS',
      update_operation_status: { status: { ...status, uuid: { value: 'dXVpZA==' } } },
    });
    story.event({ type: 'UPDATE_OPERATION_STATUS', update_operation_status: { status } });
    expect(story.callsOf('ACKNOWLEDGE_OPERATION_STATUS')).toEqual([
      {
        type: 'ACKNOWLEDGE_OPERATION_STATUS',
        acknowledge_operation_status: {
          agent_id: { value: 'agent-1' },
          operation_id: { value: 'op' },
          uuid: 'dXVpZA==',
        },
      },
    ]);
  });
});

describe('agents that are lost', () => {
  test('unreachable, replaced, deleted; when it returns it is killed (#61) (O32) (O38)', () => {
    const story = CoreStory.subscribed();
    story.run('original');
    story.masterSays('original', 'TASK_UNREACHABLE', { reason: 'REASON_AGENT_REMOVED' });
    expect(story.outcomesOf('original')).toEqual(['running']);
    story.run('replacement');
    const deletion = story.delete('original');
    expect(story.deleted.get(deletion)).toEqual([{ kind: 'unreachable', state: 'TASK_UNREACHABLE' }]);
    expect(story.outcomesOf('original')).toEqual(['running', 'ended']);
    story.advance(60_000);
    expect(story.killed).toEqual([]);
    expect(story.stored.get('original')?.unwanted).toBe(true);
    story.masterSays('original', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
    expect(story.killed).toEqual(['original']);
    story.update('original', 'TASK_KILLED');
    expect(story.stored.has('original')).toBe(false);
    expect(story.outcomesOf('original')).toEqual(['running', 'ended']);
    expect(story.outcomesOf('replacement')).toEqual(['running']);
  });

  test('an unreachable task that returns and is wanted goes on', () => {
    const story = CoreStory.subscribed();
    story.run('web');
    story.masterSays('web', 'TASK_UNREACHABLE', { reason: 'REASON_AGENT_REMOVED' });
    story.masterSays('web', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
    expect(story.killed).toEqual([]);
    expect(story.outcomesOf('web')).toEqual(['running']);
    expect(story.toldOf('web').slice(-2)).toEqual(['TASK_UNREACHABLE', 'TASK_RUNNING']);
  });

  test('gone by the word of an operator, and back: killed, or adopted where that is wished (#62)', () => {
    for (const onReturn of ['kill', 'adopt'] as const) {
      const story = CoreStory.subscribed({ onReturn });
      story.run('zombie');
      story.masterSays('zombie', 'TASK_GONE_BY_OPERATOR', { reason: 'REASON_AGENT_REMOVED_BY_OPERATOR' });
      expect(story.outcomesOf('zombie')).toEqual(['running', 'ended']);
      expect(story.stored.size).toBe(0);
      story.masterSays('zombie', 'TASK_RUNNING', { reason: 'REASON_AGENT_REREGISTERED' });
      expect(story.killed).toEqual(onReturn === 'kill' ? ['zombie'] : []);
      expect(story.stored.get('zombie')?.unwanted).toBe(onReturn === 'kill' ? true : undefined);
      story.update('zombie', 'TASK_KILLED');
      expect(story.stored.size).toBe(0);
      expect(story.outcomesOf('zombie')).toEqual(['running', 'ended']);
    }
  });

  test('a task of a drained agent ends, and its owner sees why (#63) (O41)', () => {
    const story = CoreStory.subscribed();
    story.run('moved');
    story.update('moved', 'TASK_KILLING', { reason: 'REASON_AGENT_DRAINING' });
    story.update('moved', 'TASK_KILLED', { reason: 'REASON_AGENT_DRAINING' });
    expect(story.promised.get('moved')?.at(-1)).toMatchObject({
      kind: 'ended',
      status: { reason: 'REASON_AGENT_DRAINING' },
    });
  });
});
