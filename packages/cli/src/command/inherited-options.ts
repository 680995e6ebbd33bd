import type { OptionDescription } from './description.ts';

/** Global options that a command does not redefine, without the letters that it uses itself. */
export function inheritedOptions(
  own: readonly OptionDescription[],
  globalOptions: readonly OptionDescription[],
): OptionDescription[] {
  const [longs, shorts] = [new Set(own.map(({ long }) => long)), new Set(own.map(({ short }) => short))];
  return globalOptions
    .filter(({ long }) => !longs.has(long))
    .map(({ short, ...rest }) => (short === undefined || shorts.has(short) ? rest : { short, ...rest }));
}
