import { expect, test } from 'vitest';

import { loadConfig } from '../config/load.ts';
import { stopText } from './stop-text.ts';

function configOf({ dataDir, masterUrl }: { dataDir: string; masterUrl: string }) {
  const { config } = loadConfig({
    env: {},
    flags: [],
    sets: [`mesos.masterUrl=${masterUrl}`],
    machine: { memoryMb: 8192, homeDirectory: '/root' },
  });
  return { ...config, dataDir };
}

const left = { frameworkId: 'f7a1-0001', tasks: 4, failoverTimeoutMs: 7 * 86_400_000 };

test('the last lines say what Mesos keeps, for how long, and the command that removes it', () => {
  const said = stopText(
    left,
    configOf({ dataDir: "/it's data", masterUrl: 'http://a:5050,http://b:5050' }),
    'npx vibrissa',
  );
  expect(said).toBe(
    `Mesos keeps the framework f7a1-0001 with 4 tasks for 7 days; the next start takes them over.
To remove them now: npx vibrissa mesos teardown --yes --mesos-master http://a:5050,http://b:5050 --data-dir '/it'\\''s data'
`,
  );
});

test('there are none where nothing stays', () => {
  expect(stopText(undefined, configOf({ dataDir: '/data', masterUrl: 'x' }), 'vibrissa')).toBe('');
});

test('a framework without tasks is told in the singular', () => {
  const said = stopText({ ...left, tasks: 0 }, configOf({ dataDir: '/data', masterUrl: 'x' }), 'vibrissa');
  expect(said).toContain('with no tasks for 7 days; the next start takes it over.\nTo remove it now: ');
});

test('nothing is offered for removal where Mesos removes all at once', () => {
  const said = stopText(
    { ...left, failoverTimeoutMs: 0 },
    configOf({ dataDir: '/data', masterUrl: 'x' }),
    'vibrissa',
  );
  expect(said).toBe('Mesos removes the framework with its tasks: mesos.timeouts.failover is 0.\n');
});

test('the command that removes the framework says how the master is to be asked', () => {
  const config = configOf({ dataDir: '/data', masterUrl: 'https://m:5050' });
  const mesos = { ...config.mesos, principal: 'app', secretFile: '/etc/a secret', caFile: '/etc/ca.pem' };
  expect(stopText(left, { ...config, mesos }, 'vibrissa')).toContain(
    " --data-dir /data --set mesos.principal=app --set mesos.secretFile='/etc/a secret' --set mesos.caFile=/etc/ca.pem\n",
  );
});
