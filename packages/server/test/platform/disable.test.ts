import { afterEach, describe, expect, it } from 'vitest';

import { ask, cleanUp, guestOf, startPlatform, type PlatformProcess } from './platform-process.ts';

afterEach(cleanUp);

const slow = `exports.main = ({ n = 0 }) => new Promise((resolve) => setTimeout(resolve, 400, { n: n + 1 }));`;

function disable({ port }: PlatformProcess, key: string) {
  return ask({ port, key }, 'POST /disable');
}

describe('a controller that is disabled', () => {
  it('refuses what is new, and ends what runs, sequences too', async () => {
    const platform = await startPlatform({
      args: ['--containers', 'process', '--set', 'controller.disabler=operator:a secret'],
    });
    const guest = guestOf(platform);
    await guest.create('slow', slow);
    const components = ['/_/slow', '/_/slow', '/_/slow'];
    await guest.call('PUT /api/v1/namespaces/_/actions/seq', { exec: { kind: 'sequence', components } });
    const id = await guest.start('seq');
    expect(await disable(platform, 'operator:guess')).toMatchObject({
      status: 401,
      text: 'username or password are wrong.',
    });
    expect(await disable(platform, 'operator:a secret')).toMatchObject({
      status: 200,
      text: 'controller is disabled',
    });
    expect((await guest.invoke('slow')).status).toBe(503);
    expect((await guest.record(id)).response.result).toEqual({ n: 3 });
    expect((await platform.stop()).code).toBe(0);
  });

  it('is disabled by nobody where no password is set', async () => {
    const platform = await startPlatform({ args: ['--containers', 'process'] });
    for (const key of ['', ':', 'undefined:undefined', 'controller.user:controller.pass']) {
      expect((await disable(platform, key)).status).toBe(401);
    }
  });
});
