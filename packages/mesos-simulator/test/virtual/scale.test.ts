import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import { command, TestScheduler } from './test-scheduler.ts';

test(
  '10,000 agents run 100,000 tasks in one process, and a restarted master gets them all back',
  { timeout: 300_000 },
  () => {
    const next = seededRandom(42);
    const cluster = new VirtualCluster({ random: { next }, agents: 10_000 });
    cluster.run(1000);
    const scheduler = new TestScheduler(cluster).subscribe();
    expect(scheduler.offers.size).toBe(10_000);
    let launched = 0;
    for (const offer of scheduler.offers.values()) {
      const tasks = Array.from({ length: 10 }, () => command(`t${launched++}`, offer.agent_id.value));
      scheduler.launch(offer, tasks, 3600);
    }
    cluster.run(5000);
    const running = (): number =>
      cluster.snapshot()?.frameworks[0]?.tasks.filter(({ state }) => state === 'TASK_RUNNING').length ?? 0;
    expect(running()).toBe(100_000);
    cluster.killMaster(1);
    cluster.run(1000);
    cluster.startMaster(1);
    cluster.run(1000);
    scheduler.subscribe();
    cluster.run(60_000);
    expect(running()).toBe(100_000);
  },
);
