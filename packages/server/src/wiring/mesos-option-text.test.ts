import { MesosScheduler } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { inSettingNames } from './mesos-option-text.ts';

type Options = Parameters<typeof MesosScheduler.open>[0];

async function saidOf(options: Options): Promise<string> {
  const error: unknown = await MesosScheduler.open(options).catch((reason: unknown) => reason);
  return inSettingNames((error as Error).message);
}

const masters = 'http://127.0.0.1:5050';

test.each<[setting: string, options: Options]>([
  ['mesos.role', { masters, framework: { name: 'a', roles: ['a/../b'] } }],
  ['mesos.frameworkName', { masters, framework: { name: '' } }],
  ['mesos.user', { masters, framework: { name: 'a', user: '' } }],
  ['mesos.timeouts.failover', { masters, framework: { name: 'a', failoverTimeoutMs: -1 } }],
  ['mesos.principal', { masters, framework: { name: 'a' }, auth: { principal: '', secret: 'x' } }],
  ['mesos.caFile', { masters, framework: { name: 'a' }, tls: { ca: '' } }],
  ['mesos.offers.hold', { masters, framework: { name: 'a' }, offers: { holdMs: -1 } }],
  ['mesos.offers.refuse', { masters, framework: { name: 'a' }, offers: { refuseWaitingMs: -1 } }],
  ['mesos.heartbeatMaxFailures', { masters, framework: { name: 'a' }, timeouts: { missedHeartbeats: 0 } }],
])('what the client refuses is told of %s', async (setting, options) => {
  const said = await saidOf(options);
  expect(said).toMatch(new RegExp(`^${setting.replaceAll('.', '\\.')} `));
  expect(said).not.toContain('options.');
});

test('a master without TLS that is dialled with it is recognised', () => {
  expect(inSettingNames('https://10.0.0.1:5050 closed the connection.')).toMatch(/begins with http:\/\/\.$/);
  expect(inSettingNames('http://10.0.0.1:5050 closed the connection.')).not.toContain('TLS');
});
