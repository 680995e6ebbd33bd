import { Cron } from 'croner';

const MAX_LENGTH = 256;

const fields = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week'] as const;

export type CronReading =
  { readonly ok: true; readonly cron: Cron } | { readonly ok: false; readonly problem: string };

/** A cron expression that is read: when it is due next. */
export type { Cron };

function parse(expression: string, timezone: string | undefined): Cron {
  return new Cron(expression, { timezone: timezone ?? 'UTC', paused: true });
}

/** Without the library's own name for itself. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cron\w*:\s*/, '');
}

/** Which field is wrong: the first that fails although all others are stars. */
function fieldProblem(parts: readonly string[]): string | undefined {
  const names = parts.length === 6 ? fields : fields.slice(1);
  for (const [at, part] of parts.entries()) {
    const alone = parts.map((_, index) => (index === at ? part : '*')).join(' ');
    try {
      parse(alone, undefined);
    } catch (error) {
      return `field ${at + 1} (${names[at]}) is '${part.slice(0, 40)}': ${reasonOf(error)}`;
    }
  }
  return undefined;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads an expression of five fields, or of six with seconds in front, in a time zone (absent: UTC). A problem says
 * which field is wrong and why.
 */
export function readCron(expression: string, timezone?: string): CronReading {
  const refuse = (why: string): CronReading => ({
    ok: false,
    problem: `cron pattern '${expression.slice(0, 60)}' is not valid: ${why}`,
  });
  if (timezone !== undefined && !isTimeZone(timezone)) {
    const problem = `timezone '${timezone.slice(0, 60)}' is not known: give a name such as Europe/Berlin.`;
    return { ok: false, problem };
  }
  if (expression.length > MAX_LENGTH) return refuse(`it is longer than ${MAX_LENGTH} characters.`);
  const text = expression.trim();
  const parts = text.split(/\s+/);
  if (!text.startsWith('@') && parts.length !== 5 && parts.length !== 6) {
    const found = text === '' ? 0 : parts.length;
    return refuse(
      `it has ${found} ${found === 1 ? 'field' : 'fields'}; five are needed, or six with seconds in front.`,
    );
  }
  try {
    return { ok: true, cron: parse(text, timezone) };
  } catch (error) {
    return refuse(`${fieldProblem(parts) ?? reasonOf(error)}.`.replace(/\.\.$/, '.'));
  }
}
