import type { OptionDescription } from './description.ts';

/** The word is a flag whose value is the next word. */
export function takesValue(word: string | undefined, options: readonly OptionDescription[]): boolean {
  // A dash alone is no flag, not even of those that have no short form.
  if (word === '-') return false;
  const option = options.find(({ long, short }) => word === `--${long}` || word === `-${short ?? ''}`);
  return option?.value !== undefined;
}
