/** What the reference says of one of the platform's sentences. */
export interface Explanation {
  /** HTTP status; `result`: it stands in the record of an activation instead. */
  readonly status: number | 'result';
  /** The sentence, with examples in it where it names something. */
  readonly message: string;
  readonly when: string;
  readonly mend: string;
}

type Row = readonly [status: Explanation['status'], message: string, when: string, mend: string];

/** Names what stands in each row, for tables that a person can read. */
export function explain<Name extends string>(rows: { readonly [name in Name]: Row }): {
  readonly [name in Name]: Explanation;
} {
  const entries = Object.entries<Row>(rows).map(([name, [status, message, when, mend]]) => [
    name,
    { status, message, when, mend },
  ]);
  return Object.fromEntries(entries) as { [name in Name]: Explanation };
}
