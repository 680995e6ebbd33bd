import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  cleanUp,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const page = readFileSync(`${root}docs/observability.md`, 'utf8');
const home = temporaryDirectory();
const bin = join(home, 'bin');

interface Example {
  readonly command: string;
  readonly shown: string;
}

const examples = [...page.matchAll(/^```console\n([^]*?)^```$/gm)].flatMap(([, body = '']) =>
  [...body.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', shown = '']): Example => ({
    command,
    shown,
  })),
);

let platform: PlatformProcess;

beforeAll(async () => {
  const dataDir = join(home, '.vibrissa');
  const log = join(dataDir, 'vibrissa.log');
  platform = await startPlatform({ dataDir, args: ['--set', `log.file=${log}`] });
  mkdirSync(bin);
  const wsk = `#!/bin/sh\nexec "${process.execPath}" "${root}packages/cli/bin/wsk.js" "$@"\n`;
  writeFileSync(join(bin, 'wsk'), wsk, { mode: 0o755 });
  for (const [, name = '', text = ''] of page.matchAll(/^```js (\S+)\n([^]*?)^```$/gm)) {
    writeFileSync(join(home, name), text);
  }
});
afterAll(cleanUp);

function type(command: string): Promise<string> {
  const env = { HOME: home, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const here = command.replaceAll('127.0.0.1:3233', `127.0.0.1:${platform.port}`);
  return new Promise((resolve) =>
    execFile('bash', ['-c', `exec 2>&1\n${here}`], { cwd: home, env }, (_error, stdout) => resolve(stdout)),
  );
}

/** `…` stands for anything. */
function matches(printed: string, shown: string): boolean {
  const pattern = shown.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}

it('every command of the page about observability prints what it shows', async () => {
  expect(examples.length).toBeGreaterThan(8);
  for (const { command, shown } of examples) {
    let printed = await type(command);
    // The log is written behind, and slots are given back after the answer.
    for (let tries = 0; tries < 20 && !matches(printed, shown); tries++) {
      if (!/^(?:grep|curl -s (?!-X))/.test(command)) break;
      printed = await type(command);
    }
    if (!matches(printed, shown)) expect(`$ ${command}\n${printed}`).toBe(`$ ${command}\n${shown}`);
  }
});
