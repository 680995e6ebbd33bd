/** Named values as JSON text, in the order in which they were given; later ones win. */
export type Entries = ReadonlyMap<string, string>;

/** Under which names options collect named values. */
export type EntriesName = 'param' | 'env' | 'annotation' | 'feed-param' | 'trigger-param';

/** The options of one command line, by their long names. */
export interface ParsedOptions {
  /** A switch is on. */
  flag(name: string): boolean;
  /** The value of an option, or its default. */
  text(name: string): string | undefined;
  /** The value of an option that must be a whole number, or its default. */
  integer(name: string): number | undefined;
  /** The values of a repeatable option. */
  list(name: string): readonly string[];
  /** The user wrote it. */
  given(name: string): boolean;
  /** Named values; `undefined` where none were given. */
  entries(name: EntriesName): Entries | undefined;
}
