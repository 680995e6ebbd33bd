import { expect, test } from 'vitest';

import { startText, type MesosFacts } from './start-text.ts';

const facts = {
  apiUrl: 'http://127.0.0.1:3233',
  port: 3233,
  adminUrl: undefined,
  adminSocket: '/data/admin.sock',
  dataDir: '/data',
  logFile: undefined,
  guestKeyFile: "/it's data/auth.guest",
  recovered: { resumed: 0, stopped: 0 },
};

const mesos: MesosFacts = {
  frameworkId: 'f7a1-0001',
  frameworkName: 'vibrissa',
  masters: 'http://10.0.0.1:5050',
  agents: 3,
  memory: { userMemoryMb: 6144, source: 'agents' },
  adopted: { warm: 1, prewarmed: 2 },
  failoverTimeoutMs: 7 * 86_400_000,
  teardownOnExit: false,
};

test('on Mesos it names the master, the agents, the framework, and the tasks that were adopted', () => {
  const text = startText({ ...facts, mesos }, 'wsk');
  expect(text).toContain('  Mesos          http://10.0.0.1:5050 with 3 agents\n');
  expect(text).toContain('  framework      vibrissa, id f7a1-0001; its tasks outlive it by 7 days\n');
  expect(text).toContain('From the last run: 3 Mesos tasks adopted, 1 warm and 2 prewarmed.\n');
});

test.each([
  ['agents', 'half of what the agents have; containerPool.userMemoryMb sets another amount'],
  ['largest action', 'as one action of memory.max takes, since half of what the agents have is less'],
  ['setting', 'as containerPool.userMemoryMb says'],
  ['last start', 'as at the last start that found agents, since none are known now'],
  ['machine', "half of this machine's memory, since no agents are known: set containerPool.userMemoryMb"],
] as const)('on Mesos it says how much memory containers may take, and why (%s)', (source, why) => {
  const text = startText({ ...facts, mesos: { ...mesos, memory: { userMemoryMb: 6144, source } } }, 'wsk');
  expect(text).toContain(`  memory         6144 MB for all containers, ${why}\n`);
});

test('tasks that Mesos removes as soon as the platform is gone do not outlive it', () => {
  const text = startText({ ...facts, mesos: { ...mesos, failoverTimeoutMs: 0 } }, 'wsk');
  expect(text).toContain('its tasks are removed with the platform\n');
});

test('on Mesos it says what is not known, and what a stop removes', () => {
  const adopted = { warm: 0, prewarmed: 0 };
  const unknown = { ...mesos, adopted, frameworkId: undefined, agents: undefined, teardownOnExit: true };
  const text = startText({ ...facts, mesos: unknown }, 'wsk');
  expect(text).toContain('  Mesos          http://10.0.0.1:5050\n');
  expect(text).toContain('no id yet: no master was found; its tasks are removed with the platform\n');
  expect(text).not.toContain('From the last run');
});

test('the line to paste works in a directory of any name, and calls wsk as it is called here', () => {
  const file = `'/it'\\''s data/auth.guest'`;
  const line = `wsk property set --apihost 'http://127.0.0.1:3233' --auth "$(cat ${file})"\n`;
  expect(startText(facts, 'npx wsk')).toContain(`\n  npx ${line}`);
  expect(startText(facts, 'wsk')).toContain(`\n  ${line}`);
});

test.each([
  [{ resumed: 1, stopped: 1 }, '1 queued activation goes on, 1 interrupted one was recorded as stopped.'],
  [{ resumed: 0, stopped: 2 }, '0 queued activations go on, 2 interrupted ones were recorded as stopped.'],
])('what the last run left is counted: %j', (recovered, said) => {
  expect(startText({ ...facts, recovered }, 'wsk')).toContain(`From the last run: ${said}\n`);
});
