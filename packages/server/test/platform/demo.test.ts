import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../../../../scripts/demo.js', import.meta.url));

describe('the demo', () => {
  it('shows a blocking and a non-blocking invocation with logs and timeline, and ends well', async () => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    onTestFinished(() => void child.kill());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(output).toContain('blocking: ');
    expect(output).toContain('non-blocking: ');
    expect(output).toMatch(/^log +\S+ +stdout: /m);
    for (const phase of ['wait', 'init', 'run'])
      expect(output).toMatch(new RegExp(`^ +${phase} +\\d+ ms`, 'm'));
    expect(code).toBe(0);
    // It says by itself what took too long.
  }, 300_000);
});
