import { valueCasesOf, type CompletionPoint, type ValueCase } from './points.ts';

function valueCase({ flag, path, words, files }: ValueCase): string {
  const place = path === undefined ? '*' : `'${path}'`;
  return `    ${place}':${flag}') value=1; words='${words.join(' ')}'${files ? '; files=1' : ''} ;;`;
}

function pointCase({ path, words, flags, files }: CompletionPoint): string {
  return `      '${path}') words='${words.join(' ')}'; flags='${flags.join(' ')}'${files ? '; files=1' : ''} ;;`;
}

/** A script for bash 3.2 and newer. */
export function renderBash(name: string, points: readonly CompletionPoint[]): string {
  const paths = points.slice(1).map(({ path }) => `'${path}'`);
  return `# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local IFS=$' \\t\\n' current previous path='${name}' words='' flags='' files='' value='' index
  COMPREPLY=()
  current="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
    ${paths.join('|')}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path:$previous" in
${valueCasesOf(points).map(valueCase).join('\n')}
  esac
  if [[ -z $value ]]; then
    case "$path" in
${points.map(pointCase).join('\n')}
    esac
    if [[ $current == -* || -z $words$files ]]; then
      words="$flags"
      files=''
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n $files ]]; then
    IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
  elif [[ \${#COMPREPLY[@]} -gt 0 && \${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
  return 0
}
complete -F _${name} ${name}
`;
}
