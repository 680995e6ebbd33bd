/** What holds for every runtime that is asked to say when each line was written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startRuntime, type RunningRuntime } from './start-runtime.ts';

const SENTINEL = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
const STAMP = /^\u001e(\d{19}) /;

const lines = {
  nodejs: `function main() {
    console.log('one');
    process.stdout.write('two\\n\\nfour\\nfi');
    console.error('beside');
    process.stdout.write('ve');
    process.stdout.write('\\nsix');
    return {};
  }`,
  python: `import sys
def main(args):
  print('one')
  sys.stdout.write('two\\n\\nfour\\nfi')
  sys.stdout.flush()
  print('beside', file=sys.stderr)
  sys.stdout.write('ve')
  sys.stdout.flush()
  sys.stdout.write('\\nsix')
  return {}`,
  // Its lines have the time at which the runtime reads them: each part waits until the one before it was read.
  actionloop: `#!/bin/sh
printf 'one\\n'
printf 'two\\n\\nfour\\nfi'
while [ ! -e out-was-read ]; do sleep 0.01; done
echo beside >&2
while [ ! -e err-was-read ]; do sleep 0.01; done
printf 've'
printf '\\nsix\\n'
echo '{}'
`,
} as const;

/** Replaces what a stamp is made with. */
const hostile = {
  nodejs: `exports.main = () => {
    Date.now = () => 1; process.hrtime = () => [0, 0]; performance.now = () => 0; Math.floor = Math.abs = () => 7;
    Buffer.allocUnsafe = () => { throw new Error('mine'); };
    Buffer.prototype.copy = Buffer.prototype.indexOf = () => 0;
    process.stdout.write('line\\n');
    return {};
  };`,
  python: `import time
def main(args):
  time.time_ns = time.time = lambda: 1
  print('line')
  return {}`,
} as const;

const fails = {
  nodejs: 'function main() { throw new Error("on purpose"); }',
  python: 'def main(args):\n  raise ValueError("on purpose")',
} as const;

let runtime: RunningRuntime;
afterEach(() => runtime.stop());

async function tellWhatWasRead(): Promise<void> {
  const code = join(runtime.directory, 'code');
  await runtime.stdoutContains('four\n');
  writeFileSync(join(code, 'out-was-read'), '');
  await runtime.stderrContains('beside\n');
  writeFileSync(join(code, 'err-was-read'), '');
}

const unstamped = (text: string) => text.split('\n').map((line) => line.replace(STAMP, ''));
const timeOf = (line: string) => BigInt(STAMP.exec(line)?.[1] ?? '-1');
const now = () => BigInt(Date.now()) * 1_000_000n;
const LEEWAY = 50_000_000n;

for (const kind of ['nodejs', 'python', 'actionloop'] as const) {
  const call = async (code: string, env: { readonly [name: string]: string } = { __OW_LOG_STAMPS: '1' }) => {
    runtime = await startRuntime(kind, { env });
    expect((await runtime.init(code)).status).toBe(200);
    const answer = runtime.post('/run', { value: {} }, { 'X-Vibrissa-Sentinel': 'token' });
    if (code === lines.actionloop) await tellWhatWasRead();
    await answer;
    await runtime.logsContain(`${SENTINEL} token\n`);
  };

  describe(`${kind}: lines with the time at which they were written`, () => {
    it('begin with it wherever writes were cut, and the sentinel has none', async () => {
      const before = now() - LEEWAY;
      await call(lines[kind]);
      const stdout = runtime.stdout.split('\n');
      const stderr = runtime.stderr.split('\n');
      expect(unstamped(runtime.stdout)).toEqual([
        'one',
        'two',
        '',
        'four',
        'five',
        'six',
        `${SENTINEL} token`,
        '',
      ]);
      expect(unstamped(runtime.stderr)).toEqual(['beside', `${SENTINEL} token`, '']);
      for (const line of [...stdout.slice(0, 6), ...stderr.slice(0, 1)]) expect(line).toMatch(STAMP);
      for (const line of [...stdout.slice(6), ...stderr.slice(1)]) expect(line).not.toMatch(STAMP);
      const times = stdout.slice(0, 6).map(timeOf);
      expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
      for (const time of [...times, timeOf(stderr[0] ?? '')]) {
        expect(time).toBeGreaterThanOrEqual(before);
        expect(time).toBeLessThanOrEqual(now() + LEEWAY);
      }
    });

    it('put the two streams into one order', async () => {
      await call(lines[kind]);
      const stdout = runtime.stdout.split('\n').map(timeOf);
      const beside = timeOf(runtime.stderr);
      expect(beside).toBeGreaterThanOrEqual(stdout[0] ?? 0n);
      expect(beside).toBeLessThanOrEqual(stdout[5] ?? 0n);
    });

    it('are for who asks for them', async () => {
      await call(lines[kind], {});
      expect(runtime.stdout + runtime.stderr).not.toContain('\u001e');
    });

    if (kind === 'actionloop') return;

    it('are right whatever the action does to its own clock', async () => {
      const before = now() - LEEWAY;
      await call(hostile[kind]);
      const [line = ''] = runtime.stdout.split('\n');
      expect(line.replace(STAMP, '')).toBe('line');
      expect(timeOf(line)).toBeGreaterThanOrEqual(before);
    });

    it('are also those of an error that the runtime logs', async () => {
      await call(fails[kind]);
      const written = runtime.stderr.split('\n').filter((line) => line !== '' && !line.startsWith(SENTINEL));
      expect(written.join('\n')).toContain('on purpose');
      for (const line of written) expect(line).toMatch(STAMP);
    });
  });
}
