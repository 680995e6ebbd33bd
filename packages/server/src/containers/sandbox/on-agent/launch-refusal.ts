/** What ends the launcher before a runtime runs: one line for people, and an exit code of its own (sysexits: EX_CONFIG). */
export const REFUSED = 78;

/** Thrown where this agent can't run the container; the message is what its task says. */
export class LaunchRefusal extends Error {
  override readonly name = 'LaunchRefusal';
}

/** Whatever happened, as one line. */
export function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message.trim().replace(/\s*\n\s*/g, '; ');
  return error instanceof LaunchRefusal ? text : `The container can't be started on this agent: ${text}`;
}
