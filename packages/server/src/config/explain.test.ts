import { describe, expect, it } from 'vitest';

import { explainConfig, explainConfigAsJson, renderConfigReference } from './explain.ts';
import { loadConfig } from './load.ts';
import { settings } from './schema.ts';

const loaded = loadConfig({
  env: {
    VIBRISSA_USERS_GUEST:
      '00000000-0000-4000-8000-000000000000:SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECR',
  },
  flags: [],
  sets: ['timeLimit.max=10 minutes'],
  machine: { memoryMb: 2048, homeDirectory: '/home/eva' },
});

describe('explaining the configuration', () => {
  it('shows each value, its unit and its origin', () => {
    const text = explainConfig(loaded);
    expect(text).toMatch(/^timeLimit\.max +600000 ms +--set$/m);
    expect(text).toMatch(/^http\.port +3233 +default$/m);
    expect(text.trimEnd().split('\n')).toHaveLength(settings.size);
  });

  it('masks secrets, in both forms', () => {
    for (const text of [explainConfig(loaded), explainConfigAsJson(loaded)]) {
      expect(text).not.toContain(
        '00000000-0000-4000-8000-000000000000:SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECR',
      );
      expect(text).toContain('********');
    }
  });

  it('gives programs every setting', () => {
    const parsed = JSON.parse(explainConfigAsJson(loaded)) as { [path: string]: { value: unknown } };
    expect(Object.keys(parsed)).toEqual([...settings.keys()]);
    expect(parsed['containerPool.userMemoryMb']?.value).toBe(1024);
  });

  it('writes a reference that names every setting with its variable', () => {
    const page = renderConfigReference();
    for (const path of settings.keys()) expect(page).toContain(`| \`${path}\` |`);
    expect(page).toContain('`VIBRISSA_HTTP_ADMIN_PORT`');
  });
});

it('with containers on Mesos it does not show memory of this machine as what they may take', () => {
  const machine = { memoryMb: 8192, homeDirectory: '/root' };
  const explained = (...sets: string[]) =>
    explainConfig(loadConfig({ env: {}, flags: [], sets: ['containers.factory=mesos', ...sets], machine }));
  expect(explained()).toMatch(
    /^containerPool\.userMemoryMb +\(none\) +default: half of what the Mesos agents/m,
  );
  expect(explained('containerPool.userMemoryMb=1024')).toMatch(
    /^containerPool\.userMemoryMb +1024 MB +--set$/m,
  );
});
