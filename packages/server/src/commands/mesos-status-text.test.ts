import { describe, expect, it } from 'vitest';

import type { MesosReport } from '../administration/mesos-report.ts';
import { mesosStatusText } from './mesos-status-text.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

const task = (id: string, rest: Partial<MesosReport['tasks'][number]> = {}) => ({
  id,
  name: id,
  kind: 'nodejs:20',
  memoryMb: 256,
  ...rest,
});

const report: MesosReport = {
  framework: {
    id: 'f7a1-0001',
    name: 'vibrissa',
    role: 'web',
    failoverTimeoutMs: 7 * 24 * 60 * MINUTE,
    teardownOnExit: false,
  },
  masters: 'http://10.0.0.1:5050',
  connection: { subscribed: true, since: NOW - 12 * MINUTE },
  agents: [
    {
      id: 'a1',
      hostname: 'agent-1',
      active: true,
      deactivated: false,
      total: { cpus: 8, memoryMb: 16_384 },
      free: { cpus: 7.499_999_9, memoryMb: 15_872 },
    },
    {
      id: 'a2',
      hostname: `${'long'.repeat(30)}.example`,
      active: false,
      deactivated: false,
      total: { cpus: 8, memoryMb: 16_384 },
      free: { cpus: 0, memoryMb: 0 },
    },
  ],
  memory: { usedMb: 768, userMemoryMb: 4096 },
  offersHeld: 2,
  tasks: [
    task('whisk-0-1-nodejs20-a1', {
      state: 'TASK_RUNNING',
      agent: 'agent-1',
      container: { state: 'prewarmed', active: 0, activations: 0 },
    }),
    task('whisk-0-2-hello-b2', {
      state: 'TASK_RUNNING',
      agent: 'agent-1',
      container: { state: 'running', active: 2, activations: 12, action: 'guest/hello' },
    }),
    task(`whisk-0-3-${'x'.repeat(60)}`, {
      container: { state: 'ready', active: 0, action: 'a/'.repeat(60) },
    }),
    task('whisk-0-4-old-c3', {
      state: 'TASK_KILLING',
      agent: 'agent-1',
      container: { state: 'removing', active: 0 },
    }),
    task('whisk-0-5-old-d4', { state: 'TASK_RUNNING', agent: 'agent-1' }),
  ],
  waiting: [
    {
      id: 'whisk-0-9-big-d4',
      name: 'big',
      kind: 'nodejs:20',
      memoryMb: 65_536,
      waitedMs: 4000,
      why: `No offer has enough memory: ${'it wants 65536 MB and the largest one has 16384 MB. '.repeat(3)}`,
    },
  ],
  failedStarts: [
    {
      kind: 'nodejs:20',
      memoryMb: 256,
      agent: 'agent-1',
      reason: `Its container could not be started on agent-1: ${'No such user nobody2. '.repeat(9)}`,
      at: NOW - 3 * MINUTE,
      times: 7,
    },
    { kind: 'some/image', memoryMb: 512, reason: 'No agent can run it.', at: NOW - 90_000, times: 1 },
  ],
};

function lineOf(text: string, start: string): string {
  return text.split('\n').find((line) => line.startsWith(start)) ?? '';
}

describe('the status of a platform on Mesos as text', () => {
  const text = mesosStatusText(report, NOW);

  it('is at most 100 characters wide, whatever the names are', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const lost = { ...report, connection: { subscribed: false, since: NOW, why: 'no '.repeat(99) } };
    const wide = mesosStatusText({ ...lost, masters: 'http://10.0.0.1:5050,http://10.0.0.2:5050' }, NOW);
    expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('fits a terminal of 80 columns, with the whole action and what Mesos says of a task', () => {
    const tasks = [
      task(`whisk-0-12-prewarm-nodejs20-0a1b2c3d4e`, {
        state: 'TASK_RUNNING',
        agent: 'agent-1.long.example.com',
        container: { state: 'ready', active: 0, activations: 3, action: 'guest/hello' },
      }),
      task('whisk-0-13-prewarm-nodejs20-4e3d2c1b0a', { state: 'TASK_UNREACHABLE', agent: 'agent-2' }),
    ];
    const narrow = mesosStatusText({ ...report, tasks }, NOW, 80);
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lineOf(narrow, 'whisk-0-12-')).toMatch(/… +agent-1[\w.]*… +warm, idle +3 +guest\/hello$/);
    expect(lineOf(narrow, 'whisk-0-13-')).toContain('Mesos: unreachable');
  });

  it('shows whole ids where the terminal is wide, and no lines beyond what an eye follows', () => {
    const wide = mesosStatusText(report, NOW, 400);
    expect(wide).toContain('whisk-0-1-nodejs20-a1');
    expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeLessThanOrEqual(160);
  });

  it('says how much memory containers have taken, and how much they may take', () => {
    expect(lineOf(text, 'memory')).toContain('768 of 4096 MB taken (containerPool.userMemoryMb)');
  });

  it('does not say that tasks outlive the platform by no time', () => {
    const framework = { ...report.framework, failoverTimeoutMs: 0 };
    const ended = mesosStatusText({ ...report, framework }, NOW);
    expect(lineOf(ended, 'tasks')).toContain('they are removed with the platform when it stops');
  });

  it('names framework, role, master, connection and offers', () => {
    expect(lineOf(text, 'framework')).toContain('vibrissa, f7a1-0001');
    expect(lineOf(text, 'role')).toContain('web');
    expect(lineOf(text, 'Mesos')).toContain('http://10.0.0.1:5050, subscribed for 12 minutes');
    expect(lineOf(text, 'offers')).toContain('2 in hand');
    expect(lineOf(text, 'tasks')).toContain('5; they outlive the platform by 7 days');
  });

  it('says of each agent what is free, and how many tasks of ours are there', () => {
    expect(lineOf(text, 'agent-1')).toMatch(/^agent-1 +active +7\.5 +8 +15872 +16384 +4$/);
    expect(lineOf(text, 'longlong')).toMatch(/… +disconnected +0 +8 +0 +16384 +0$/);
  });

  it('tells an agent that an operator drains from one that is gone', () => {
    const agents = report.agents!.map((agent) => ({ ...agent, active: false, deactivated: true }));
    expect(lineOf(mesosStatusText({ ...report, agents }, NOW), 'agent-1')).toMatch(/^agent-1 +deactivated /);
  });

  it('says of each task what Mesos and the pool know of it', () => {
    expect(lineOf(text, 'whisk-0-1')).toMatch(/ agent-1 +prewarmed +0 +nodejs:20, 256 MB$/);
    expect(lineOf(text, 'whisk-0-2')).toMatch(/ agent-1 +running \(2\) +12 +guest\/hello$/);
    expect(lineOf(text, 'whisk-0-3')).toMatch(/… +– +starting +– +a\/a\/[a/]*…$/);
    expect(lineOf(text, 'whisk-0-4')).toMatch(/ agent-1 +Mesos: killing +– +nodejs:20, 256 MB$/);
    expect(lineOf(text, 'whisk-0-5')).toMatch(/ agent-1 +not in use +–/);
  });

  it('says what waits for resources, for how long and why', () => {
    expect(text).toContain(
      '1 task waiting for resources:\nwhisk-0-9-big-d4 (nodejs:20, 65536 MB), for 4 seconds\n',
    );
    expect(text).toContain('\n  No offer has enough memory: it wants 65536 MB');
  });

  it('says what could not be started, when, how often and why', () => {
    expect(text).toContain(
      '\nCould not be started:\nnodejs:20, 256 MB on agent-1, 3 minutes ago, 7 times\n  Its container could',
    );
    expect(text).toContain('\nsome/image, 512 MB, 90 seconds ago\n  No agent can run it.\n');
    expect(mesosStatusText({ ...report, failedStarts: [] }, NOW)).not.toContain('be started');
  });

  it('says that there is no subscription, and why', () => {
    const connection = { subscribed: false, since: NOW - 90_000, why: 'connection refused' };
    const lost = mesosStatusText({ ...report, connection }, NOW);
    expect(lineOf(lost, 'Mesos')).toContain('NOT SUBSCRIBED for 90 seconds: connection refused');
  });

  it('says when the agents are not known, and when there are none', () => {
    const { agents: _, ...rest } = report;
    expect(mesosStatusText({ ...rest, agentsUnknown: 'the master answers 403' }, NOW)).toContain(
      'The agents are not known: the master answers 403',
    );
    expect(mesosStatusText({ ...report, agents: [] }, NOW)).toContain('The cluster has no agents.');
  });

  it('has no table of tasks where there are none', () => {
    expect(mesosStatusText({ ...report, tasks: [], waiting: [] }, NOW)).not.toContain('TASK  ');
  });
});

it('of a platform whose stop removes its framework says that no task outlives it', () => {
  const framework = { ...report.framework, teardownOnExit: true };
  const said = mesosStatusText({ ...report, framework }, NOW);
  expect(said).toContain('; they are removed with the platform when it stops\n');
  expect(said).not.toContain('outlive');
});
