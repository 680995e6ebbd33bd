import type { LogPage } from '../agent/sandbox-logs.ts';

/** Pages of text → lines; what follows the last line's end counts as a line, too. */
export async function* linesOf(pages: AsyncIterable<LogPage>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const { text, restarted } of pages) {
    if (restarted && rest !== '') {
      yield rest;
      rest = '';
    }
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
