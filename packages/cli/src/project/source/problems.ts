import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';

const SHOWN = 50;

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a manifest, and what would be right. */
export interface Problem {
  readonly at: Position;
  readonly message: string;
}

function byPosition(left: Problem, right: Problem): number {
  if (left.at.file !== right.at.file) return left.at.file < right.at.file ? -1 : 1;
  return left.at.line - right.at.line || left.at.column - right.at.column;
}

function line({ at, message }: Problem): string {
  return `${at.file}:${at.line}:${at.column}: ${message}`;
}

/**
 * Collects everything that is wrong with a project's files, so that a user mends all of it at once. A warning is
 * a problem where the user asked for strictness.
 */
export class Problems {
  readonly #strict: boolean;
  readonly #errors: Problem[] = [];
  readonly #warnings: Problem[] = [];

  constructor(options: { readonly strict: boolean }) {
    this.#strict = options.strict;
  }

  add(at: Position, message: string): void {
    this.#errors.push({ at, message });
  }

  warn(at: Position, message: string): void {
    (this.#strict ? this.#errors : this.#warnings).push({ at, message });
  }

  get warnings(): string[] {
    return this.#warnings.toSorted(byPosition).map(line);
  }

  /** Throws {@link CliError} that lists every error by its place, if there is one. */
  throwIfAny(): void {
    const count = this.#errors.length;
    if (count === 0) return;
    const lines = this.#errors.toSorted(byPosition).map(line);
    const more = count > SHOWN ? [`… and ${count - SHOWN} more`] : [];
    const noun = count === 1 ? 'a mistake' : `${count} mistakes`;
    throw new CliError(`The project's files have ${noun}; nothing was changed.`, {
      exitCode: exitCodes.usage,
      hints: [...lines.slice(0, SHOWN), ...more],
    });
  }
}
