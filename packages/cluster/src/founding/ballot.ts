const DIGITS = 12;
const BALLOT = /^\d{12}:./;

/** Ballots compare as texts: by their number first, then by who calls them. */
export function ballotOf(number: number, id: string): string {
  return `${String(number).padStart(DIGITS, '0')}:${id}`;
}

/** What can't be a ballot of anybody has number 0, which none has. */
export function ballotNumber(ballot: string): number {
  return BALLOT.test(ballot) ? Number(ballot.slice(0, DIGITS)) : 0;
}

/** A founding takes a few attempts. Whoever promised a ballot near the last number could be asked for nothing more. */
const MOST_AT_ONCE = 1_000_000;

/** Could attempts have come to this ballot, where the highest that is known has this number? */
export function isWithinReach(ballot: string, highest: number): boolean {
  return ballotNumber(ballot) - highest <= MOST_AT_ONCE;
}
