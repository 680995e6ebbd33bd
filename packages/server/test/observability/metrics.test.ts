import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, cleanUp, guestOf, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';

let platform: PlatformProcess;

beforeAll(async () => {
  platform = await startPlatform();
  const guest = guestOf(platform);
  await guest.create('hello', 'exports.main = () => ({ ok: true })');
  await guest.create('broken', 'this is no code');
  for (let times = 0; times < 3; times++) await guest.invoke('hello');
  await guest.invoke('broken');
  await guest.record(await guest.start('hello'));
});
afterAll(cleanUp);

/** The value of a series, as a scrape shows it now. */
async function valueOf(series: string): Promise<number | undefined> {
  const { text } = await ask({ port: platform.port }, 'GET /metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('GET /metrics, after four blocking invocations, of which one failed, and another', () => {
  it.each([
    ['counter_controller_startup_counter_total{id="0"}', 1],
    ['counter_invoker_startup_counter_total{id="0"}', 1],
    ['counter_controller_activation_start_total', 1],
    ['counter_controller_blockingActivation_start_total', 4],
    ['histogram_controller_blockingActivation_finish_seconds_count', 4],
    ['histogram_controller_blockingActivation_finish_seconds_bucket{le="+Inf"}', 4],
    ['counter_loadbalancer_activations_total', 5],
    ['counter_loadbalancer_completionAck_total{type="regular"}', 5],
    ['counter_loadbalancer_invokerState_counter_total{state="up"}', 1],
    ['gauge_loadbalancer_totalHealthyInvoker_counter', 1],
    ['gauge_loadbalancer_totalOfflineInvoker_counter', 0],
    ['counter_invoker_activation_start_total', 5],
    ['counter_invoker_activation_error_total', 0],
    ['counter_invoker_activationInit_error_total', 1],
    ['counter_invoker_activationRun_error_total', 0],
    ['histogram_invoker_activationInit_finish_seconds_count', 2],
    ['histogram_invoker_activationWait_finish_seconds_count', 5],
    ['counter_database_cacheMiss_counter_total', 2],
    ['counter_database_cacheHit_counter_total', 3],
  ])('%s is %d', async (series, value) => {
    // Slots are given back, and counted, after the answer.
    for (;;) {
      const now = await valueOf(series);
      if (now === value) break;
      expect(now ?? 0).toBeLessThan(value);
    }
  });

  it('shows the memory of invokers, and nothing of it taken when nothing runs', async () => {
    expect(await valueOf('gauge_loadbalancer_totalCapacity_counter')).toBeGreaterThan(0);
    while ((await valueOf('gauge_loadbalancer_memoryInflight_counter')) !== 0);
  });
});
