import { describe, expect, test } from 'vitest';
import { CoreStory } from './core-story.ts';

const accepted = { status: 202, text: '' };

describe('launching', () => {
  test('a task is stored with its place before the ACCEPT, and the ACCEPT launches it there', () => {
    const story = CoreStory.subscribed();
    story.holdsWrites = true;
    story.submit('web', { ports: [{ name: 'http' }] });
    story.offer({ agent: 'agent-7' });
    expect(story.launched).toEqual([]);
    expect(story.stored.get('web')).toMatchObject({
      mesosTaskId: 'web',
      attempt: 1,
      placement: { agentId: 'agent-7', hostname: 'agent-7.example', hostPorts: [31_000] },
    });
    story.release();
    expect(story.launchedTasks).toMatchObject([
      { task_id: { value: 'web' }, agent_id: { value: 'agent-7' } },
    ]);
    expect(story.callsOf('ACCEPT')).toMatchObject([{ accept: { offer_ids: [{ value: 'offer-1' }] } }]);
  });

  test('a round is one write, and one ACCEPT for each agent', () => {
    const story = CoreStory.subscribed();
    for (const id of ['a', 'b', 'c', 'd']) story.submit(id, { cpus: 4 });
    const before = story.effects.filter(({ type }) => type === 'persist').length;
    story.offer({ agent: 'agent-1' }, { agent: 'agent-2' });
    expect(story.effects.filter(({ type }) => type === 'persist').length).toBe(before + 1);
    expect(story.callsOf('ACCEPT')).toHaveLength(2);
    expect(story.launched.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('with an offer in hand a task is launched in the step of its submission', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 5000, maxOffers: 10 } });
    story.offer({});
    story.submit('at-once');
    expect(story.launched).toEqual(['at-once']);
  });

  test('while a write is under way submissions gather for the next round', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 5000, maxOffers: 10 } });
    story.offer({ agent: 'agent-1' }, { agent: 'agent-2' });
    story.holdsWrites = true;
    story.submit('first', { cpus: 8 });
    story.submit('second', { cpus: 4 });
    story.submit('third', { cpus: 4 });
    const writes = story.effects.filter(({ type }) => type === 'persist').length;
    story.release();
    expect(story.launched.toSorted()).toEqual(['first', 'second', 'third']);
    expect(story.effects.filter(({ type }) => type === 'persist').length).toBe(writes + 1);
  });

  test('a task whose record could not be stored fails, and its offer goes back', () => {
    const story = CoreStory.subscribed();
    story.holdsWrites = true;
    story.submit('unlucky');
    story.offer({});
    const write = story.effects.findLast((effect) => effect.type === 'persist')?.write ?? 0;
    story.input({ type: 'persisted', write, error: new Error('disk full') });
    expect(story.outcomesOf('unlucky')).toEqual(['not-stored']);
    expect(story.launched).toEqual([]);
    expect(story.callsOf('DECLINE')).toHaveLength(1);
  });

  test('a group is launched as one, its executor beside its tasks (#59)', () => {
    const story = CoreStory.subscribed();
    story.submitPod();
    story.offer({});
    expect(story.callsOf('ACCEPT')[0]?.accept.operations).toMatchObject([
      {
        type: 'LAUNCH_GROUP',
        launch_group: {
          executor: {
            type: 'DEFAULT',
            executor_id: { value: 'pod' },
            framework_id: { value: 'framework-1' },
          },
          task_group: { tasks: [{ task_id: { value: 'left' } }, { task_id: { value: 'right' } }] },
        },
      },
    ]);
    story.update('left', 'TASK_RUNNING');
    story.update('right', 'TASK_RUNNING');
    story.update('left', 'TASK_FAILED', { message: 'Command exited with status 1' });
    story.update('right', 'TASK_KILLED');
    expect(story.outcomesOf('left')).toEqual(['running', 'ended']);
    expect(story.outcomesOf('right')).toEqual(['running', 'ended']);
    expect(story.stored.size).toBe(0);
  });

  test('a group whose offers were gone is launched again as a whole, under new ids (#59)', () => {
    const story = CoreStory.subscribed();
    story.submitPod();
    story.offer({});
    const gone = { reason: 'REASON_INVALID_OFFERS' };
    story.masterSays('left', 'TASK_DROPPED', gone);
    story.offer({ agent: 'agent-2' });
    expect(story.launched).toEqual(['left', 'right']);
    story.masterSays('right', 'TASK_DROPPED', gone);
    story.offer({ agent: 'agent-2' });
    expect(story.launched).toEqual(['left', 'right', 'left.2', 'right.2']);
  });

  test('a task that its customize breaks is invalid; the others of the round run', () => {
    const story = CoreStory.subscribed();
    story.submit('broken', {
      customize: () => {
        throw new Error('oops');
      },
    });
    story.submit('fine');
    story.offer({});
    expect(story.outcomesOf('broken')).toEqual(['invalid-task']);
    expect(story.launched).toEqual(['fine']);
    expect([...story.stored.keys()]).toEqual(['fine']);
  });

  test('a matcher that throws costs the round, not the subscription', () => {
    const story = CoreStory.subscribed({
      matcher: () => {
        throw new Error('oops');
      },
    });
    story.submit('waits');
    story.offer({});
    expect(story.launched).toEqual([]);
    expect(story.callsOf('DECLINE')).toHaveLength(1);
  });
});

describe('offers that go', () => {
  test('an offer rescinded before the round is not used (#33)', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 5000, maxOffers: 10 } });
    const [offer = ''] = story.offer({});
    story.event({ type: 'RESCIND', rescind: { offer_id: { value: offer } } });
    story.submit('waits');
    expect(story.launched).toEqual([]);
  });

  test('an offer rescinded while the record is written: no ACCEPT, the task waits again under a new id (#33)', () => {
    const story = CoreStory.subscribed();
    story.holdsWrites = true;
    story.submit('task');
    const [offer = ''] = story.offer({});
    story.event({ type: 'RESCIND', rescind: { offer_id: { value: offer } } });
    story.release();
    expect(story.launched).toEqual([]);
    expect(story.stored.has('task')).toBe(false);
    story.offer({});
    expect(story.launched).toEqual(['task.2']);
    expect(story.stored.get('task')?.mesosTaskId).toBe('task.2');
  });

  test('an offer rescinded after the ACCEPT: the drop sends the task to the queue again (#33) (#34) (O19)', () => {
    for (const state of ['TASK_DROPPED', 'TASK_LOST'] as const) {
      const story = CoreStory.subscribed();
      story.submit('task');
      const [offer = ''] = story.offer({});
      story.event({ type: 'RESCIND', rescind: { offer_id: { value: offer } } });
      story.masterSays('task', state, { reason: 'REASON_INVALID_OFFERS' });
      expect(story.stored.has('task')).toBe(false);
      story.masterSays('task', state, { reason: 'REASON_INVALID_OFFERS' });
      story.offer({});
      expect(story.launched).toEqual(['task', 'task.2']);
      story.update('task.2', 'TASK_RUNNING');
      expect(story.outcomesOf('task')).toEqual(['running']);
      expect(story.toldOf('task')).toEqual(['TASK_RUNNING']);
    }
  });

  test('offers that are always gone end in a failure, not in a loop (#34)', () => {
    const story = CoreStory.subscribed();
    story.submit('unlucky');
    for (let round = 0; round < 100 && story.outcomesOf('unlucky').length === 0; round++) {
      story.offer({});
      story.masterSays(story.launched.at(-1) ?? '', 'TASK_DROPPED', { reason: 'REASON_INVALID_OFFERS' });
    }
    expect(story.outcomesOf('unlucky')).toEqual(['lost']);
    expect(story.launched).toHaveLength(20);
    expect(story.stored.size).toBe(0);
  });

  test('a lost subscription between write and ACCEPT: the task waits for offers of the next one (#33) (O12)', () => {
    const story = CoreStory.subscribed();
    story.holdsWrites = true;
    story.submit('task');
    story.offer({});
    story.end();
    story.advance(20_000);
    story.release();
    expect(story.launched).toEqual([]);
    story.offer({});
    expect(story.launched).toEqual(['task.2']);
    expect(story.sent.find(({ call }) => call.type === 'ACCEPT')?.connection).toBe(2);
  });

  test('offers of before a subscription are forgotten though no RESCIND comes (O12)', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 60_000, maxOffers: 10 } });
    story.offer({});
    story.end();
    story.advance(20_000);
    story.submit('waits');
    expect(story.launched).toEqual([]);
  });
});

describe('demand', () => {
  test('one REVIVE for a burst, SUPPRESS when nothing waits, a REVIVE that seems lost is repeated (#38)', () => {
    const story = CoreStory.subscribed();
    for (let n = 0; n < 50; n++) story.submit(`task-${n}`, { cpus: 0.1 });
    expect(story.callsOf('REVIVE')).toHaveLength(1);
    story.advance(30_000);
    expect(story.callsOf('REVIVE').length).toBeGreaterThan(1);
    expect(story.callsOf('SUPPRESS')).toHaveLength(0);
    story.offer({});
    expect(story.launched).toHaveLength(50);
    story.advance(30_000);
    expect(story.callsOf('SUPPRESS')).toHaveLength(1);
  });

  test('what does not fit is refused shortly while tasks wait, long when none does (#39)', () => {
    const story = CoreStory.subscribed();
    story.offer({});
    expect(story.callsOf('DECLINE').at(-1)?.decline.filters).toEqual({ refuse_seconds: 3600 });
    story.submit('large', { cpus: 64 });
    story.offer({});
    expect(story.callsOf('DECLINE').at(-1)?.decline.filters).toEqual({ refuse_seconds: 5 });
  });

  test('held offers go back after their time, and at once beyond the cap (#35) (#43)', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 5000, maxOffers: 2 } });
    story.offer({ agent: 'a' }, { agent: 'b' }, { agent: 'c' });
    expect(story.callsOf('DECLINE').flatMap(({ decline }) => decline.offer_ids)).toHaveLength(1);
    story.advance(5000);
    expect(story.callsOf('DECLINE').flatMap(({ decline }) => decline.offer_ids)).toHaveLength(3);
  });

  test('offers wanted in advance keep the role open, so that a task finds one in hand', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 5000, maxOffers: 2 }, offersInAdvance: 1 });
    expect(story.callsOf('REVIVE')).toHaveLength(1);
    story.offer({});
    story.advance(60_000);
    expect(story.callsOf('SUPPRESS')).toHaveLength(0);
    story.offer({});
    story.submit('at-once');
    expect(story.launched).toEqual(['at-once']);
  });

  test('no capacity after a time without offers, and after a number of rounds (#40)', () => {
    const story = CoreStory.subscribed({ limits: { capacityTimeoutMs: 60_000, capacityRounds: 3 } });
    story.submit('starved');
    story.advance(60_000);
    expect(story.promised.get('starved')).toMatchObject([
      { failure: { kind: 'no-capacity', waitedMs: 60_000, shortage: { offersSeen: 0 } } },
    ]);
    story.submit('passed-by', { cpus: 16 });
    for (let round = 0; round < 3; round++) story.offer({ cpus: 4 });
    expect(story.promised.get('passed-by')).toMatchObject([
      {
        failure: {
          kind: 'no-capacity',
          shortage: { offersSeen: 3, reasons: { cpus: 3 }, best: { cpus: 4 } },
        },
      },
    ]);
    expect(story.core.explain('passed-by', story.moment)).toEqual({ kind: 'unknown' });
  });

  test('a task may wait for ever, and says why it waits (#40)', () => {
    const story = CoreStory.subscribed({ limits: { capacityTimeoutMs: Infinity } });
    story.submit('patient', { cpus: 16 });
    story.offer({ cpus: 4 });
    story.advance(3_600_000);
    expect(story.outcomesOf('patient')).toEqual([]);
    expect(story.core.explain('patient', story.moment)).toMatchObject({
      kind: 'waiting',
      waitedMs: 3_600_000,
      rounds: 1,
      shortage: { reasons: { cpus: 1 } },
    });
  });

  test('while tasks wait long the master is told which offers are of use, as long as that is so (O15)', () => {
    const story = CoreStory.subscribed({ limits: { capacityTimeoutMs: Infinity } });
    const onRack = (value: string) => [{ attribute: 'rack', operator: 'EQUALS' as const, value }];
    story.submit('first', { cpus: 4, constraints: onRack('r1') });
    story.advance(9000);
    expect(story.callsOf('UPDATE_FRAMEWORK')).toEqual([]);
    story.advance(1000);
    expect(story.callsOf('UPDATE_FRAMEWORK')).toMatchObject([
      {
        update_framework: {
          framework_info: { id: { value: 'framework-1' }, offer_filters: { web: {} } },
          suppressed_roles: [],
          offer_constraints: { role_constraints: { web: { groups: [{}] } } },
        },
      },
    ]);
    // Another kind of task: what would keep it from its offers is withdrawn at once.
    story.submit('second', { cpus: 1 });
    expect(story.callsOf('UPDATE_FRAMEWORK')).toHaveLength(2);
    expect(story.callsOf('UPDATE_FRAMEWORK').at(-1)?.update_framework).not.toHaveProperty(
      'offer_constraints',
    );
    story.delete('first');
    story.delete('second');
    const last = story.callsOf('UPDATE_FRAMEWORK').at(-1)?.update_framework;
    expect(last).not.toHaveProperty('offer_constraints');
    expect(last?.framework_info).not.toHaveProperty('offer_filters');
    const calls = story.callsOf('UPDATE_FRAMEWORK').length;
    story.advance(60_000);
    expect(story.callsOf('UPDATE_FRAMEWORK')).toHaveLength(calls);
  });

  test('a master that refuses such wishes, or is too old for them, is left alone with them', () => {
    for (const version of ['1.8.1', '1.12.0']) {
      const story = new CoreStory({ limits: { capacityTimeoutMs: Infinity } });
      story.version = version;
      story.onCall = ({ type }) => (type === 'UPDATE_FRAMEWORK' ? { status: 400, text: 'no' } : accepted);
      story.start({ tasks: [] });
      story.submit('first', { cpus: 4 });
      story.advance(60_000);
      story.submit('second', { cpus: 2 });
      story.advance(60_000);
      expect(story.callsOf('UPDATE_FRAMEWORK')).toHaveLength(version === '1.8.1' ? 0 : 1);
    }
  });

  test('wishes that a master refuses to change end with the subscription', () => {
    const story = CoreStory.subscribed({ limits: { capacityTimeoutMs: Infinity } });
    story.submit('first', { cpus: 4 });
    story.advance(20_000);
    expect(story.callsOf('UPDATE_FRAMEWORK')).toHaveLength(1);
    story.onCall = ({ type }) => (type === 'UPDATE_FRAMEWORK' ? { status: 400, text: 'no' } : accepted);
    story.submit('second', { cpus: 2 });
    story.advance(20_000);
    expect(story.connection).toBe(2);
    story.offer({ cpus: 2 });
    expect(story.launched).toEqual(['second']);
  });

  test('a task larger than any agent is found out by asking what the agents have', () => {
    const story = CoreStory.subscribed();
    story.submit('huge', { cpus: 64 });
    story.submit('waits', { cpus: 8 });
    story.advance(10_000);
    expect(story.effects.filter(({ type }) => type === 'ask-agents')).toEqual([
      { type: 'ask-agents', master: 'http://m1:5050' },
    ]);
    story.input({ type: 'agents', totals: [{ agentId: 'agent-1', resources: { cpus: 8, mem: 16_384 } }] });
    expect(story.promised.get('huge')).toMatchObject([{ failure: { kind: 'impossible' } }]);
    expect(story.outcomesOf('waits')).toEqual([]);
  });

  test('how soon a maintenance counts can be chosen (#41)', () => {
    const story = CoreStory.subscribed({ maintenanceHorizonMs: 60_000 });
    const startMs = story.moment.epochMs + 120_000;
    story.submit('short');
    story.offer({ unavailability: { start: { nanoseconds: startMs * 1e6 } } });
    expect(story.launched).toEqual(['short']);
    story.advance(61_000);
    story.submit('late');
    story.offer({ unavailability: { start: { nanoseconds: startMs * 1e6 } } });
    expect(story.launched).toEqual(['short']);
    expect(story.core.explain('late', story.moment)).toMatchObject({
      shortage: { reasons: { maintenance: 1 } },
    });
  });

  test('agents that leave for maintenance get no tasks (#41) (O42)', () => {
    const story = CoreStory.subscribed();
    story.submit('task');
    const start = { nanoseconds: story.moment.epochMs * 1e6 };
    story.offer({ agent: 'leaving', unavailability: { start } });
    expect(story.launched).toEqual([]);
    story.offer({ agent: 'staying' });
    expect(story.launchedTasks[0]?.agent_id.value).toBe('staying');
  });

  test('inverse offers are answered as the program has chosen, and told (O42)', () => {
    for (const inverseOffers of ['accept', 'decline'] as const) {
      const story = CoreStory.subscribed({ inverseOffers });
      const unavailability = { start: { nanoseconds: 1 } };
      const offer = { id: { value: 'i-1' }, framework_id: { value: 'framework-1' }, unavailability };
      story.event({ type: 'INVERSE_OFFERS', inverse_offers: { inverse_offers: [offer] } });
      const type = inverseOffers === 'accept' ? 'ACCEPT_INVERSE_OFFERS' : 'DECLINE_INVERSE_OFFERS';
      expect(story.callsOf(type)).toHaveLength(1);
      expect(story.notices.at(-1)).toMatchObject({ kind: 'event', event: { type: 'INVERSE_OFFERS' } });
    }
  });

  test('a preferred agent that disappears does not hold up the launch (#44)', () => {
    const story = CoreStory.subscribed({ heldOffers: { holdMs: 60_000, maxOffers: 10 } });
    const [small = ''] = story.offer({ agent: 'preferred', cpus: 2 });
    story.offer({ agent: 'other', cpus: 8 });
    story.holdsWrites = true;
    story.submit('task');
    expect(story.stored.get('task')?.placement?.agentId).toBe('preferred');
    story.event({ type: 'RESCIND', rescind: { offer_id: { value: small } } });
    story.release();
    expect(story.launchedTasks.map(({ agent_id }) => agent_id.value)).toEqual(['other']);
  });
});

describe('launches that are lost', () => {
  test('accepted and never processed: after a minute Mesos is asked, does not know it, and it is launched anew (#50)', () => {
    const story = CoreStory.subscribed();
    story.submit('task');
    story.offer({});
    const before = story.callsOf('RECONCILE').length;
    story.advance(60_000);
    expect(story.callsOf('RECONCILE').slice(before)[0]?.reconcile.tasks).toEqual([
      { task_id: { value: 'task' }, agent_id: { value: 'agent-1' } },
    ]);
    story.masterSays('task', 'TASK_UNKNOWN');
    story.offer({ agent: 'agent-2' });
    story.update('task.2', 'TASK_RUNNING');
    expect(story.launched).toEqual(['task', 'task.2']);
    expect(story.outcomesOf('task')).toEqual(['running']);
    expect(story.toldOf('task')).toEqual(['TASK_RUNNING']);
    // The first attempt turns up after all: it is killed, and the owner hears nothing of it.
    story.update('task', 'TASK_RUNNING', { agent_id: { value: 'agent-1' } });
    expect(story.killed).toEqual(['task']);
    story.update('task', 'TASK_KILLED');
    story.advance(20_000);
    expect(story.killed).toEqual(['task', 'task', 'task', 'task'].slice(0, story.killed.length));
    expect(story.outcomesOf('task')).toEqual(['running']);
    expect(story.toldOf('task')).toEqual(['TASK_RUNNING']);
    expect(story.stored.get('task')?.mesosTaskId).toBe('task.2');
  });

  test('a launch that nobody answers for is asked about again, with growing waits (#50)', () => {
    const story = CoreStory.subscribed({ reconcile: { periodMs: 10_000_000 } });
    story.submit('task');
    story.offer({});
    const before = story.callsOf('RECONCILE').length;
    story.advance(60_000 + 4000 + 8000 + 16_000);
    expect(story.callsOf('RECONCILE').length - before).toBe(4);
  });

  test('three lost launches are a launch timeout (#50)', () => {
    const story = CoreStory.subscribed();
    story.submit('task');
    for (const attempt of ['task', 'task.2', 'task.3']) {
      story.offer({});
      expect(story.launched.at(-1)).toBe(attempt);
      story.advance(60_000);
      story.masterSays(attempt, 'TASK_UNKNOWN');
    }
    expect(story.promised.get('task')).toMatchObject([{ failure: { kind: 'launch-timeout', attempts: 3 } }]);
    expect(story.stored.size).toBe(0);
  });

  test('a refused ACCEPT, or one whose channel broke, is asked about and launched anew', () => {
    for (const status of [400, 0]) {
      const story = CoreStory.subscribed();
      story.onCall = ({ type }) => (type === 'ACCEPT' ? { status, text: 'no' } : accepted);
      story.submit('task');
      story.offer({});
      story.onCall = (call) => {
        if (call.type === 'RECONCILE' && call.reconcile.tasks.length > 0)
          story.masterSays('task', 'TASK_GONE');
        return accepted;
      };
      story.advance(20_000);
      story.offer({});
      expect(story.launched).toEqual(['task', 'task.2']);
    }
  });

  test('a task that does not come to run in time is killed and fails', () => {
    const story = CoreStory.subscribed({ limits: { startTimeoutMs: 120_000 } });
    story.submit('slow');
    story.offer({});
    story.update('slow', 'TASK_STARTING');
    story.advance(120_000);
    expect(story.outcomesOf('slow')).toEqual(['launch-timeout']);
    expect(story.killed).toEqual(['slow']);
    story.update('slow', 'TASK_KILLED');
    expect(story.stored.size).toBe(0);
    expect(story.outcomesOf('slow')).toEqual(['launch-timeout']);
  });

  test('an image that can not be pulled is told as such, for its owner to try again (#55)', () => {
    const story = CoreStory.subscribed();
    story.submit('pulled', { image: 'nowhere/nothing' });
    story.offer({});
    story.update('pulled', 'TASK_FAILED', {
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message:
        "Failed to launch container: Failed to run 'docker -H unix:///var/run/docker.sock pull nowhere/nothing'",
    });
    expect(story.outcomesOf('pulled')).toEqual(['image-pull-failed']);
  });

  test('a duplicate id is not tried again, and harms no task that runs under it (#56) (O27)', () => {
    const story = CoreStory.subscribed();
    story.submit('twice');
    story.offer({});
    story.masterSays('twice', 'TASK_ERROR', {
      reason: 'REASON_TASK_INVALID',
      message: 'Task has duplicate ID: twice',
    });
    story.offer({});
    expect(story.outcomesOf('twice')).toEqual(['duplicate-task']);
    expect(story.launched).toEqual(['twice']);
    story.run('runs');
    story.masterSays('runs', 'TASK_ERROR', {
      reason: 'REASON_TASK_INVALID',
      message: 'Task has duplicate ID: runs',
    });
    expect(story.outcomesOf('runs')).toEqual(['running']);
  });

  test('an id that lives here already is refused before Mesos sees it (#56)', () => {
    const story = CoreStory.subscribed();
    story.run('once');
    story.submit('once');
    expect(story.outcomesOf('once')).toEqual(['running']);
    expect(story.launched).toEqual(['once']);
  });

  test('a port that docker could not bind is left alone for a while (#37)', () => {
    const story = CoreStory.subscribed();
    story.submit('first', { image: 'web', ports: [{ containerPort: 80 }] });
    story.offer({ ports: [31_000, 31_001] });
    story.update('first', 'TASK_FAILED', { message: 'Container exited with status 125' });
    expect(story.outcomesOf('first')).toEqual(['container-run-failed']);
    story.submit('second', { image: 'web', ports: [{ containerPort: 80 }] });
    story.offer({ ports: [31_000, 31_001] });
    expect(story.stored.get('second')?.placement?.hostPorts).toEqual([31_001]);
  });
});
