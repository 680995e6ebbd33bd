import type { MasterAgent } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { loadConfig } from '../config/load.ts';
import { poolMemoryOf } from './pool-memory.ts';

function agent(memoryMb: number, role: string): MasterAgent {
  return {
    active: true,
    version: '1.12.0',
    agent_info: { hostname: 'agent' },
    total_resources: [{ name: 'mem', type: 'SCALAR', role, scalar: { value: memoryMb } }],
  };
}

interface Known {
  readonly agents?: readonly MasterAgent[];
  readonly formerMb?: number;
}

function found({ agents, formerMb }: Known, ...sets: string[]) {
  const { config } = loadConfig({
    env: {},
    flags: [],
    sets: ['containers.factory=mesos', 'mesos.role=web', ...sets],
    machine: { memoryMb: 8192, homeDirectory: '/root' },
  });
  const mesosConfig = { settings: config.mesos, constraints: [], blackboxConstraints: [] };
  return poolMemoryOf(config, { agents, formerMb, mesosConfig });
}

const agents = [agent(6080, '*'), agent(6080, 'web'), agent(6080, 'db')];

test('without the setting containers may take half of what the agents have for the role, beside the overhead of tasks', () => {
  // 256 of each 304 MB are for actions.
  expect(found({ agents })).toEqual({ userMemoryMb: 5120, source: 'agents' });
  expect(found({ agents }, 'mesos.task=docker')).toEqual({ userMemoryMb: 6080, source: 'agents' });
});

test('the setting decides, whatever the agents have', () => {
  const said = found({ agents, formerMb: 1024 }, 'containerPool.userMemoryMb=4096');
  expect(said).toEqual({ userMemoryMb: 4096, source: 'setting' });
});

test('the largest action is not refused because the agents are small', () => {
  expect(found({ agents: [agent(600, '*')] })).toEqual({ userMemoryMb: 512, source: 'largest action' });
});

test('where no agents are known it is what the last start found, or else half of the machine', () => {
  expect(found({ formerMb: 1024 })).toEqual({ userMemoryMb: 1024, source: 'last start' });
  expect(found({ agents: [], formerMb: 1024 })).toEqual({ userMemoryMb: 1024, source: 'last start' });
  expect(found({ agents: [] })).toEqual({ userMemoryMb: 4096, source: 'machine' });
});
