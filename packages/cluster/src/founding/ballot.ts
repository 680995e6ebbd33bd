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
