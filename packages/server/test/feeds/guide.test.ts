import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, expect, it } from 'vitest';
import { cleanUp, startPlatform, temporaryDirectory } from '../platform/platform-process.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const guide = readFileSync(`${root}docs/guide/feeds.md`, 'utf8');
const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

afterAll(cleanUp);

/** Runs all that the guide shows, as a user would type it. */
function run(script: string, cwd: string): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-e', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (part: Buffer) => (text += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text += part.toString()));
    child.on('close', (code) => resolve({ code, text }));
  });
}

it('every example of the guide to alarms and webhooks works as it stands', async () => {
  expect(blocks.length).toBeGreaterThan(5);
  const platform = await startPlatform();
  const directory = temporaryDirectory();
  const options = `--apihost http://127.0.0.1:${platform.port} --auth ${platform.key}`;
  const wsk = `wsk() { '${process.execPath}' '${root}packages/cli/bin/wsk.js' "$@" ${options}; }`;
  const { code, text } = await run([wsk, ...blocks].join('\n'), directory);
  expect(text).not.toContain('error:');
  expect(code, text).toBe(0);
  expect(text).toContain('/api/v1/hooks/');
});
