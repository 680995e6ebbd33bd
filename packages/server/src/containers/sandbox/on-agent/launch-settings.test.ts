import { describe, expect, it } from 'vitest';
import { readLaunchSettings } from './launch-settings.ts';

const given = { VIBRISSA_KIND: 'nodejs:20', PORT0: '31000' };

describe('what a task tells its launcher', () => {
  it('needs no more than a kind and a port', () => {
    expect(readLaunchSettings(given)).toEqual({
      kind: 'nodejs:20',
      port: 31_000,
      allowUnconfined: false,
      sandbox: { tmpMb: 128, actionDirMb: 256, sharedMemoryMb: 16 },
      env: {},
    });
  });

  it('passes to the runtime what is meant for it, and nothing else', () => {
    const env = { __OW_TOKEN: 'secret', __OW_ALLOW_CONCURRENT: 'true', MESOS_TASK_ID: 'whisk-1' };
    const others = {
      HOME: '/root',
      LD_PRELOAD: '/x.so',
      MESOS_SANDBOX: '/s',
      '__OW_A B': 'no',
      PATH: '/bin',
    };
    expect(readLaunchSettings({ ...given, ...env, ...others }).env).toEqual(env);
  });

  it('has sizes where they differ from the usual ones', () => {
    const { sandbox } = readLaunchSettings({ ...given, VIBRISSA_SANDBOX: '{"tmpMb":7}' });
    expect(sandbox).toEqual({ tmpMb: 7, actionDirMb: 256, sharedMemoryMb: 16 });
  });

  it.each([
    [{ ...given, VIBRISSA_KIND: '' }, 'VIBRISSA_KIND is not set: which runtime is it to be?'],
    [{ VIBRISSA_KIND: 'nodejs:20' }, 'PORT0 is no port of this agent: it is not set'],
    [{ ...given, PORT0: '0' }, 'PORT0 is no port of this agent: 0'],
    [{ ...given, PORT0: '65536' }, 'PORT0 is no port of this agent: 65536'],
    [{ ...given, PORT0: '1e3' }, 'PORT0 is no port of this agent: 1e3'],
    [{ ...given, VIBRISSA_API: 'ftp://x' }, 'VIBRISSA_API is no http or https URL: ftp://x'],
    [{ ...given, VIBRISSA_API: 'nonsense' }, 'VIBRISSA_API is no http or https URL: nonsense'],
    [{ ...given, VIBRISSA_SANDBOX: '{' }, 'VIBRISSA_SANDBOX has other sizes than whole megabytes: {'],
    [
      { ...given, VIBRISSA_SANDBOX: '{"tmpMb":0.5}' },
      'VIBRISSA_SANDBOX has other sizes than whole megabytes: {"tmpMb":0.5}',
    ],
  ])('is refused when it makes no sense: %j', (env, message) => {
    expect(() => readLaunchSettings(env)).toThrow(message);
  });
});
