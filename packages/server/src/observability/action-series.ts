import type { ActivationRecord } from '@vibrissa/protocol';
import { Buckets } from './exposition.ts';
import { userStatusCode } from './user-status-code.ts';

/** Seconds; the bounds that Prometheus' Java client has, as OpenWhisk's service. */
const secondBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SIZE_STEPS = 10;

/** Users name their statuses themselves: no more of one action's than these are told apart. */
const MAX_STATUS_CODES = 100;

/** `response.status` as a label, by status code. */
export const statusLabels = [
  'success',
  'application_error',
  'action_developer_error',
  'whisk_internal_error',
] as const;

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What is counted of one action, as one namespace invokes it. */
export class ActionSeries {
  /** By kind and memory, as two labels. */
  readonly activations = new Map<string, { readonly kind: string; readonly memory: number; count: number }>();
  coldStarts = 0;
  readonly waitSeconds = new Buckets(secondBounds);
  readonly initSeconds = new Buckets(secondBounds);
  readonly durationSeconds = new Buckets(secondBounds);
  readonly responseBytes: Buckets;
  readonly statuses = [0, 0, 0, 0];
  readonly statusCodes = new Map<number, number>();
  /** MB of the newest activation. */
  memory = 0;

  /** `payloadMaxBytes`: the largest result, whose tenths are the bounds of sizes. */
  constructor(payloadMaxBytes: number) {
    const step = payloadMaxBytes / SIZE_STEPS;
    this.responseBytes = new Buckets(Array.from({ length: SIZE_STEPS }, (_, at) => (at + 1) * step));
  }

  add(record: ActivationRecord): void {
    const { kind = 'unknown', duration, waitTime, initTime, response } = record;
    this.memory = record.limits?.memory ?? 0;
    this.#count(kind, this.memory);
    if (initTime !== undefined) {
      this.coldStarts += 1;
      this.initSeconds.add(initTime / 1000);
    }
    if (waitTime !== undefined) this.waitSeconds.add(waitTime / 1000);
    if (duration !== undefined) this.durationSeconds.add(duration / 1000);
    if (response.size !== undefined) this.responseBytes.add(response.size);
    this.statuses[response.statusCode] = (this.statuses[response.statusCode] ?? 0) + 1;
    const code = userStatusCode(response.resultJson);
    if (code === undefined) return;
    if (this.statusCodes.has(code) || this.statusCodes.size < MAX_STATUS_CODES)
      increment(this.statusCodes, code);
  }

  #count(kind: string, memory: number): void {
    const key = `${kind} ${memory}`;
    const known = this.activations.get(key);
    if (known) known.count += 1;
    else this.activations.set(key, { kind, memory, count: 1 });
  }
}
