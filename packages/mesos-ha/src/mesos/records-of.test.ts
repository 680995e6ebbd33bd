import type { MasterAgent, MasterTask } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { labelsOf } from './cluster-labels.ts';
import { recordsOf } from './records-of.ts';

const agent: MasterAgent = {
  agent_info: { id: { value: 'agent-1' }, hostname: 'one.example', port: 5051 },
  active: true,
  version: '1.11.0',
};

function task(mesosTaskId: string, id: string, more: Partial<MasterTask> = {}): MasterTask {
  const labels = labelsOf({ name: 'mine', epoch: 3, member: 'm', task: id });
  return {
    name: id,
    task_id: { value: mesosTaskId },
    framework_id: { value: 'f' },
    agent_id: { value: 'agent-1' },
    state: 'TASK_RUNNING',
    labels: { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) },
    ...more,
  };
}

function records(...tasks: readonly MasterTask[]) {
  return recordsOf('mine', { tasks, pending: [], unreachable: [] }, [agent]);
}

test('a task that runs has the id that it was submitted with, its place and its ports', () => {
  const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 31001 }] } } as const;
  const [record] = records(task('web.2', 'web', { resources: [ports] }));
  expect(record).toMatchObject({
    id: 'web',
    mesosTaskId: 'web.2',
    attempt: 2,
    ran: true,
    state: 'TASK_RUNNING',
    placement: { agentId: 'agent-1', hostname: 'one.example', hostPorts: [31000, 31001] },
  });
});

test('of two attempts the later one counts', () => {
  expect(records(task('web.3', 'web'), task('web', 'web')).map(({ mesosTaskId }) => mesosTaskId)).toEqual([
    'web.3',
  ]);
});

test('what has not come to run is not called running', () => {
  const [record] = records(task('web', 'web', { state: 'TASK_STAGING' }));
  expect(record).not.toHaveProperty('ran');
});

test('one whose end is not acknowledged has not ended: its end is told again', () => {
  const status = { task_id: { value: 'job' }, state: 'TASK_FINISHED', uuid: 'u' } as const;
  const running = { ...status, state: 'TASK_RUNNING' } as const;
  const [record] = records(task('job', 'job', { state: 'TASK_FINISHED', statuses: [running, status] }));
  expect(record).toMatchObject({ id: 'job', ran: true });
  expect(record).not.toHaveProperty('state');
  expect(record).not.toHaveProperty('status');
});

test('a status that may be told again is not taken for handled', () => {
  const status = { task_id: { value: 'web' }, state: 'TASK_RUNNING', uuid: 'u', healthy: true } as const;
  const [record] = records(task('web', 'web', { statuses: [status] }));
  expect(record!.status).toEqual({ task_id: { value: 'web' }, state: 'TASK_RUNNING', healthy: true });
});

test('another cluster’s tasks, and those without marks, are none of its business', () => {
  const { labels: _, ...bare } = task('bare', 'bare');
  expect(recordsOf('other', { tasks: [task('web', 'web')], pending: [], unreachable: [] }, [])).toEqual([]);
  expect(records(bare)).toEqual([]);
});
