import { exitCodes } from './exit-codes.ts';

interface CliErrorOptions {
  readonly exitCode?: number;
  /** How to mend it, and the next command; one line each. */
  readonly hints?: readonly string[];
  /** The command was written wrongly, so that the usage line helps. */
  readonly usage?: boolean;
  readonly cause?: unknown;
}

/**
 * A failure that ends a command, thrown wherever it is found and printed once, by `run`.
 * The message says what and why; hints say how to mend it.
 */
export class CliError extends Error {
  readonly exitCode: number;
  readonly hints: readonly string[];
  readonly usage: boolean;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? exitCodes.general;
    this.hints = options.hints ?? [];
    this.usage = options.usage ?? false;
  }
}

/** The command line is wrong in itself: exit code 2 and the usage line. */
export function usageError(message: string, hints: readonly string[] = []): CliError {
  return new CliError(message, { exitCode: exitCodes.usage, usage: true, hints });
}

/**
 * Puts what was attempted before why it failed; exit code and hints stay those of the reason. A wrong or an
 * incomplete command line stands for itself: nothing was attempted yet.
 */
function attempted(what: string, error: unknown): unknown {
  if (!(error instanceof CliError) || error.usage) return error;
  const { exitCode, hints } = error;
  return new CliError(`${what}: ${error.message}`, { exitCode, hints, cause: error });
}

/** Runs the steps of a command, and says what was attempted where one of them fails. */
export async function attempt<T>(what: string, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (error) {
    throw attempted(what, error);
  }
}
