/**
 * The steps of a request, in the order of ARCHITECTURE.md's table. `activation` is one that is part of another, or that a
 * rule began: it has steps of its own.
 */
export type Step =
  | 'receive'
  | 'authenticate'
  | 'entitle'
  | 'resolve'
  | 'schedule'
  | 'publish'
  | 'activation'
  | 'container'
  | 'init'
  | 'run'
  | 'record';

/** What is known beside the time. Values of a span and of a log line. */
export interface StepFields {
  readonly [name: string]: string | number | boolean | undefined;
}

/**
 * Follows one transaction through its steps: each becomes a line of the log at level debug, or a span of a trace, or both.
 * Where nobody follows there is no trail, and a step costs one comparison:
 *
 *     const began = ctx.trail?.now();
 *     …
 *     ctx.trail?.step('resolve', began, { action });
 */
export interface Trail {
  /** W3C `traceparent` for what comes next; undefined where traces are off. */
  readonly traceparent: string | undefined;
  /** Monotonic milliseconds. */
  now(): number;
  /** A step ends now that began at `beganMs`, in the trail's own time; undefined: when the trail began. */
  step(step: Step, beganMs: number | undefined, fields?: StepFields): void;
  /** Opens a step that others are part of. `fields` go into every line and span below it. */
  branch(step: Step, fields?: StepFields): Branch;
}

/** A step with steps of its own. */
export interface Branch extends Trail {
  /** Once; what comes later is ignored. */
  end(fields?: StepFields): void;
}

/** What came from outside, or over the bus. */
export interface TrailStart {
  readonly transactionId: string;
  /** W3C `traceparent` of whoever asked; one that is malformed counts as none. */
  readonly traceparent?: string | undefined;
  /** Log its steps whatever the level is. */
  readonly extraLogging?: boolean | undefined;
  /** For every line and span. */
  readonly fields?: StepFields;
}

/** Decides who is followed. */
export interface Trails {
  /** Nobody goes unfollowed: the log's level is debug. */
  readonly followsAll: boolean;
  /** A request has come in: undefined when nobody follows it. */
  receive(start: TrailStart): Branch | undefined;
  /** The same request turns out to have extra logging; what takes the place of its trail. */
  insist(trail: Branch | undefined, start: TrailStart): Branch | undefined;
  /** Goes on with what a message belongs to: undefined when nobody follows it. */
  resume(start: TrailStart): Trail | undefined;
}

/** Follows nobody. */
export const noTrails: Trails = {
  followsAll: false,
  receive: () => undefined,
  insist: () => undefined,
  resume: () => undefined,
};
