import { settings } from '../../config/schema.ts';
import { longFlag, type Command, type CommandOption } from '../command.ts';

/** What may stand in a place: one of these words, or a file. */
export interface Candidates {
  readonly words: readonly string[];
  readonly files: boolean;
}

/** A flag with a value, as it is written, and what may follow it. */
export interface ValueFlag extends Candidates {
  readonly spellings: readonly string[];
}

/** What may follow a command. `path` has the words from the program's name on: `vibrissa admin limits`. */
export interface CompletionPoint extends Candidates {
  readonly path: string;
  readonly flags: readonly string[];
  readonly valueFlags: readonly ValueFlag[];
}

function placeholderOf({ flags }: CommandOption): string | undefined {
  return /<([^>]+)>/.exec(flags)?.[1];
}

/** The values that there are for a flag: its own, those of its setting, or those that its placeholder names. */
function choicesOf(option: CommandOption): readonly string[] {
  const setting = option.setting === undefined ? undefined : settings.get(option.setting);
  const placeholder = placeholderOf(option) ?? '';
  return option.choices ?? setting?.choices ?? (placeholder.includes('|') ? placeholder.split('|') : []);
}

function valueFlagOf(option: CommandOption): ValueFlag[] {
  const placeholder = placeholderOf(option);
  if (placeholder === undefined) return [];
  const spellings = [...option.flags.matchAll(/(?<![\w-])--?[a-zA-Z][\w-]*/g)].map(([flag]) => flag);
  const names = longFlag(option) === '--set' ? [...settings.keys()].map((name) => `${name}=`) : [];
  return [
    { spellings, words: [...choicesOf(option), ...names], files: /^(file|directory)/.test(placeholder) },
  ];
}

/** Every command with what may follow it, the program itself first. */
export function pointsOf(command: Command, above = ''): CompletionPoint[] {
  const path = `${above}${command.name}`;
  const { args = [], commands = [], options = [] } = command;
  const point: CompletionPoint = {
    path,
    words: [...commands.map(({ name }) => name), ...args.flatMap(({ choices = [] }) => choices)],
    files: args.some(({ name }) => name === 'directory'),
    flags: [...options.map(longFlag), '--help', ...(above === '' ? ['--version'] : [])],
    valueFlags: options.flatMap(valueFlagOf),
  };
  return [point, ...commands.flatMap((child) => pointsOf(child, `${path} `))];
}

/** What follows one flag with a value: below one command, or below all that have it. */
export interface ValueCase extends Candidates {
  readonly flag: string;
  /** Absent: wherever the flag stands. */
  readonly path?: string;
}

/** Every flag with a value once, where it means the same below all commands: the names of all settings are long. */
export function valueCasesOf(points: readonly CompletionPoint[]): ValueCase[] {
  const cases = new Map<string, ValueCase[]>();
  for (const { path, valueFlags } of points) {
    for (const { spellings, words, files } of valueFlags) {
      for (const flag of spellings) {
        cases.set(flag, [...(cases.get(flag) ?? []), { flag, path, words, files }]);
      }
    }
  }
  return [...cases.values()].flatMap((each) => {
    const meanings = new Set(each.map(({ words, files }) => JSON.stringify([words, files])));
    const [{ flag, words, files } = { flag: '', words: [], files: false }] = each;
    return meanings.size === 1 ? [{ flag, words, files }] : each;
  });
}
