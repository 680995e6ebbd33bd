import type { Counter, Metrics } from '../../base/metrics.ts';
import type { Phase } from './container-state.ts';
import type { FreeContainers, PoolEntry } from './free-containers.ts';
import type { RunBuffer, Waiting } from './run-buffer.ts';

/** How a container came to serve an activation (OpenWhisk's label values). */
export type StartLabel =
  'warmed' | 'warming' | 'warmingCold' | 'prewarmed' | 'cold' | 'recreated' | 'recreatedPrewarm';

/** The label of a start in a container of that action. */
export function startLabel(phase: Phase): StartLabel {
  if (phase === 'starting') return 'warmingCold';
  return phase === 'prewarmed' || phase === 'initialising' ? 'warming' : 'warmed';
}

/** What the pool measures, read at every scrape. */
interface PoolGauges {
  readonly activeCount: number;
  readonly activeMb: number;
  readonly idleCount: number;
  readonly idleMb: number;
  readonly prewarmedCount: number;
  readonly prewarmedMb: number;
  readonly waitingCount: number;
  readonly waitingMb: number;
}

/** Reads what there is to measure of a pool. */
export function gaugesOf<W>({
  entries,
  free,
  buffer,
}: {
  readonly entries: Iterable<PoolEntry<W>>;
  readonly free: FreeContainers<W>;
  readonly buffer: Pick<RunBuffer<Waiting>, 'length' | 'memoryMb'>;
}): PoolGauges {
  let activeCount = 0;
  let activeMb = 0;
  for (const { active, memoryMb } of entries) {
    if (active === 0) continue;
    activeCount += 1;
    activeMb += memoryMb;
  }
  return {
    activeCount,
    activeMb,
    idleCount: free.idleCount,
    idleMb: free.idleMemoryMb,
    prewarmedCount: free.prewarmedCount,
    prewarmedMb: free.prewarmedMemoryMb,
    waitingCount: buffer.length,
    waitingMb: buffer.memoryMb,
  };
}

export interface PoolCounters {
  readonly starts: { readonly [L in StartLabel]: Counter };
  readonly rescheduled: Counter;
  readonly illegal: Counter;
  prewarmColdStart(kind: string): void;
  prewarmExpired(kind: string, count: number): void;
}

/** Declares the pool's instruments. */
export function openPoolMetrics(metrics: Metrics, read: () => PoolGauges): PoolCounters {
  metrics.gauge('gauge_containerPool_activeCount_counter', () => read().activeCount);
  metrics.gauge('gauge_containerPool_activeSize_counter', () => read().activeMb);
  metrics.gauge('gauge_containerPool_idlesCount_counter', () => read().idleCount);
  metrics.gauge('gauge_containerPool_idlesSize_counter', () => read().idleMb);
  metrics.gauge('gauge_containerPool_prewarmCount_counter', () => read().prewarmedCount);
  metrics.gauge('gauge_containerPool_prewarmSize_counter', () => read().prewarmedMb);
  metrics.gauge('gauge_containerPool_runBufferCount_counter', () => read().waitingCount);
  metrics.gauge('gauge_containerPool_runBufferSize_counter', () => read().waitingMb);
  const start = (label: StartLabel) => metrics.counter('counter_invoker_containerStart_counter_total', label);
  return {
    starts: {
      warmed: start('warmed'),
      warming: start('warming'),
      warmingCold: start('warmingCold'),
      prewarmed: start('prewarmed'),
      cold: start('cold'),
      recreated: start('recreated'),
      recreatedPrewarm: start('recreatedPrewarm'),
    },
    rescheduled: metrics.counter('counter_containerPool_rescheduledActivation_counter_total'),
    illegal: metrics.counter('counter_containerPool_illegalTransition_counter_total'),
    prewarmColdStart: (kind) =>
      metrics.counter('counter_containerPool_prewarmColdstart_counter_total', kind).add(),
    prewarmExpired: (kind, count) =>
      metrics.counter('counter_containerPool_prewarmExpired_counter_total', kind).add(count),
  };
}
