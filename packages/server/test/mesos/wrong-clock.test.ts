import { afterEach, expect, test } from 'vitest';

import { systemClock, type Clock } from '../../src/base/clock.ts';
import { aSpec, init, openCluster, post } from './mesos-fixture.ts';

const HOUR_MS = 3_600_000;

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** The machine's, with a time of day that somebody sets. */
function adjustable() {
  let skewMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + skewMs,
    epochNs: () => systemClock.epochNs() + BigInt(skewMs) * 1_000_000n,
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, run) => systemClock.after(delayMs, run),
    every: (periodMs, run) => systemClock.every(periodMs, run),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
  };
  return { clock, set: (ms: number) => (skewMs = ms) };
}

test.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])(
  'a clock that is set %s by an hour ends no container, and hides no agent that is on its way to a new master',
  async (_, jumpMs) => {
    const { clock, set } = adjustable();
    const cluster = await openCluster({ clock });
    endings.push(() => cluster.close());
    const factory = await cluster.openFactory();
    endings.push(() => factory.close());
    const { connection } = factory;
    const container = await factory.create(aSpec());
    await init(container, 'function main() { return { alive: true } }');
    await connection.agents();
    await cluster.simulator.control.restartMaster(1);
    await expect.poll(() => connection.state.subscribed).toBe(false);
    await expect.poll(() => connection.state.subscribed).toBe(true);
    set(jumpMs);
    expect(connection.withReturning([])).toHaveLength(1);
    expect((await post(container, '/run', {})).body).toBe('{"alive":true}');
    const next = await factory.create(aSpec());
    expect((await post(next, '/status', {})).status).toBe(200);
    expect(connection.scheduler.tasks().map(({ id }) => id)).toEqual([container.id, next.id]);
  },
  60_000,
);
