import { longFlag, type Command } from './command.ts';

/** What may follow `path` (the words typed so far): commands below it and its flags. */
interface CompletionPoint {
  readonly path: readonly string[];
  readonly words: readonly string[];
}

function pointsOf(command: Command, path: readonly string[]): CompletionPoint[] {
  const flags = [...(command.options ?? []).map(longFlag), '--help'];
  const words = [...(command.commands ?? []).map(({ name }) => name), ...flags];
  const below = (command.commands ?? []).flatMap((child) => pointsOf(child, [...path, child.name]));
  return [{ path, words }, ...below];
}

function caseLines(points: readonly CompletionPoint[], quote: (words: string) => string): string {
  return points.map(({ path, words }) => `    '${path.join(' ')}') ${quote(words.join(' '))} ;;\n`).join('');
}

/** Words typed so far that are no flags, as one text: both shells find the point by it. */
function bash(name: string, points: readonly CompletionPoint[]): string {
  return `# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${caseLines(points, (words) => `words='${words}'`)}  esac
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o default -F _${name} ${name}
`;
}

function zsh(name: string, points: readonly CompletionPoint[]): string {
  return `#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  local path_='' word words_=()
  for word in \${words[2,CURRENT-1]}; do
    case "$word" in -*) ;; *) path_="\${path_:+$path_ }$word" ;; esac
  done
  case "$path_" in
${caseLines(points, (words) => `words_=(${words})`)}  esac
  if (( \${#words_} )); then compadd -- $words_; else _files; fi
}
compdef _${name} ${name}
`;
}

function fish(name: string, points: readonly CompletionPoint[]): string {
  const lines = points.map(({ path, words }) => {
    const condition = `test (string join ' ' -- (__${name}_path)) = '${path.join(' ')}'`;
    return `complete -c ${name} -n "${condition}" -a '${words.join(' ')}'\n`;
  });
  return `# fish completion of ${name}: ${name} completion fish | source
function __${name}_path
  set -l words (commandline -opc)
  string match -v -- '-*' $words[2..-1]
end
${lines.join('')}`;
}

/** Shells that completion is written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script for the shell that completes the command and all below it. */
export function renderCompletion(command: Command, shell: Shell): string {
  const points = pointsOf(command, []);
  return { bash, zsh, fish }[shell](command.name, points);
}
