// The same with the timing for one machine.
import { measureFailover } from '../lib/cluster-failover.js';

export function run({ quick }) {
  return measureFailover({
    figure: 'cluster-failover-fast',
    timing: 'fast',
    kills: quick ? 8 : 40,
    restMs: 200,
    goals: { p50: 1000, most: 1000 },
  });
}
