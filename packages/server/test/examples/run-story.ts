import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Runs a story of `examples/` as its user does; resolves with all that it printed, and its exit code.
 *
 * @param interruptAt presses Ctrl-C when this has been printed
 */
export function runStory(folder: string, words: readonly string[] = [], interruptAt?: string) {
  return new Promise<{ code: number | null; text: string }>((resolve) => {
    const file = `${root}examples/${folder}/story.js`;
    const child = spawn(process.execPath, [file, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let isInterrupted = false;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (isInterrupted || interruptAt === undefined || !text.includes(interruptAt)) return;
        isInterrupted = child.kill('SIGINT');
      });
    child.once('close', (code) => resolve({ code, text }));
  });
}
