import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWskOnPlatform, type WskOnPlatform } from '../gateway/wsk-on-platform.ts';
import { cleanUp } from '../platform/platform-process.ts';

const page = readFileSync(new URL('../../../../docs/guide/web-actions.md', import.meta.url), 'utf8');
const wskBinary = fileURLToPath(new URL('../../../cli/bin/wsk.js', import.meta.url));

interface Example {
  readonly command: string;
  readonly expected: string;
}

/** Each `$` line of the page's consoles, with what stands below it. */
function examplesOf(text: string): Example[] {
  return [...text.matchAll(/^```console\n([^]*?)^```$/gm)].flatMap(([, body = '']) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { command: part.slice(0, end), expected: part.slice(end + 1) };
      }),
  );
}

let place: WskOnPlatform;
let bin: string;

beforeAll(async () => {
  place = await openWskOnPlatform();
  bin = join(place.directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'wsk'), `#!/bin/sh\nexec "${process.execPath}" "${wskBinary}" "$@"\n`, {
    mode: 0o755,
  });
  for (const [, name = '', code = ''] of page.matchAll(/^```js (\S+)\n([^]*?)^```$/gm))
    place.file(name, code);
});
afterAll(cleanUp);

function run(command: string): Promise<string> {
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    API: place.url,
    WSK_CONFIG_FILE: join(place.directory, 'wskprops'),
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { env, cwd: place.directory }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

it('every example of the guide does what it shows', async () => {
  const examples = examplesOf(page);
  expect(examples.length).toBeGreaterThan(12);
  for (const { command, expected } of examples) {
    const shown = await run(command);
    expect(`$ ${command}\n${shown.trimEnd()}`).toBe(
      `$ ${command}\n${expected.replaceAll('$API', place.url).trimEnd()}`,
    );
  }
});
