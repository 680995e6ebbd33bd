import type { MasterAgent } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { examineCluster } from './examine-cluster.ts';
import { whyNoneFits } from './fitting-agents.ts';
import { loadConfig } from '../../config/load.ts';

function agent(cpus: number, mem: number, attributes: { readonly [name: string]: string } = {}): MasterAgent {
  return {
    agent_info: {
      hostname: `agent-${mem}`,
      attributes: Object.entries(attributes).map(([name, value]) => ({
        name,
        type: 'TEXT',
        text: { value },
      })),
    },
    active: true,
    version: '1.11.0',
    total_resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: cpus } },
      { name: 'mem', type: 'SCALAR', scalar: { value: mem / 2 } },
      { name: 'mem', type: 'SCALAR', scalar: { value: mem / 2 }, reservations: [{ role: 'web' }] },
    ],
  };
}

const agents = [agent(2, 1024, { rack: 'r1' }), agent(4, 512, { rack: 'r2', os: 'debian' })];
const small = { cpus: 1, memoryMb: 256, constraints: [], role: 'web' };

test('an agent that is large enough when it is empty will do, some day', () => {
  expect(whyNoneFits(agents, small)).toBeUndefined();
  expect(whyNoneFits([], { ...small, cpus: 99 })).toBeUndefined();
});

test('what no single agent has is told with the largest ones', () => {
  expect(whyNoneFits(agents, { ...small, cpus: 3, memoryMb: 800 })).toBe(
    'it needs 3 cpus and 800 MB, and the largest of 2 agents has 4 cpus and 1024 MB',
  );
});

test('what is reserved for others does not count', () => {
  const of = (role: string) => whyNoneFits(agents, { ...small, memoryMb: 1024, role });
  expect(of('web')).toBeUndefined();
  expect(of('db')).toBe('it needs 1 cpus and 1024 MB, and the largest of 2 agents has 4 cpus and 512 MB');
});

test('constraints leave agents over, and those must be large enough', () => {
  const inRack = (operator: 'LIKE' | 'UNLIKE' | 'EQUALS', value: string) => ({
    ...small,
    memoryMb: 600,
    constraints: [{ attribute: 'rack', operator, value }],
  });
  expect(whyNoneFits(agents, inRack('LIKE', 'r.'))).toBeUndefined();
  expect(whyNoneFits(agents, inRack('UNLIKE', 'r1'))).toMatch(/the only agent that may take it has 4 cpus/);
  expect(whyNoneFits(agents, inRack('EQUALS', 'r9'))).toBe(
    'no agent satisfies rack EQUALS r9 (agents have rack r1, r2)',
  );
  const without = { attribute: 'gpu', operator: 'EXISTS' } as const;
  expect(whyNoneFits(agents, { ...small, constraints: [without] })).toBe(
    'no agent satisfies gpu EXISTS (no agent has gpu)',
  );
  const onHost = { attribute: 'hostname', operator: 'LIKE', value: 'agent-5.*' } as const;
  expect(whyNoneFits(agents, { ...small, constraints: [onHost] })).toBeUndefined();
});

test('an operator is told at the start what the cluster lacks', () => {
  const machine = { memoryMb: 4096, homeDirectory: '/root' };
  const { mesos } = loadConfig({ env: {}, flags: [], sets: ['mesos.role=db'], machine }).config;
  const config = { settings: mesos, constraints: [], blackboxConstraints: [] };
  const told = (standardMb: number, userMemoryMb: number, of = agents) =>
    examineCluster(of, { config, standardMb, userMemoryMb }).map(({ what }) => what);
  expect(told(256, 646)).toEqual([]);
  expect(told(256, 900)).toEqual([
    'containerPool.userMemoryMb is 900, but the Mesos agents have 768 MB for the role db (48 MB beside each 256 MB are mesos.command.overhead): invocations may wait for room that there is not.',
  ]);
  expect(told(1000, 600)).toEqual([
    'No Mesos agent can run containers of managed kinds: it needs 0.01 cpus and 1048 MB, and the largest of 2 agents has 4 cpus and 512 MB.',
    "No Mesos agent can run containers of users' images: it needs 0.01 cpus and 1000 MB, and the largest of 2 agents has 4 cpus and 512 MB.",
  ]);
  expect(told(256, 700, [])).toEqual(['The Mesos cluster has no agents: invocations wait until one comes.']);
});

test('an operator is told how much memory actions may take beside the overhead of their tasks', () => {
  const machine = { memoryMb: 4096, homeDirectory: '/root' };
  const mends = (userMemoryMb: number, ...sets: string[]) => {
    const { mesos } = loadConfig({ env: {}, flags: [], sets: ['mesos.role=db', ...sets], machine }).config;
    const config = { settings: mesos, constraints: [], blackboxConstraints: [] };
    return examineCluster(agents, { config, standardMb: 256, userMemoryMb }).map(({ mend }) => mend);
  };
  // Of 768 MB: 256 of each 304.
  expect(mends(646)).toEqual([]);
  expect(mends(647)).toEqual(['Set it to 646 or less.']);
  expect(mends(768, 'mesos.task=docker')).toEqual([]);
  expect(mends(769, 'mesos.task=docker')).toEqual(['Set it to 768 or less.']);
});
