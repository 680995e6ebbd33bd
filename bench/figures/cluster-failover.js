// A framework of three processes with default settings: SIGKILL of the leader → another one has SUBSCRIBED.
import { measureFailover } from '../lib/cluster-failover.js';

export function run({ quick }) {
  return measureFailover({
    figure: 'cluster-failover',
    timing: 'default',
    kills: quick ? 4 : 24,
    restMs: 1000,
    goals: { p50: 5000, most: 8000 },
  });
}
