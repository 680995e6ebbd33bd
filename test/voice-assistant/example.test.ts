/** The example as a user runs it: by its command, in a terminal. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { complaints } from './example-modules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** What the example prints while all is well, in this order; the figures are those of its seed. */
const story = [
  'ok: created action voice/site-report',
  'You        Alexa, open site report.',
  'Assistant  There were 2,136 page views last week. That is 1 percent more than the week before. The busiest day was Monday, with 404.',
  'Assistant  There were 639 visitors last week.',
  'Assistant  For last week, or for last month?',
  'Assistant  I know last week and last month, but not “the last decade”.',
  'Assistant  Sorry, I didn’t get that.',
  'Assistant  Sorry, the figures can’t be had right now.',
  'no signature             400',
  'five minutes old         400',
  'an authority of its own  400',
  'nothing at all           405',
];

let directory: string;
let stop: (() => unknown) | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'voice-example-'));
});

afterEach(() => {
  stop?.();
  stop = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Starts it with a directory for temporary files of its own. */
function start(...flags: string[]) {
  const started = spawn(process.execPath, ['examples/voice-assistant/run.js', ...flags], {
    cwd: root,
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stop = () => started.kill('SIGTERM');
  let said = '';
  const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
  /** Resolves when it has said a whole line with this in it. */
  const saying = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const at = said.indexOf(text);
        if (at !== -1 && said.includes('\n', at)) resolve();
      };
      started.stdout.on('data', look);
      void ended.then(() => reject(new Error(`it ended without saying “${text}”:\n${said}`)));
      look();
    });
  for (const stream of [started.stdout, started.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { started, ended, saying, said: () => said };
}

function expectStory(said: string): void {
  let from = 0;
  for (const line of story) {
    const at = said.indexOf(line, from);
    expect(at, `“${line}” is missing in:\n${said}`).toBeGreaterThanOrEqual(0);
    from = at;
  }
}

it('`npm run example:voice` tells its story, checks itself, ends, and leaves nothing', async () => {
  const { stdout } = await run('npm', ['run', '--silent', 'example:voice', '--', '--plain'], {
    cwd: root,
    env: { ...process.env, TMPDIR: directory },
  });
  expectStory(stdout);
  expect(stdout).toContain('actions       as plain processes, without any protection (it was asked for)');
  expect(readdirSync(directory)).toEqual([]);
}, 120_000);

it('with --keep it goes on, answers the command that it prints, and ends when it is told to', async () => {
  const example = start('--keep');
  await example.saying('curl -s --json');
  expectStory(example.said());
  const [, signed = '', bare = ''] = /^ {2}(node .*)$[^]*^ {2}(curl .*)$/m.exec(example.said()) ?? [];
  const { stdout: answer } = await run('sh', ['-c', signed]);
  expect(complaints.complaintsAbout(JSON.parse(answer), 'IntentRequest')).toEqual([]);
  expect(answer).toContain('There were 1,601 visitors last month.');
  const { stdout: refusal } = await run('sh', ['-c', bare]);
  expect(JSON.parse(refusal)).toEqual({
    error: 'The request is not signed: the header Signature-256 is missing.',
  });
  example.started.kill('SIGTERM');
  expect(await example.ended).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
}, 120_000);

it('that is stopped in between leaves nothing and says so', async () => {
  const example = start();
  await example.saying('── The skill is deployed');
  example.started.kill('SIGTERM');
  expect(await example.ended).toBe(1);
  expect(example.said()).toContain('The example failed: it was ended by SIGTERM');
  expect(readdirSync(directory)).toEqual([]);
}, 120_000);
