import { valueCasesOf, type CompletionPoint, type ValueCase } from './points.ts';

function valueCase({ flag, path, words, files }: ValueCase): string {
  const place = path === undefined ? '*' : `'${path}'`;
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const suffix = words.some((word) => word.endsWith('=')) ? "-S '' " : '';
  const told = words.length > 0 ? `compadd ${suffix}-- ${quoted}` : `_message 'value of ${flag}'`;
  return `    (${place}':${flag}') ${files ? '_files' : told}; return ;;`;
}

function pointCase({ path, words, flags, files }: CompletionPoint): string {
  return `    ('${path}') names=(${words.join(' ')}); flags=(${flags.join(' ')})${files ? '; files=1' : ''} ;;`;
}

/** A script for zsh, to be sourced or to lie in `fpath`. */
export function renderZsh(name: string, points: readonly CompletionPoint[]): string {
  const paths = points.slice(1).map(({ path }) => `'${path}'`);
  return `#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  local -a names flags
  local line='${name}' files=''
  local -i index
  for ((index = 2; index < CURRENT; index++)); do
    case "$line \${words[index]}" in
    (${paths.join('|')}) line="$line \${words[index]}" ;;
    esac
  done
  case "$line:\${words[CURRENT-1]}" in
${valueCasesOf(points).map(valueCase).join('\n')}
  esac
  case "$line" in
${points.map(pointCase).join('\n')}
  esac
  if [[ "$PREFIX" == -* || ( \${#names} -eq 0 && -z "$files" ) ]]; then
    compadd -- $flags
  else
    (( \${#names} )) && compadd -- $names
    [[ -n "$files" ]] && _files
  fi
}
if [[ "\${funcstack[1]}" == _${name} ]]; then
  _${name} "$@"
elif (( $+functions[compdef] )); then
  compdef _${name} ${name}
fi
`;
}
