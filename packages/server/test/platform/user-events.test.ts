import { afterEach, describe, expect, it } from 'vitest';

import { ask, cleanUp, guestOf, startPlatform, type PlatformProcess } from './platform-process.ts';

afterEach(cleanUp);

async function metricsOf(platform: PlatformProcess): Promise<string> {
  return (await ask({ port: platform.port }, 'GET /metrics')).text;
}

const labels = 'namespace="guest",initiator="guest",action="hello"';

describe("metrics of users' actions", () => {
  it('count what ran, by action, whether its record is kept or not', async () => {
    const platform = await startPlatform({
      args: ['--containers', 'process', '--set', 'activation.storeBlockingResultLevel=STORE_FAILURES'],
    });
    const guest = guestOf(platform);
    await guest.create('hello', 'exports.main = ({ fail }) => (fail ? { error: { statusCode: 404 } } : {});');
    await guest.invoke('hello');
    await guest.invoke('hello', { fail: true });
    const text = await metricsOf(platform);
    expect(text).toContain(`openwhisk_action_activations_total{${labels},kind="nodejs:20",memory="256"} 2\n`);
    expect(text).toContain(`openwhisk_action_coldStarts_total{${labels}} 1\n`);
    expect(text).toContain(`openwhisk_action_status{${labels},status="success"} 1\n`);
    expect(text).toContain(`openwhisk_action_status{${labels},status="application_error"} 1\n`);
    expect(text).toContain(`openwhisk_action_status_code{${labels},status_code="404"} 1\n`);
  });

  it('count requests over the limit, and nothing at all when they are turned off', async () => {
    const one = ['--containers', 'process', '--set', 'limits.actions.invokes.perMinute=0'];
    const counting = await startPlatform({ args: one });
    await guestOf(counting).create('hello', 'exports.main = () => ({})');
    expect((await guestOf(counting).invoke('hello')).status).toBe(429);
    expect(await metricsOf(counting)).toContain('openwhisk_action_limit_timed_total{namespace="guest"} 1\n');
    const silent = await startPlatform({ args: [...one, '--set', 'userEvents.enabled=false'] });
    await guestOf(silent).create('hello', 'exports.main = () => ({})');
    expect((await guestOf(silent).invoke('hello')).status).toBe(429);
    expect(await metricsOf(silent)).not.toContain('openwhisk_action');
  });
});
