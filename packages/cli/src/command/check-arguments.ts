import { CliError } from '../cli-error.ts';
import type { ArgumentsDescription } from './description.ts';

const none: ArgumentsDescription = { usage: '', min: 0, max: 0, hint: 'No arguments are required.' };

/** Throws, in OpenWhisk's words, where a command has too few or too many arguments. */
export function checkArguments(given: readonly string[], description: ArgumentsDescription = none): void {
  const { min, max, hint } = description;
  if (given.length < min) throw new CliError(`Invalid argument(s). ${hint}`, { usage: true });
  if (given.length > max) {
    const extra = given.slice(max).join(', ');
    throw new CliError(`Invalid argument(s): ${extra}. ${hint}`, { usage: true });
  }
}
