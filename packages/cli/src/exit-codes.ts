/** Exit codes of OpenWhisk's `wsk`, which scripts test for. */
export const exitCodes = {
  success: 0,
  general: 1,
  usage: 2,
  network: 3,
  notAllowed: 149,
  /** A blocking invocation that is still running: the HTTP status itself. */
  unfinished: 202,
} as const;

/** An HTTP status as an exit code, which has eight bits: 404 becomes 148, 502 becomes 246. */
export function exitCodeOfStatus(status: number): number {
  return (((status - 256) % 256) + 256) % 256;
}
