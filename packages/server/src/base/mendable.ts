/** An error that tells the operator what to do. */
export interface Mendable {
  readonly message: string;
  readonly mend: string;
}

/** What the operator is told of an error that has a mend; undefined for a fault of ours. */
export function mendOf(error: unknown): Mendable | undefined {
  if (!(error instanceof Error) || !('mend' in error) || typeof error.mend !== 'string') return undefined;
  const { message, mend } = error;
  // Some errors say it all in their message; said once is enough.
  const what = message.endsWith(mend) ? message.slice(0, -mend.length).trimEnd() : message;
  return { message: what, mend };
}
