const TIMESTAMP_COLUMNS = 30;

/** The line that ends the logs of one activation on each stream (OpenWhisk's container protocol). */
export const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

/** Request header under which our runtimes get the token that makes a sentinel unforgeable. */
export const SENTINEL_HEADER = 'X-Vibrissa-Sentinel';

/** Value of that header where logs and answers come in order: the answer ends the logs, no line is needed. */
export const NO_SENTINEL = 'none';

/** RFC 3339 in UTC with nine digits of a second, as Docker's logs have it. */
export function formatTimestamp(epochNs: bigint): string {
  const milliseconds = Number(epochNs / 1_000_000n);
  const rest = String(epochNs % 1_000_000_000n).padStart(9, '0');
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${rest}Z`;
}

/** One line of an activation's logs: timestamp padded to 30 columns, stream, text. */
export function formatLogLine(epochNs: bigint, stream: 'stdout' | 'stderr', text: string): string {
  return `${formatTimestamp(epochNs).padEnd(TIMESTAMP_COLUMNS)} ${stream}: ${text}`;
}
