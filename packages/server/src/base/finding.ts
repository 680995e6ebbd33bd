/** What a check of the machine found: fine, a protection or comfort that is missing, or something vital. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'failure';
  /** A sentence for the operator. */
  readonly what: string;
  /** How to get what is missing: a command where there is one. */
  readonly mend?: string;
}
