/** What of a sandbox is left where bubblewrap was killed before the other process that it had just made could ask to be ended with it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Nothing for a process that has ended. */
function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Processes of this command line whose parent is none of these. That of a sandbox that stands is the runtime's own. */
export function strandedProcesses(argv: readonly string[], parents: ReadonlySet<number>): number[] {
  const wanted = `${argv.join('\0')}\0`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandLineOf(pid) === wanted && !parents.has(parentOf(pid)));
}
