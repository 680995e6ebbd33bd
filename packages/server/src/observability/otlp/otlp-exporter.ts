import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import type { Span, SpanSink } from '../trails.ts';
import { encodeSpans, type SpanResource } from './encode-spans.ts';

interface OtlpExporterDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface OtlpExporterOptions {
  /** Where the collector takes spans: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly resource: SpanResource;
}

const EVERY_MS = 1000;
const REQUEST_MS = 5000;
const LAST_REQUEST_MS = 1000;
const MAX_SPANS = 8192;
const SPANS_A_REQUEST = 1024;

function tooLong(): Error {
  return new Error('It took too long.');
}

/**
 * Sends spans to a collector by OTLP over HTTP, once a second. Nobody waits for it: what a collector doesn't take, or
 * what is too much, is dropped and counted.
 */
export class OtlpExporter implements SpanSink {
  readonly #deps: OtlpExporterDeps;
  readonly #options: OtlpExporterOptions;
  readonly #timer: Timer;
  readonly #sent: Counter;
  readonly #dropped: Counter;
  #spans: Span[] = [];
  #sending: Promise<void> | undefined;
  #isFailing = false;
  /** Gives up the request that is under way. */
  #late: AbortController | undefined;

  private constructor(deps: OtlpExporterDeps, options: OtlpExporterOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#sent = deps.metrics.counter('counter_tracing_spans_total', 'sent');
    this.#dropped = deps.metrics.counter('counter_tracing_spans_total', 'dropped');
    this.#timer = deps.clock.every(EVERY_MS, () => this.#flush(REQUEST_MS));
  }

  static open(deps: OtlpExporterDeps, options: OtlpExporterOptions): OtlpExporter {
    return new OtlpExporter(deps, options);
  }

  add(span: Span): void {
    if (this.#spans.length < MAX_SPANS) this.#spans.push(span);
    else this.#dropped.add();
  }

  /** Sends what is there; resolves when it is sent, or after two seconds. */
  async close(): Promise<void> {
    this.#timer.cancel();
    const impatience = this.#deps.clock.after(LAST_REQUEST_MS, () => this.#late?.abort(tooLong()));
    await this.#sending;
    impatience.cancel();
    await this.#flush(LAST_REQUEST_MS);
  }

  #flush(timeoutMs: number): Promise<void> {
    if (this.#sending || this.#spans.length === 0) return this.#sending ?? Promise.resolve();
    this.#sending = this.#sendAll(timeoutMs).finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll(timeoutMs: number): Promise<void> {
    const spans = this.#spans;
    this.#spans = [];
    for (let at = 0; at < spans.length; at += SPANS_A_REQUEST) {
      const batch = spans.slice(at, at + SPANS_A_REQUEST);
      try {
        await this.#send(batch, timeoutMs);
        this.#sent.add(batch.length);
        this.#noteSuccess();
      } catch (error) {
        this.#dropped.add(spans.length - at);
        this.#noteFailure(error);
        return;
      }
    }
  }

  async #send(spans: readonly Span[], timeoutMs: number): Promise<void> {
    const late = new AbortController();
    this.#late = late;
    const timer = this.#deps.clock.after(timeoutMs, () => late.abort(tooLong()));
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: encodeSpans(spans, this.#options.resource),
        redirect: 'error',
        signal: late.signal,
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`It answered ${response.status}.`);
    } finally {
      timer.cancel();
    }
  }

  #noteFailure(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { url } = this.#options;
    this.#deps.logger.warn(
      { err: error, url },
      'The collector takes no traces; they are dropped until it does',
    );
  }

  #noteSuccess(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#deps.logger.info({ url: this.#options.url }, 'The collector takes traces again');
  }
}
