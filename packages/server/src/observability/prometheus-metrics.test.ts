import { describe, expect, it } from 'vitest';

import { PrometheusMetrics } from './prometheus-metrics.ts';

describe('metrics for Prometheus', () => {
  it('counts by label, and shows nothing that nobody asked for', async () => {
    const metrics = new PrometheusMetrics();
    const warm = metrics.counter('counter_invoker_containerStart_counter_total', 'warmed');
    warm.add();
    warm.add(2);
    metrics.counter('counter_invoker_containerStart_counter_total', 'cold').add();
    const text = await metrics.text();
    expect(text).toContain('counter_invoker_containerStart_counter_total{containerState="warmed"} 3');
    expect(text).toContain('counter_invoker_containerStart_counter_total{containerState="cold"} 1');
    expect(text).not.toContain('counter_loadbalancer_activations_total');
  });

  it('gives the same counter to everybody who asks for it, and counts on after a scrape', async () => {
    const metrics = new PrometheusMetrics();
    metrics.counter('counter_loadbalancer_activations_total').add();
    await metrics.text();
    metrics.counter('counter_loadbalancer_activations_total').add();
    expect(await metrics.text()).toContain('counter_loadbalancer_activations_total 2');
  });

  it('shows a histogram as buckets that grow, with sum and count', async () => {
    const metrics = new PrometheusMetrics();
    const name = 'histogram_invoker_activationRun_finish_seconds';
    const runs = metrics.histogram(name);
    for (const seconds of [0.0009765625, 0.25, 400]) runs.observe(seconds);
    metrics.histogram(name).observe(0.25);
    const text = await metrics.text();
    expect(text).toContain(`# TYPE ${name} histogram\n`);
    expect(text).toContain(`${name}_bucket{le="0.001"} 1\n`);
    expect(text).toContain(`${name}_bucket{le="0.25"} 3\n`);
    expect(text).toContain(`${name}_bucket{le="+Inf"} 4\n`);
    expect(text).toContain(`${name}_sum 400.5009765625\n`);
    expect(text).toContain(`${name}_count 4\n`);
  });

  it('reads a gauge at every scrape', async () => {
    const metrics = new PrometheusMetrics();
    let busy = 1;
    metrics.gauge('gauge_containerPool_activeCount_counter', () => busy);
    expect(await metrics.text()).toContain('gauge_containerPool_activeCount_counter 1');
    busy = 7;
    expect(await metrics.text()).toContain('gauge_containerPool_activeCount_counter 7');
  });
});
