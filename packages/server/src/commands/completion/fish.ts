import type { CompletionPoint, ValueFlag } from './points.ts';

function spellingsOf(flag: string): string {
  return flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
}

function pointLines(name: string, { path, words, flags, files, valueFlags }: CompletionPoint): string[] {
  const begin = `complete -c ${name} -n '__${name}_at "${path}"'`;
  const withValue = new Set(valueFlags.flatMap(({ spellings }) => spellings));
  const valueLine = ({ spellings, words: values, files: takesFile }: ValueFlag): string => {
    const choices = values.length > 0 ? ` -a '${values.join(' ')}'` : '';
    return `${begin} ${spellings.map(spellingsOf).join(' ')} ${takesFile ? '-r -F' : '-x'}${choices}`;
  };
  return [
    ...(words.length > 0 ? [`${begin} -a '${words.join(' ')}'`] : []),
    ...(files ? [`${begin} -F`] : []),
    ...flags.filter((flag) => !withValue.has(flag)).map((flag) => `${begin} ${spellingsOf(flag)}`),
    ...valueFlags.map(valueLine),
  ];
}

/** A script for fish. */
export function renderFish(name: string, points: readonly CompletionPoint[]): string {
  const paths = points.slice(1).map(({ path }) => `'${path}'`);
  return `# fish completion of ${name}: ${name} completion fish | source
function __${name}_at
    set -l line ${name}
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        switch "$line $word"
            case ${paths.join(' ')}
                set line "$line $word"
        end
    end
    test "$line" = "$argv[1]"
end
complete -c ${name} -f
${points.flatMap((point) => pointLines(name, point)).join('\n')}
`;
}
