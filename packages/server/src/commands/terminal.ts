/** Where a command reads from and writes to: results to `out`, notes and errors to `err`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: { readonly [name: string]: string | undefined };
  /** Standard error is a screen, not a file or a pipe. */
  readonly errIsScreen: boolean;
  /** How wide the screen is that shows `out`; absent where it is a file or a pipe. */
  readonly columns?: number;
}

/** The terminal of this process. A reader that has gone away (`… | head`) is no reason to stop. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    errIsScreen: process.stderr.isTTY,
    ...(process.stdout.isTTY && { columns: process.stdout.columns }),
  };
}
