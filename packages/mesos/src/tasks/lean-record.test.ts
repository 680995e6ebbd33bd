import { expect, test } from 'vitest';

import { leanRecord } from './lean-record.ts';
import type { TaskRecord } from './task-record.ts';

/** As a journal gives it: everything is its own. */
function record(id: string, mesosTaskId = id): TaskRecord {
  const full: TaskRecord = {
    id,
    mesosTaskId,
    attempt: 1,
    spec: {
      id,
      role: 'web',
      cpus: 0.1,
      memoryMb: 32,
      image: { name: 'service:1', runtime: 'docker' },
      ports: [{ name: 'http' }],
      env: { LEVEL: 'info' },
      labels: { team: 'a' },
    },
    labels: { team: 'a' },
    placement: {
      agentId: 'S1',
      hostname: 'agent-1.example.com',
      agentUrl: { scheme: 'http', address: { ip: '10.0.0.1', port: 5051 }, path: '/slave(1)' },
      hostPorts: [31_000],
    },
    state: 'TASK_RUNNING',
    status: {
      task_id: { value: mesosTaskId },
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      agent_id: { value: 'S1' },
      executor_id: { value: mesosTaskId },
      uuid: 'k+dw+DJpRuAAAwAAAAMzYA==',
      container_status: {
        container_id: { value: `container of ${id}` },
        network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '10.0.0.1' }] }],
      },
    },
    ran: true,
  };
  return JSON.parse(JSON.stringify(full)) as TaskRecord;
}

test('a lean record says the same', () => {
  for (const full of [record('a'), record('b', 'b.2'), { id: 'c', mesosTaskId: 'c', attempt: 0 }])
    expect(leanRecord(full)).toStrictEqual(full);
});

test('a status of another attempt, or of a shared executor, keeps its ids', () => {
  const full = record('a', 'a.2');
  const status = { ...full.status!, task_id: { value: 'a' }, executor_id: { value: 'pod' } };
  expect(leanRecord({ ...full, status }).status).toStrictEqual(status);
});

test('tasks of a kind, and tasks on one agent, share what they have in common', () => {
  const one = leanRecord(record('a'));
  const other = leanRecord(record('b'));
  for (const part of ['image', 'ports', 'env', 'labels'] as const)
    expect(one.spec![part]).toBe(other.spec![part]);
  expect(one.labels).toBe(one.spec!.labels);
  expect(one.placement!.agentUrl).toBe(other.placement!.agentUrl);
  expect(one.status!.agent_id).toBe(other.status!.agent_id);
  expect(one.status!.container_status!.network_infos).toBe(other.status!.container_status!.network_infos);
  expect(one.status!.executor_id).toBe(one.status!.task_id);
});
