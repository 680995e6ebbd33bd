import type { ActivationView } from '../history/check-history.ts';
import type { Hit } from './trouble.ts';

/** A record with what its action was to print. */
export interface LoggedActivation {
  readonly record: ActivationView & { readonly logs: readonly string[] };
  /** As `stdout: …`, in order. */
  readonly expected: readonly string[];
  /** Where it ran. */
  readonly taskId: string;
  readonly agent: number | undefined;
}

export type LogRule = 'line of another' | 'out of order' | 'lines missing without a reason';

export interface LogViolation {
  readonly rule: LogRule;
  readonly id: string;
  readonly logs: readonly string[];
}

export interface LogFindings {
  readonly violations: readonly LogViolation[];
  /** Activations whose logs are all there. */
  readonly whole: number;
}

/** Logs that have not followed their record after so long miss something, whatever hits the cluster later. */
const FOLLOW_MS = 5000;
const TIME_CHARS = 31;
/** What the platform says in place of lines. */
const notice =
  /^stderr: (?:There was an issue while collecting your logs|The logs of this activation could not be read)/;

function wasHit({ record, taskId, agent }: LoggedActivation, hits: readonly Hit[]): boolean {
  return hits.some(
    (hit) =>
      hit.fromMs <= record.end + FOLLOW_MS &&
      hit.untilMs >= record.start &&
      (hit.agent === undefined || hit.agent === agent) &&
      (hit.taskId === undefined || hit.taskId === taskId),
  );
}

function isInOrder(lines: readonly string[], expected: readonly string[]): boolean {
  let at = -1;
  return lines.every((line) => {
    const next = expected.indexOf(line, at + 1);
    const follows = next > at;
    at = next;
    return follows;
  });
}

function judge(
  activation: LoggedActivation,
  hits: readonly Hit[],
): LogRule | 'whole' | 'missing for a reason' {
  const { expected, record } = activation;
  const said = record.logs.map((line) => line.slice(TIME_CHARS));
  const lines = said.filter((line) => !notice.test(line));
  if (lines.some((line) => !expected.includes(line))) return 'line of another';
  const streams = ['stdout', 'stderr'].map((stream) => lines.filter((line) => line.startsWith(stream)));
  const isWhole = said.length === expected.length;
  // Lines that are missing on one stream only don't say where the others belong.
  const parts = isWhole ? [lines] : streams;
  if (!parts.every((part) => isInOrder(part, expected))) return 'out of order';
  if (isWhole) return 'whole';
  return wasHit(activation, hits) ? 'missing for a reason' : 'lines missing without a reason';
}

/**
 * Do the logs of activations hold exactly what each has printed, in order? Where a hit struck their task, their agent or
 * the platform while they ran, or before their logs had followed, lines may be missing at most.
 */
export function checkLogs(activations: readonly LoggedActivation[], hits: readonly Hit[]): LogFindings {
  let whole = 0;
  const violations: LogViolation[] = [];
  for (const activation of activations) {
    const rule = judge(activation, hits);
    if (rule === 'whole') whole += 1;
    else if (rule !== 'missing for a reason')
      violations.push({ rule, id: activation.record.activationId, logs: activation.record.logs });
  }
  return { violations, whole };
}
