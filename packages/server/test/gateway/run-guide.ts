import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { WskOnPlatform } from './wsk-on-platform.ts';

const wskBinary = fileURLToPath(new URL('../../../cli/bin/wsk.js', import.meta.url));

/** A command of a page, what the page shows below it, and what it has printed. */
export interface RunExample {
  readonly command: string;
  readonly shown: string;
  readonly printed: string;
}

/** Each `$` line of the page's consoles, with what stands below it. */
function examplesOf(page: string): Omit<RunExample, 'printed'>[] {
  return [...page.matchAll(/^```console\n([^]*?)^```$/gm)].flatMap(([, body = '']) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { command: part.slice(0, end), shown: part.slice(end + 1).trimEnd() };
      }),
  );
}

/** Writes the page's files, runs its commands in order, and returns what they printed. `$API` is the platform. */
export async function runGuide(place: WskOnPlatform, page: string): Promise<RunExample[]> {
  const bin = join(place.directory, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\nexec "${process.execPath}" "${wskBinary}" "$@"\n`;
  writeFileSync(join(bin, 'wsk'), script, { mode: 0o755 });
  for (const [, name = '', text = ''] of page.matchAll(/^```(?:js|json) (\S+)\n([^]*?)^```$/gm)) {
    place.file(name, text);
  }
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    API: place.url,
    WSK_CONFIG_FILE: join(place.directory, 'wskprops'),
  };
  const run = (command: string): Promise<string> =>
    new Promise((resolve) => {
      execFile('sh', ['-c', command], { env, cwd: place.directory }, (_error, stdout, stderr) =>
        resolve((stdout + stderr).replaceAll(place.url, '$API').trimEnd()),
      );
    });
  const results: RunExample[] = [];
  for (const example of examplesOf(page)) {
    results.push({ ...example, printed: await run(example.command) });
  }
  return results;
}
