import type { Terminal } from './terminal.ts';

/** An error for a person: what went wrong, and what to do about it. */
export function complain(terminal: Terminal, what: string, mend?: string): void {
  terminal.err(`error: ${what}\n${mend ? `  mend: ${mend}\n` : ''}`);
}
