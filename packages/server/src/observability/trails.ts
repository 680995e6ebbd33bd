import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Branch, Step, StepFields, Trail, Trails, TrailStart } from '../base/trail.ts';
import { parseTraceparent, traceparentOf, type SpanContext } from './trace-context.ts';

/** A step that is over, as a collector gets it. */
export interface Span {
  readonly context: SpanContext;
  readonly parentSpanId: string | undefined;
  readonly name: Step;
  /** Epoch milliseconds, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly fields: StepFields;
}

/** Where spans go. It never blocks and never throws. */
export interface SpanSink {
  add(span: Span): void;
}

/** Share of the traces that begin here and are sent, and where. */
export interface Tracing {
  readonly sink: SpanSink;
  /** In [0, 1]. A caller's `traceparent` has decided already. */
  readonly sampling: number;
}

interface TrailsDeps {
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'activationId'>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** The log's level is debug: all are followed. */
  readonly isDebug: boolean;
  readonly tracing?: Tracing | undefined;
}

const SPAN_ID_DIGITS = 16;

const messages = {
  receive: 'Request answered',
  authenticate: 'Credentials checked',
  entitle: 'Rights and limits checked',
  resolve: 'Action or trigger looked up',
  schedule: 'Invoker chosen',
  publish: 'Handed to an invoker',
  activation: 'Part or rule ended',
  container: 'Container found',
  init: 'Container initialised',
  run: 'Code ran',
  record: 'Activation recorded',
} as const satisfies { [step in Step]: string };

interface Stretch {
  readonly deps: TrailsDeps;
  /** Undefined where its steps are not logged. */
  readonly log: Logger | undefined;
  /** Of those in it; undefined where traces are off. */
  readonly span: SpanContext | undefined;
  readonly fields: StepFields;
  readonly beganMs: number;
  /** From monotonic to epoch milliseconds. */
  readonly epochMs: number;
}

function spanIdOf({ ids }: TrailsDeps): string {
  return ids.activationId().slice(0, SPAN_ID_DIGITS);
}

class Followed implements Trail {
  readonly stretch: Stretch;

  constructor(stretch: Stretch) {
    this.stretch = stretch;
  }

  get traceparent(): string | undefined {
    return this.stretch.span && traceparentOf(this.stretch.span);
  }

  now(): number {
    return this.stretch.deps.clock.monotonicMs();
  }

  step(step: Step, beganMs: number = this.stretch.beganMs, fields: StepFields = {}): void {
    const { deps, log, span } = this.stretch;
    const endedMs = this.now();
    if (log) tell(log, { ...this.stretch.fields, ...fields, step, tookMs: endedMs - beganMs });
    if (span?.sampled !== true) return;
    const context = { ...span, spanId: spanIdOf(deps) };
    emit(this.stretch, { context, parentSpanId: span.spanId, name: step, beganMs, endedMs, fields });
  }

  branch(step: Step, fields: StepFields = {}): Branch {
    const { span } = this.stretch;
    const inner = span && { ...span, spanId: spanIdOf(this.stretch.deps) };
    return new FollowedBranch(
      { ...this.stretch, span: inner, fields: { ...this.stretch.fields, ...fields }, beganMs: this.now() },
      { step, parentSpanId: span?.spanId },
    );
  }
}

interface Own {
  readonly step: Step;
  readonly parentSpanId: string | undefined;
}

class FollowedBranch extends Followed implements Branch {
  readonly #own: Own;
  #ended = false;

  constructor(stretch: Stretch, own: Own) {
    super(stretch);
    this.#own = own;
  }

  /** The same step; what ends from now on is logged. */
  logged(log: Logger): FollowedBranch {
    return new FollowedBranch({ ...this.stretch, log }, this.#own);
  }

  end(fields: StepFields = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    const { beganMs, log, span } = this.stretch;
    const { step, parentSpanId } = this.#own;
    const endedMs = this.now();
    if (log) tell(log, { ...this.stretch.fields, ...fields, step, tookMs: endedMs - beganMs });
    if (span?.sampled === true) {
      emit(this.stretch, { context: span, parentSpanId, name: step, beganMs, endedMs, fields });
    }
  }
}

function tell(log: Logger, fields: StepFields & { readonly step: Step; readonly tookMs: number }): void {
  log.debug({ ...fields, tookMs: Math.round(fields.tookMs * 1000) / 1000 }, messages[fields.step]);
}

function emit(
  { deps, epochMs, fields: outer }: Stretch,
  {
    beganMs,
    endedMs,
    fields,
    ...span
  }: Omit<Span, 'startMs' | 'endMs'> & { beganMs: number; endedMs: number },
): void {
  const times = { startMs: epochMs + beganMs, endMs: epochMs + endedMs };
  deps.tracing?.sink.add({ ...span, ...times, fields: { ...outer, ...fields } });
}

/** Follows all at level debug, those who ask for extra logging, and those whose trace is kept. */
export class ObservedTrails implements Trails {
  readonly followsAll: boolean;
  readonly #deps: TrailsDeps;

  constructor(deps: TrailsDeps) {
    this.#deps = deps;
    this.followsAll = deps.isDebug;
  }

  receive(start: TrailStart): Branch | undefined {
    const parent = this.#deps.tracing && parseTraceparent(start.traceparent);
    const stretch = this.#stretch(start, parent && { ...parent, spanId: spanIdOf(this.#deps) });
    return stretch && new FollowedBranch(stretch, { step: 'receive', parentSpanId: parent?.spanId });
  }

  insist(trail: Branch | undefined, start: TrailStart): Branch | undefined {
    if (!(trail instanceof FollowedBranch)) return this.receive(start);
    return trail.stretch.log ? trail : trail.logged(this.#logger());
  }

  resume(start: TrailStart): Trail | undefined {
    const stretch = this.#stretch(start, this.#deps.tracing && parseTraceparent(start.traceparent));
    return stretch && new Followed(stretch);
  }

  #stretch(start: TrailStart, known: SpanContext | undefined): Stretch | undefined {
    const { clock, isDebug, tracing } = this.#deps;
    const isLogged = isDebug || start.extraLogging === true;
    if (!isLogged && !tracing) return undefined;
    const beganMs = clock.monotonicMs();
    return {
      deps: this.#deps,
      log: isLogged ? this.#logger() : undefined,
      span: known ?? (tracing && this.#begin(tracing)),
      fields: { transactionId: start.transactionId, ...start.fields },
      beganMs,
      epochMs: clock.now() - beganMs,
    };
  }

  #logger(): Logger {
    return this.#deps.logger.child({}, { level: 'debug' });
  }

  #begin({ sampling }: Tracing): SpanContext {
    const sampled = this.#deps.random() < sampling;
    return { traceId: this.#deps.ids.activationId(), spanId: spanIdOf(this.#deps), sampled };
  }
}
