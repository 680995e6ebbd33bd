const TIMESTAMP_COLUMNS = 30;

/** The line that ends the logs of one activation on each stream (OpenWhisk's container protocol). */
export const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

/** Request header under which our runtimes get the token that makes a sentinel unforgeable. */
export const SENTINEL_HEADER = 'X-Vibrissa-Sentinel';

/** Request header that shows a container's runtime that the platform asks, where others can connect too. */
export const TOKEN_HEADER = 'X-Vibrissa-Token';

/** Request header of `POST /prove`: a runtime answers to what is in it that it knows the token, before it is shown it. */
export const NONCE_HEADER = 'X-Vibrissa-Nonce';

/** Value of that header where logs and answers come in order: the answer ends the logs, no line is needed. */
export const NO_SENTINEL = 'none';

const SECOND_NS = 1_000_000_000n;

/** The second of the line before, as text: lines come by the thousand in one second. */
let lastSecond = -1;
let lastSecondText = '';

/** RFC 3339 in UTC with nine digits of a second, as Docker's logs have it. */
export function formatTimestamp(epochNs: bigint): string {
  const second = Number(epochNs / SECOND_NS);
  if (second !== lastSecond) {
    lastSecondText = new Date(second * 1000).toISOString().slice(0, 20);
    lastSecond = second;
  }
  return `${lastSecondText}${String(Number(epochNs % SECOND_NS)).padStart(9, '0')}Z`;
}

/** One line of an activation's logs: timestamp padded to 30 columns, stream, text. */
export function formatLogLine(epochNs: bigint, stream: 'stdout' | 'stderr', text: string): string {
  return `${formatTimestamp(epochNs).padEnd(TIMESTAMP_COLUMNS)} ${stream}: ${text}`;
}
