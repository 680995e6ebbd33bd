import { readFileSync } from 'node:fs';

/** A line of the platform's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly step?: string;
  readonly transactionId?: string;
  readonly parentTransactionId?: string;
  readonly activationId?: string;
  readonly action?: string;
  readonly invoker?: number;
  readonly containerId?: string;
}

export function linesOf(file: string): LogLine[] {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      // What stands behind the last end of a line is still being written.
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
  );
}

/** The lines of the log as soon as `isThere` finds among them what it looks for: the log is written behind. */
export async function logUntil(
  file: string,
  isThere: (lines: readonly LogLine[]) => boolean,
): Promise<readonly LogLine[]> {
  for (;;) {
    const lines = linesOf(file);
    if (isThere(lines)) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Those that name a transaction: its own, and those of the parts that it began. */
export function linesAbout(transactionId: string, lines: readonly LogLine[]): LogLine[] {
  return lines.filter(
    (line) => line.transactionId === transactionId || line.parentTransactionId === transactionId,
  );
}
