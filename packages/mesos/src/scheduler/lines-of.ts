import type { LogPage } from '../agent/sandbox-logs.ts';

/** Who writes no line ends would fill the memory: a longer line comes in pieces of at least this. */
const LONGEST_LINE = 1024 * 1024;

/** Pages of text → lines; what follows the last line's end counts as a line, too. */
export async function* linesOf(pages: AsyncIterable<LogPage>): AsyncGenerator<string, void, undefined> {
  const rest = new LineRest();
  for await (const { text, restarted } of pages) {
    if (restarted && rest.length > 0) yield rest.take();
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = rest.take(line);
      yield whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    }
    rest.add(last);
    if (rest.length >= LONGEST_LINE) yield rest.take();
  }
  if (rest.length > 0) yield rest.take();
}

/** The beginning of a line, in the pieces in which it came: put together once, however many they are. */
class LineRest {
  #pieces: string[] = [];
  length = 0;

  add(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  /** The line with its end. */
  take(end = ''): string {
    this.add(end);
    const line = this.#pieces.join('');
    this.#pieces = [];
    this.length = 0;
    return line;
  }
}
