import { cpus, freemem, loadavg, totalmem } from 'node:os';

export type Metrics = Record<string, number>;

/** Of the machine, as every process of Mesos tells them. */
export function systemMetrics(): Metrics {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    'system/cpus_total': cpus().length,
    'system/load_1min': load1,
    'system/load_5min': load5,
    'system/load_15min': load15,
    'system/mem_free_bytes': freemem(),
    'system/mem_total_bytes': totalmem(),
  };
}

/** `<prefix>/cpus_total`, `_used` and `_percent`, and so on. */
export function usageMetrics(
  prefix: string,
  total: Readonly<Record<string, number>>,
  used: Readonly<Record<string, number>>,
): Metrics {
  const metrics: Metrics = {};
  for (const name of ['cpus', 'mem', 'disk', 'gpus']) {
    const all = total[name] ?? 0;
    const taken = used[name] ?? 0;
    metrics[`${prefix}/${name}_total`] = all;
    metrics[`${prefix}/${name}_used`] = taken;
    metrics[`${prefix}/${name}_percent`] = all > 0 ? taken / all : 0;
  }
  return metrics;
}

/** Those that an agent counts. */
const states = [
  'failed',
  'finished',
  'gone',
  'killed',
  'killing',
  'lost',
  'running',
  'staging',
  'starting',
] as const;

export function taskMetrics(prefix: string, tasks: readonly { readonly state: string }[]): Metrics {
  return Object.fromEntries(
    states.map((state) => [
      `${prefix}/tasks_${state}`,
      tasks.filter((task) => task.state === `TASK_${state.toUpperCase()}`).length,
    ]),
  );
}
