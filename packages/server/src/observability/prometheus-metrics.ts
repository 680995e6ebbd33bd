import { Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client';

import {
  metricCatalogue,
  type Counter,
  type MetricDeclaration,
  type MetricName,
  type Metrics,
} from '../base/metrics.ts';

/** A number that only grows; Prometheus reads it at a scrape, so that counting is one addition. */
class Tally implements Counter {
  value = 0;

  add(by = 1): void {
    this.value += by;
  }
}

type Reader = () => number;

function labelsOf(label: string | undefined, value: string | undefined): { [label: string]: string } {
  return label === undefined || value === undefined ? {} : { [label]: value };
}

function declarationOf(name: MetricName): MetricDeclaration {
  return metricCatalogue[name];
}

/** The metrics of the catalogue in Prometheus' text format. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #tallies = new Map<MetricName, Map<string | undefined, Tally>>();
  readonly #readers = new Map<MetricName, Map<string | undefined, Reader>>();

  counter(name: MetricName, labelValue?: string): Counter {
    let byLabel = this.#tallies.get(name);
    if (!byLabel) {
      byLabel = new Map();
      this.#tallies.set(name, byLabel);
      this.#registerCounter(name, byLabel);
    }
    let tally = byLabel.get(labelValue);
    if (!tally) {
      tally = new Tally();
      byLabel.set(labelValue, tally);
    }
    return tally;
  }

  gauge(name: MetricName, read: Reader, labelValue?: string): void {
    let byLabel = this.#readers.get(name);
    if (!byLabel) {
      byLabel = new Map();
      this.#readers.set(name, byLabel);
      this.#registerGauge(name, byLabel);
    }
    byLabel.set(labelValue, read);
  }

  /** The page that Prometheus scrapes. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #registerCounter(name: MetricName, tallies: ReadonlyMap<string | undefined, Tally>): void {
    const { help, label } = declarationOf(name);
    new PromCounter({
      name,
      help,
      registers: [this.#registry],
      labelNames: label === undefined ? [] : [label],
      collect() {
        this.reset();
        for (const [value, tally] of tallies) this.inc(labelsOf(label, value), tally.value);
      },
    });
  }

  #registerGauge(name: MetricName, readers: ReadonlyMap<string | undefined, Reader>): void {
    const { help, label } = declarationOf(name);
    new PromGauge({
      name,
      help,
      registers: [this.#registry],
      labelNames: label === undefined ? [] : [label],
      collect() {
        for (const [value, read] of readers) this.set(labelsOf(label, value), read());
      },
    });
  }
}
