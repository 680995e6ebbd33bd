import { Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client';

import {
  metricCatalogue,
  type Counter,
  type Histogram,
  type MetricDeclaration,
  type MetricName,
  type Metrics,
} from '../base/metrics.ts';
import { Buckets, metricText } from './exposition.ts';

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

/** Seconds; as prom-client's, and a little finer where warm activations are. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The metrics of the catalogue in Prometheus' text format. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #tallies = new Map<MetricName, Map<string | undefined, Tally>>();
  readonly #histograms = new Map<MetricName, Buckets>();
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

  histogram(name: MetricName): Histogram {
    let buckets = this.#histograms.get(name);
    if (!buckets) {
      buckets = new Buckets(BOUNDS);
      this.#histograms.set(name, buckets);
    }
    const kept = buckets;
    return { observe: (value) => kept.add(value) };
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
  async text(): Promise<string> {
    const histograms = [...this.#histograms].map(([name, buckets]) =>
      metricText({ name, type: 'histogram', help: declarationOf(name).help }, buckets.lines(name, '')),
    );
    return `${await this.#registry.metrics()}${histograms.join('')}`;
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
