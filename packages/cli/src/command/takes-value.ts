import type { OptionDescription } from './description.ts';

/** The word is a flag whose value is the next word. */
export function takesValue(word: string | undefined, options: readonly OptionDescription[]): boolean {
  const option = options.find(({ long, short }) => word === `--${long}` || word === `-${short ?? ''}`);
  return option?.value !== undefined;
}
