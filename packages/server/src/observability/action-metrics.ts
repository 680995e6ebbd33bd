import type { ActivationRecord } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { UserEvents } from './user-events.ts';
import { ActionSeries, statusLabels } from './action-series.ts';
import { labelText, metricText, type Buckets } from './exposition.ts';

interface ActionMetricsDeps {
  /** Bytes of the largest result. */
  readonly payloadMaxBytes: number;
  /** Of these namespaces nothing is counted. */
  readonly ignoredNamespaces?: readonly string[];
  /** Actions that are told apart; of more, those are forgotten that ran longest ago. */
  readonly maxActions?: number;
}

interface Described {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const ofAction = ['namespace', 'initiator', 'action'];

/** The metrics of users' actions, with the names and labels of OpenWhisk's user events service. */
export const actionMetricCatalogue = {
  openwhisk_action_activations_total: {
    type: 'counter',
    help: 'Activations that ended',
    labels: [...ofAction, 'kind', 'memory'],
  },
  openwhisk_action_coldStarts_total: {
    type: 'counter',
    help: 'Of them in a container that was initialised for it',
    labels: ofAction,
  },
  openwhisk_action_waitTime_seconds: {
    type: 'histogram',
    help: 'From the request to /init or /run',
    labels: ofAction,
  },
  openwhisk_action_initTime_seconds: {
    type: 'histogram',
    help: 'Of /init, cold starts only',
    labels: ofAction,
  },
  openwhisk_action_duration_seconds: { type: 'histogram', help: 'Of /init and /run', labels: ofAction },
  openwhisk_action_response_size_bytes: { type: 'histogram', help: 'Of results', labels: ofAction },
  openwhisk_action_status: {
    type: 'counter',
    help: 'Activations by their status',
    labels: [...ofAction, 'status'],
  },
  openwhisk_action_status_code: {
    type: 'counter',
    help: 'Activations by the statusCode in their results',
    labels: [...ofAction, 'status_code'],
  },
  openwhisk_action_memory: {
    type: 'gauge',
    help: 'Memory limit in MB at the last activation',
    labels: ofAction,
  },
  openwhisk_action_limit_concurrent_total: {
    type: 'counter',
    help: 'Requests refused because too many were in flight',
    labels: ['namespace'],
  },
  openwhisk_action_limit_timed_total: {
    type: 'counter',
    help: 'Requests refused because there were too many in a minute',
    labels: ['namespace'],
  },
} as const satisfies { [name: string]: Described };

type Name = keyof typeof actionMetricCatalogue;

interface Known {
  readonly labels: string;
  readonly series: ActionSeries;
}

/** `ns` and `[pkg/]action` of a path. */
function partsOf(path: string): { readonly namespace: string; readonly action: string } {
  const slash = path.indexOf('/');
  return { namespace: path.slice(0, slash), action: path.slice(slash + 1) };
}

/** Counts what becomes of users' actions. Triggers have no outcome and are not counted. */
export class ActionMetrics implements UserEvents {
  readonly #payloadMaxBytes: number;
  readonly #ignored: ReadonlySet<string>;
  readonly #known: LRUCache<string, Known>;
  readonly #limited = { concurrent: new Map<string, number>(), timed: new Map<string, number>() };

  private constructor(deps: ActionMetricsDeps) {
    this.#payloadMaxBytes = deps.payloadMaxBytes;
    this.#ignored = new Set(deps.ignoredNamespaces);
    this.#known = new LRUCache({ max: deps.maxActions ?? 10_000 });
  }

  static open(deps: ActionMetricsDeps): ActionMetrics {
    return new ActionMetrics(deps);
  }

  ended(record: ActivationRecord): void {
    if (record.kind === undefined || this.#ignored.has(record.namespace)) return;
    const key = `${record.namespace}:${record.path}`;
    let known = this.#known.get(key);
    if (!known) {
      const { namespace, action } = partsOf(record.path);
      const labels = labelText({ namespace, initiator: record.namespace, action });
      known = { labels, series: new ActionSeries(this.#payloadMaxBytes) };
      this.#known.set(key, known);
    }
    known.series.add(record);
  }

  limited(namespace: string, limit: 'concurrent' | 'timed'): void {
    const counts = this.#limited[limit];
    if (!this.#ignored.has(namespace)) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }

  /** All of them in Prometheus' text format. */
  text(): string {
    const each = (name: Name, lines: (series: ActionSeries, labels: string) => readonly string[]): string => {
      const all = [...this.#known.values()].flatMap(({ series, labels }) => lines(series, labels));
      return metricText({ name, ...actionMetricCatalogue[name] }, all);
    };
    const histogram = (name: Name, of: (series: ActionSeries) => Buckets): string =>
      each(name, (series, labels) => of(series).lines(name, labels));
    return [
      each('openwhisk_action_activations_total', ({ activations }, labels) =>
        [...activations.values()].map(
          ({ kind, memory, count }) =>
            `openwhisk_action_activations_total{${labels},${labelText({ kind, memory: String(memory) })}} ${count}`,
        ),
      ),
      each('openwhisk_action_coldStarts_total', ({ coldStarts }, labels) => [
        `openwhisk_action_coldStarts_total{${labels}} ${coldStarts}`,
      ]),
      histogram('openwhisk_action_waitTime_seconds', ({ waitSeconds }) => waitSeconds),
      histogram('openwhisk_action_initTime_seconds', ({ initSeconds }) => initSeconds),
      histogram('openwhisk_action_duration_seconds', ({ durationSeconds }) => durationSeconds),
      histogram('openwhisk_action_response_size_bytes', ({ responseBytes }) => responseBytes),
      each('openwhisk_action_status', ({ statuses }, labels) =>
        statuses.map(
          (count, code) =>
            `openwhisk_action_status{${labels},status="${statusLabels[code] ?? 'unknown'}"} ${count}`,
        ),
      ),
      each('openwhisk_action_status_code', ({ statusCodes }, labels) =>
        [...statusCodes].map(
          ([code, count]) => `openwhisk_action_status_code{${labels},status_code="${code}"} ${count}`,
        ),
      ),
      each('openwhisk_action_memory', ({ memory }, labels) => [
        `openwhisk_action_memory{${labels}} ${memory}`,
      ]),
      this.#limitText('concurrent'),
      this.#limitText('timed'),
    ].join('');
  }

  #limitText(limit: 'concurrent' | 'timed'): string {
    const name: Name = `openwhisk_action_limit_${limit}_total`;
    const lines = [...this.#limited[limit]].map(
      ([namespace, count]) => `${name}{${labelText({ namespace })}} ${count}`,
    );
    return metricText({ name, ...actionMetricCatalogue[name] }, lines);
  }
}
