import { optionSummary } from '../command/render-help.ts';
import { flagsOf, quote, valueOptions, type Level } from './levels.ts';

/** An entry of `_describe`: a colon ends the name. */
function entry(name: string, summary: string): string {
  return quote(`${name.replaceAll(':', '\\:')}${summary === '' ? '' : `:${summary}`}`);
}

function valueCases(level: Level): string[] {
  return valueOptions(level).map(({ option, pattern }) => {
    if (option.choices)
      return `    (${pattern}) compadd -- ${option.choices.map(quote).join(' ')}; return ;;`;
    return `    (${pattern}) ${option.file ? '_files' : `_message ${quote(option.value ?? '')}`}; return ;;`;
  });
}

function levelCase({ line, words, options, files }: Level): string {
  const names = words.map(({ name, summary }) => entry(name, summary));
  const flags = options.flatMap((option) =>
    flagsOf(option).map((flag) => entry(flag, optionSummary(option))),
  );
  return `    (${quote(line)})
      names=(${names.join(' ')})
      flags=(${flags.join(' ')})${files ? '\n      files=1' : ''}
      ;;`;
}

/** A script for zsh, to be sourced or to lie in \`fpath\` as \`_wsk\`. */
export function renderZsh(levels: readonly Level[]): string {
  const lines = levels.slice(1).map(({ line }) => quote(line));
  return `#compdef wsk
# zsh completion for wsk; load it with: source <(wsk completion zsh)
_wsk() {
  local -a names flags
  local line=wsk word files=''
  local -i index
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    case "$line $word" in
    (${lines.join('|')}) line="$line $word" ;;
    esac
  done
  case "$line:\${words[CURRENT-1]}" in
${levels.flatMap(valueCases).join('\n')}
  esac
  case "$line" in
${levels.map(levelCase).join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    _describe -o flag flags
  else
    _describe command names
    [[ -n "$files" ]] && _files
  fi
}
if [[ "\${funcstack[1]}" == _wsk ]]; then
  _wsk "$@"
elif (( $+functions[compdef] )); then
  compdef _wsk wsk
fi
`;
}
