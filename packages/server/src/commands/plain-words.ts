const spans = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `1 agent`, `3 agents`. */
export function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A span of time for people, in the largest unit of which there are two, or one exactly: `7 days`, `90 minutes`. */
export function spanText(ms: number): string {
  for (const [unit, length] of spans) {
    if (ms === length) return amount(1, unit);
    if (ms >= 2 * length) return amount(Math.floor(ms / length), unit);
  }
  return ms >= 1000 ? '1 second' : `${Math.round(ms)} ms`;
}
