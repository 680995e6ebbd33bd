/**
 * What clients of a platform were told, what it holds in the end, and whether the two agree.
 *
 * A *told* activation was acknowledged: by a 202 with its id, or by a blocking reply with its record. A *start* is one
 * line that the action's own code left outside of the platform, before it did anything else. A *sighting* is a record
 * as a client read it at some time.
 */
export interface ActivationView {
  readonly activationId: string;
  readonly start: number;
  readonly end: number;
  readonly duration?: number;
  readonly annotations: unknown;
  readonly response: { readonly status: string; readonly result: unknown };
}

export interface Told {
  readonly id: string;
  /** What the client sent, and the action gives back. */
  readonly mark: string;
  /** The blocking reply; undefined for a 202. */
  readonly reply?: ActivationView;
  /** What a read right after the blocking reply gave; undefined when the platform was killed before it answered. */
  readonly readAtOnce?: { readonly status: number; readonly record?: ActivationView };
}

export interface History {
  readonly told: readonly Told[];
  /** One entry for each time that code began; undefined where nothing could bear witness. */
  readonly starts: readonly string[] | undefined;
  /** Every record that was read, in any life of the platform. */
  readonly sightings: readonly ActivationView[];
  /** Ids of the list of all activations, as it is in the end. */
  readonly listed: readonly string[];
  /**
   * Milliseconds from a start of the platform for which an activation that it found unfinished had no record yet, for
   * certain. What had begun is to have one soon; what is run again takes as long as it takes, even to come to harm.
   */
  readonly recoveries: readonly { readonly id: string; readonly afterMs: number }[];
  /**
   * Errors of activations whose containers came to harm from outside. The code may have begun or not, and they need not
   * say which. Absent: nothing but the platform was harmed.
   */
  readonly harm?: RegExp;
}

export type Rule =
  | 'lost'
  | 'recorded twice'
  | 'record changed'
  | 'reply differs from record'
  | 'not readable at once'
  | 'started twice'
  | 'started, but said not to have'
  | 'result without a start'
  | 'never run though accepted'
  | 'does not say whether it started'
  | 'result of another'
  | 'recovered late';

export interface Violation {
  readonly rule: Rule;
  readonly id: string;
}

const RECOVERY_LIMIT_MS = 5000;
const WHISK_ERROR = 'whisk internal error';
const HAD_STARTED = /code had started/;
const HAD_NOT_STARTED = /code had not started/;
/** No container could be had: nothing has run. */
const NO_CONTAINER = /^Failed to provision resources/;

function countOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The part of a record that a blocking reply shows too: it comes before the logs. */
function essence({ activationId, start, end, duration, annotations, response }: ActivationView): string {
  return JSON.stringify([activationId, start, end, duration, annotations, response]);
}

function errorOf({ response }: ActivationView): string {
  return String((response.result as { error?: unknown } | null)?.error ?? '');
}

function isStopped(record: ActivationView): boolean {
  return record.response.status === WHISK_ERROR;
}

/** Only the platform's own end can have been its. */
function isOrphan(record: ActivationView, harm: RegExp | undefined): boolean {
  return isStopped(record) && harm?.test(errorOf(record)) !== true;
}

function* checkTold(told: Told, record: ActivationView | undefined): Generator<Rule> {
  const { reply, readAtOnce, mark } = told;
  if (!record) {
    yield 'lost';
    return;
  }
  if (reply && essence(reply) !== essence(record)) yield 'reply differs from record';
  if (readAtOnce && readAtOnce.status !== 200) yield 'not readable at once';
  if (!reply && isStopped(record) && HAD_NOT_STARTED.test(errorOf(record))) yield 'never run though accepted';
  const result = record.response.result as { mark?: unknown } | null;
  if (record.response.status === 'success' && result?.mark !== mark) yield 'result of another';
}

function* checkRecord(
  record: ActivationView,
  starts: number | undefined,
  harm: RegExp | undefined,
): Generator<Rule> {
  const error = errorOf(record);
  if (harm?.test(error) === true) {
    if (NO_CONTAINER.test(error) && starts !== undefined && starts > 0) yield 'started, but said not to have';
  } else if (isStopped(record)) {
    const deniesStart = HAD_NOT_STARTED.test(error);
    if (!deniesStart && !HAD_STARTED.test(error)) yield 'does not say whether it started';
    if (deniesStart && starts !== undefined && starts > 0) yield 'started, but said not to have';
  } else if (starts === 0) yield 'result without a start';
}

/** What a history has that it may not have; empty when the platform kept its promises. */
export function checkHistory(history: History): Violation[] {
  const violations: Violation[] = [];
  const records = new Map<string, ActivationView>();
  for (const sighting of [...history.sightings, ...history.told.flatMap(sightingOf)]) {
    const id = sighting.activationId;
    const first = records.get(id) ?? sighting;
    if (essence(first) !== essence(sighting)) violations.push({ rule: 'record changed', id });
    records.set(id, first);
  }
  for (const [id, count] of countOf(history.listed)) {
    if (count > 1) violations.push({ rule: 'recorded twice', id });
  }
  const listed = new Set(history.listed);
  for (const told of history.told) {
    const record = listed.has(told.id) ? records.get(told.id) : undefined;
    for (const rule of checkTold(told, record)) violations.push({ rule, id: told.id });
  }
  const starts = history.starts && countOf(history.starts);
  for (const [id, count] of starts ?? []) {
    if (count > 1) violations.push({ rule: 'started twice', id });
  }
  for (const [id, record] of records) {
    const begun = starts && (starts.get(id) ?? 0);
    for (const rule of checkRecord(record, begun, history.harm)) violations.push({ rule, id });
  }
  for (const { id, afterMs } of history.recoveries) {
    const record = records.get(id);
    if (record && isOrphan(record, history.harm) && afterMs > RECOVERY_LIMIT_MS)
      violations.push({ rule: 'recovered late', id });
  }
  return violations;
}

function sightingOf({ readAtOnce }: Told): ActivationView[] {
  return readAtOnce?.record ? [readAtOnce.record] : [];
}
