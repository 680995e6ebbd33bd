import { flagsOf, quote, valueOptions, type Level } from './levels.ts';

/** Alternatives of a `case` for every flag of a level that takes a value. */
function valueCases(level: Level): string[] {
  return valueOptions(level).map(({ option, pattern }) => {
    if (option.choices) return `    ${pattern}) candidates=${quote(option.choices.join(' '))}; values=1 ;;`;
    return `    ${pattern}) values=1${option.file ? '; files=1' : ''} ;;`;
  });
}

function levelCase({ line, words, options, files }: Level): string {
  const names = quote(words.map(({ name }) => name).join(' '));
  const flags = quote(options.flatMap(flagsOf).join(' '));
  return `    ${quote(line)}) candidates=${names}; flags=${flags}${files ? '; files=1' : ''} ;;`;
}

/** A script for bash 3.2 and newer. */
export function renderBash(levels: readonly Level[]): string {
  const lines = levels.slice(1).map(({ line }) => quote(line));
  return `# bash completion for wsk; load it with: source <(wsk completion bash)
_wsk() {
  local IFS=$' \\t\\n' current previous word path='wsk' candidates='' flags='' files='' values='' index
  COMPREPLY=()
  current="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$path $word" in
    ${lines.join('|')}) path="$path $word" ;;
    esac
  done
  case "$path:$previous" in
${levels.flatMap(valueCases).join('\n')}
  esac
  if [[ -z $values ]]; then
    case "$path" in
${levels.map(levelCase).join('\n')}
    esac
    if [[ $current == -* ]]; then
      candidates="$flags"
      files=''
    fi
  fi
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
  if [[ -n $files ]]; then
    IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
  fi
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$current"
  fi
  return 0
}
complete -F _wsk wsk
`;
}
