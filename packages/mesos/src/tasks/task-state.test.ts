import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskState, WireTaskStatus } from '../wire/index.ts';
import { applyStatus, type StatusContext, type TaskChange } from './task-state.ts';
import type { TaskRecord } from './task-record.ts';

const launching: StatusContext = { masterIsYoung: false, launching: true };
const settled: StatusContext = { masterIsYoung: false, launching: false };
const young: StatusContext = { masterIsYoung: true, launching: true };

const fresh: TaskRecord = { id: 't', mesosTaskId: 't', attempt: 1 };
const checked: TaskRecord = {
  ...fresh,
  spec: {
    id: 't',
    role: '*',
    cpus: 0.1,
    memoryMb: 32,
    command: 'true',
    healthCheck: { type: 'COMMAND', command: 'true' },
  },
};

function status(state: TaskState, more: Partial<WireTaskStatus> = {}): WireTaskStatus {
  return { task_id: { value: 't' }, state, ...more };
}

function recordIn(state: TaskState, more: Partial<WireTaskStatus> = {}): TaskRecord {
  const ran = state === 'TASK_RUNNING' || state === 'TASK_KILLING';
  return { ...fresh, state, status: status(state, more), ...(ran && { ran }) };
}

const asked = { reason: 'REASON_RECONCILIATION' };
const invalidOffers = { reason: 'REASON_INVALID_OFFERS' };
const since = { unreachable_time: { nanoseconds: 1 } };

/** Each state in each of its senses. */
const told: Readonly<Record<string, WireTaskStatus>> = {
  STAGING: status('TASK_STAGING'),
  STARTING: status('TASK_STARTING'),
  RUNNING: status('TASK_RUNNING'),
  KILLING: status('TASK_KILLING'),
  FINISHED: status('TASK_FINISHED', { uuid: 'u' }),
  FAILED: status('TASK_FAILED', { uuid: 'u' }),
  KILLED: status('TASK_KILLED', { uuid: 'u' }),
  'ERROR of an agent': status('TASK_ERROR', { uuid: 'u' }),
  'ERROR of the master': status('TASK_ERROR', { message: 'Task uses no resources' }),
  'ERROR, id taken': status('TASK_ERROR', { message: `Task has duplicate ID: ${fresh.mesosTaskId}` }),
  'DROPPED, offers': status('TASK_DROPPED', invalidOffers),
  'LOST, offers': status('TASK_LOST', invalidOffers),
  'DROPPED, agent': status('TASK_DROPPED', { reason: 'REASON_EXECUTOR_TERMINATED', uuid: 'u' }),
  'LOST, agent': status('TASK_LOST', { reason: 'REASON_AGENT_REMOVED' }),
  'LOST, asked': status('TASK_LOST', asked),
  'LOST, unreachable': status('TASK_LOST', { ...asked, ...since }),
  UNREACHABLE: status('TASK_UNREACHABLE', since),
  GONE: status('TASK_GONE'),
  'GONE, asked': status('TASK_GONE', asked),
  GONE_BY_OPERATOR: status('TASK_GONE_BY_OPERATOR', asked),
  UNKNOWN: status('TASK_UNKNOWN', asked),
  'a state of a later Mesos': status('TASK_ASLEEP' as TaskState),
};

const known: Readonly<Record<string, TaskRecord>> = {
  launched: fresh,
  STAGING: recordIn('TASK_STAGING'),
  STARTING: recordIn('TASK_STARTING'),
  RUNNING: recordIn('TASK_RUNNING'),
  KILLING: recordIn('TASK_KILLING'),
  UNREACHABLE: recordIn('TASK_UNREACHABLE', since),
  'LOST, unreachable': recordIn('TASK_LOST', since),
  'LOST, agent': recordIn('TASK_LOST', { reason: 'REASON_AGENT_REMOVED' }),
  GONE: recordIn('TASK_GONE'),
  GONE_BY_OPERATOR: recordIn('TASK_GONE_BY_OPERATOR'),
  DROPPED: recordIn('TASK_DROPPED'),
  UNKNOWN: recordIn('TASK_UNKNOWN'),
  'ERROR of the master': recordIn('TASK_ERROR'),
  FINISHED: recordIn('TASK_FINISHED'),
  FAILED: recordIn('TASK_FAILED'),
  KILLED: recordIn('TASK_KILLED'),
  'ERROR of an agent': recordIn('TASK_ERROR', { uuid: 'before' }),
};

/** One letter a change, in the order of `told`. */
const letters: Readonly<Record<TaskChange['kind'], string>> = {
  duplicate: '.',
  'not-its-death': 'x',
  unconfirmed: '?',
  progress: 'p',
  running: 'R',
  health: 'h',
  unreachable: 'u',
  returned: 'b',
  resurrected: 'r',
  'never-ran': 'n',
  ended: 'e',
  'end-confirmed': 'c',
};

// STAGING STARTING RUNNING KILLING | FINISHED FAILED KILLED ERROR-agent ERROR-master ERROR-taken | DROPPED-offers LOST-offers
// DROPPED-agent LOST-agent LOST-asked | LOST-unreachable UNREACHABLE | GONE GONE-asked GONE_BY_OPERATOR UNKNOWN | later
const table: Readonly<Record<string, string>> = {
  launched: 'ppRp eeeeen nnnen uu enen .',
  STAGING: '.pRp eeeeen nnnen uu enen .',
  STARTING: '..Rp eeeexx xxeee uu eeee .',
  RUNNING: '...p eeeexx xxeee uu eeee .',
  KILLING: '.... eeeexx xxeee uu eeee .',
  UNREACHABLE: 'bbbb eeeexx xxeee .. eeee .',
  'LOST, unreachable': 'bbbb eeeexx xxeee .. eeee .',
  'LOST, agent': 'rrrr cccc.. ..... .. .... .',
  GONE: 'rrrr cccc.. ..... .. .... .',
  GONE_BY_OPERATOR: 'rrrr cccc.. ..... .. .... .',
  DROPPED: 'rrrr cccc.. ..... .. .... .',
  UNKNOWN: 'rrrr cccc.. ..... .. .... .',
  'ERROR of the master': 'rrrr cccc.. ..... .. .... .',
  FINISHED: '.... ...... ..... .. .... .',
  FAILED: '.... ...... ..... .. .... .',
  KILLED: '.... ...... ..... .. .... .',
  'ERROR of an agent': '.... ...... ..... .. .... .',
};

describe('what each status does to a task in each state', () => {
  test('the table covers all 14 states of Mesos', () => {
    expect(new Set(Object.values(told).map(({ state }) => state)).size).toBe(15);
  });

  test.each(Object.keys(known))('%s', (name) => {
    const record = known[name]!;
    const row = Object.values(told).map((each) => letters[applyStatus(record, each, launching).change.kind]);
    expect(row.join('')).toBe(table[name]!.replaceAll(' ', ''));
  });

  test('an attempt that may not be repeated has ended where it would be repeated', () => {
    for (const name of ['launched', 'STAGING']) {
      for (const each of Object.values(told)) {
        const { change } = applyStatus(known[name]!, each, launching);
        const { change: other } = applyStatus(known[name]!, each, settled);
        expect(other.kind).toBe(change.kind === 'never-ran' ? 'ended' : change.kind);
      }
    }
  });

  test('a launch that the master has never heard of can be repeated (#50)', () => {
    for (const answer of ['UNKNOWN', 'GONE, asked', 'LOST, asked']) {
      const { change } = applyStatus(fresh, told[answer]!, launching);
      expect(change).toEqual({ kind: 'never-ran', why: 'unknown' });
    }
    // On an agent that is unreachable, it may have been heard of.
    expect(applyStatus(fresh, told['UNREACHABLE']!, launching).change.kind).toBe('unreachable');
  });

  test('a task that runs for the first time where nobody saw it counts as its first run (#61)', () => {
    const away = applyStatus(fresh, told['UNREACHABLE']!, launching).record;
    const back = applyStatus(away, told['RUNNING']!, launching);
    expect(back.change).toEqual({ kind: 'returned', firstRun: true });
    expect(applyStatus(back.record, told['RUNNING']!, launching).change.kind).toBe('duplicate');
    const dropped = applyStatus(fresh, told['DROPPED, offers']!, launching).record;
    const alive = applyStatus(dropped, told['RUNNING']!, launching).change;
    expect(alive).toEqual({ kind: 'resurrected', firstRun: true });
  });

  test('a young master that does not know a task confirms nothing (O36)', () => {
    for (const name of ['launched', 'STAGING', 'STARTING', 'RUNNING', 'KILLING', 'UNREACHABLE']) {
      for (const answer of ['UNKNOWN', 'GONE, asked', 'LOST, asked']) {
        const { record, change } = applyStatus(known[name]!, told[answer]!, young);
        expect(change.kind).toBe('unconfirmed');
        expect(record).toBe(known[name]);
      }
    }
    // What is no answer about its knowledge counts at once.
    expect(applyStatus(known['launched']!, told['DROPPED, offers']!, young).change.kind).toBe('never-ran');
    expect(applyStatus(known['RUNNING']!, told['GONE_BY_OPERATOR']!, young).change.kind).toBe('ended');
    expect(applyStatus(known['RUNNING']!, told['FINISHED']!, young).change.kind).toBe('ended');
  });
});

describe('health', () => {
  test('a task with a health check runs when it is healthy, and then its health is told (#45)', () => {
    const steps: [WireTaskStatus, TaskChange][] = [
      [status('TASK_STAGING'), { kind: 'progress' }],
      [status('TASK_STARTING'), { kind: 'progress' }],
      [status('TASK_RUNNING'), { kind: 'progress' }],
      [status('TASK_RUNNING', { healthy: false }), { kind: 'health', healthy: false }],
      [status('TASK_RUNNING', { healthy: true }), { kind: 'running' }],
      [status('TASK_RUNNING', { healthy: true }), { kind: 'duplicate' }],
      [status('TASK_RUNNING', { healthy: false }), { kind: 'health', healthy: false }],
      [status('TASK_RUNNING', { healthy: true }), { kind: 'health', healthy: true }],
    ];
    let record = checked;
    for (const [step, expected] of steps) {
      const applied = applyStatus(record, step, launching);
      expect(applied.change).toEqual(expected);
      record = applied.record;
    }
    expect(record.ran).toBe(true);
  });

  test('an answer to a reconciliation that leaves health out takes none away', () => {
    const healthy = applyStatus(checked, status('TASK_RUNNING', { healthy: true }), launching).record;
    const { record, change } = applyStatus(healthy, status('TASK_RUNNING', asked), settled);
    expect(change.kind).toBe('duplicate');
    expect(record.status?.healthy).toBe(true);
  });

  test('a kill by the health check is a failure, a kill of an unhealthy task is a kill (O26)', () => {
    const unhealthy = applyStatus(checked, status('TASK_RUNNING', { healthy: false }), launching).record;
    const byCheck = applyStatus(unhealthy, status('TASK_KILLED', { healthy: false, uuid: 'k' }), settled);
    expect(byCheck.change).toEqual({ kind: 'ended', end: { kind: 'unhealthy' } });
    const byUser = applyStatus(unhealthy, status('TASK_KILLED', { uuid: 'k' }), settled);
    expect(byUser.change).toEqual({ kind: 'ended', end: { kind: 'killed' } });
    expect(byUser.record.status?.healthy).toBeUndefined();
  });

  test('a change of a check or of an address is progress', () => {
    const running = applyStatus(fresh, status('TASK_RUNNING'), launching).record;
    const check = status('TASK_RUNNING', { check_status: { command: { exit_code: 4 } } });
    expect(applyStatus(running, check, settled).change.kind).toBe('progress');
    const addressed = status('TASK_RUNNING', {
      container_status: { network_infos: [{ ip_addresses: [{ ip_address: '10.0.0.7' }] }] },
    });
    expect(applyStatus(running, addressed, settled).change.kind).toBe('progress');
  });
});

describe('what a record keeps of its statuses', () => {
  test('executor and addresses outlive the statuses that leave them out', () => {
    const running = status('TASK_RUNNING', {
      executor_id: { value: 'ex' },
      container_status: { network_infos: [{ ip_addresses: [{ ip_address: '10.0.0.7' }] }] },
    });
    let { record } = applyStatus(fresh, running, launching);
    ({ record } = applyStatus(record, status('TASK_UNREACHABLE', since), settled));
    ({ record } = applyStatus(record, status('TASK_FINISHED', { uuid: 'f' }), settled));
    expect(record.status).toMatchObject({ state: 'TASK_FINISHED', executor_id: { value: 'ex' } });
    expect(record.status?.container_status).toEqual(running.container_status);
  });

  test('what docker inspect says is dropped where nobody looks it up (O31)', () => {
    const running = status('TASK_RUNNING', { data: 'W10=' });
    expect(applyStatus(fresh, running, launching).record.status?.data).toBeUndefined();
    const image = { name: 'i', runtime: 'docker', network: { name: 'n' }, routable: true } as const;
    const routable: TaskRecord = { ...fresh, spec: { id: 't', role: '*', cpus: 1, memoryMb: 1, image } };
    const { record } = applyStatus(routable, running, launching);
    expect(record.status?.data).toBe('W10=');
    const again = applyStatus(record, status('TASK_RUNNING', { ...asked, healthy: true }), settled);
    expect(again.record.status?.data).toBe('W10=');
  });
});

const anyStatus: fc.Arbitrary<WireTaskStatus> = fc
  .record({
    base: fc.constantFrom(...Object.values(told)),
    uuid: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    healthy: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ base, uuid, healthy }) => ({
    ...base,
    ...(uuid !== undefined && { uuid: `${base.state}-${uuid}` }),
    ...(healthy !== undefined && { healthy }),
  }));

const anyStep = fc.record({ status: anyStatus, masterIsYoung: fc.boolean(), launching: fc.boolean() });

function follow(record: TaskRecord, steps: readonly ({ readonly status: WireTaskStatus } & StatusContext)[]) {
  const changes: TaskChange[] = [];
  let current = record;
  for (const step of steps) {
    const applied = applyStatus(current, step.status, step);
    changes.push(applied.change);
    current = applied.record;
  }
  return { record: current, changes };
}

describe('any order and repetition of updates', () => {
  const anyRecord = fc.constantFrom(fresh, checked);
  const anySteps = fc.array(anyStep, { maxLength: 40 });

  test('the same status again has no effect (#47)', () => {
    fc.assert(
      fc.property(anyRecord, anySteps, anyStep, (record, before, step) => {
        const once = applyStatus(follow(record, before).record, step.status, step);
        const twice = applyStatus(once.record, step.status, step);
        expect(['duplicate', 'not-its-death', 'unconfirmed']).toContain(twice.change.kind);
        expect(twice.record).toBe(once.record);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a task is told to run at most once', () => {
    fc.assert(
      fc.property(anyRecord, anySteps, (record, steps) => {
        const first = follow(record, steps).changes.filter(
          (change) => change.kind === 'running' || ('firstRun' in change && change.firstRun),
        );
        expect(first.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a death is told once, unless the task returns between (#46)', () => {
    fc.assert(
      fc.property(anyRecord, anySteps, (record, steps) => {
        let isDead = false;
        for (const { kind } of follow(record, steps).changes) {
          if (kind === 'ended' || kind === 'never-ran') {
            expect(isDead).toBe(false);
            isDead = true;
          } else if (kind === 'resurrected') {
            expect(isDead).toBe(true);
            isDead = false;
          } else if (isDead) {
            expect(['duplicate', 'not-its-death', 'end-confirmed']).toContain(kind);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('nothing follows an end that an executor has seen', () => {
    fc.assert(
      fc.property(anyRecord, anySteps, anySteps, (record, before, after) => {
        const end = { status: status('TASK_FINISHED', { uuid: 'the end' }), ...settled };
        const over = follow(record, [...before, end]);
        const then = follow(over.record, after);
        expect(then.changes.every(({ kind }) => kind === 'duplicate')).toBe(true);
        expect(then.record).toBe(over.record);
      }),
      { numRuns: 1_000 },
    );
  });
});
