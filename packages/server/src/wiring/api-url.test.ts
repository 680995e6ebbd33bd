import { expect, test } from 'vitest';

import { loadConfig } from '../config/load.ts';
import { agentApiUrl } from './agent-api-url.ts';
import { apiUrlOf } from './api-url.ts';

function configOf(...sets: string[]) {
  const machine = { memoryMb: 8192, homeDirectory: '/root' };
  return loadConfig({ env: {}, flags: [], sets, machine }).config;
}

test.each([
  [['http.host=10.0.0.5'], 'http://10.0.0.5:3233'],
  [['http.host=::1'], 'http://[::1]:3233'],
  [['http.host=0.0.0.0'], 'http://127.0.0.1:3233'],
  [['http.host=0.0.0.0', 'http.apiHost=faas.example:80'], 'http://faas.example:80'],
  [['http.apiHost=faas.example', 'http.tls.cert=/c', 'http.tls.key=/k'], 'https://faas.example'],
  [['http.apiHost=https://faas.example/'], 'https://faas.example'],
])('the API is reached as the settings say: %j', (sets, url) => {
  expect(apiUrlOf(configOf(...sets), { here: '127.0.0.1', port: 3233 })).toBe(url);
});

test.each(['http://localhost:5050', '127.0.0.1:5050,127.0.0.2:5050', 'http://[::1]:5050'])(
  'agents of a master on this machine (%s) reach the API here',
  (masters) => {
    const config = configOf('http.host=0.0.0.0', `mesos.masterUrl=${masters}`);
    expect(agentApiUrl(config, 3233)).toBe('http://127.0.0.1:3233');
  },
);
