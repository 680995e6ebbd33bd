import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWorkplace, runWsk, type Workplace } from './run-wsk.ts';

let place: Workplace;

beforeEach(() => {
  place = makeWorkplace();
});

afterEach(() => place.remove());

async function script(name: string): Promise<string> {
  const { stdout } = await runWsk(place, ['completion', name]);
  writeFileSync(place.path('script'), stdout);
  return place.path('script');
}

function shell(name: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(name, words, { encoding: 'utf8' });
}

function has(name: string): boolean {
  return shell(name, '-c', 'true').status === 0;
}

test.each([
  [['wsk', 'act'], 'action activation'],
  [['wsk', 'action', 'c'], 'create'],
  [['wsk', 'action', 'create', '--web'], '--web --web-secure'],
  [['wsk', '-i', 'activation', 'p'], 'poll'],
  [['wsk', 'action', 'list', '--output', ''], 'text json ndjson'],
  [['wsk', 'property', 'get', '-o', 'r'], 'raw'],
  [['wsk', 'action', 'list', '--limit', ''], ''],
  [['wsk', 'help', 'prop'], 'property'],
  [['wsk', 'help', 'property', 'u'], 'unset'],
  [['wsk', 'api', 'key', ''], 'create list delete'],
  [['wsk', 'project', 'deploy', '--param'], '--param --param-file'],
  [['wsk', 'dev', '--r'], '--rm'],
  [['wsk', 'action', 'create', 'x', '--env'], '--env --env-file'],
  [['wsk', 'completion', 'f'], 'fish'],
  [['wsk', 'action', 'create', 'hello', 'scr'], 'script'],
])('bash completes %j to %s', async (words, expected) => {
  const file = await script('bash');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const run = `cd ${place.directory}; set -u; source ${file}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _wsk; echo "\${COMPREPLY[*]-}"`;
  const outcome = shell('bash', '-c', run);
  expect(outcome.stderr).toBe('');
  expect(outcome.stdout.trim()).toBe(expected);
});

test.skipIf(!has('zsh'))('zsh accepts its script (skipped where zsh is not installed)', async () => {
  const outcome = shell('zsh', '-n', await script('zsh'));
  expect([outcome.status, outcome.stderr]).toEqual([0, '']);
});

test.skipIf(!has('fish'))(
  'fish completes commands and flags (skipped where fish is not installed)',
  async () => {
    const file = await script('fish');
    const run = `source ${file}; complete -C 'wsk act'; complete -C 'wsk action cr'; complete -C 'wsk action list --name'`;
    const outcome = shell('fish', '--no-config', '-c', run);
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toContain('action\twork with actions\nactivation\twork with activations\n');
    expect(outcome.stdout).toContain('create\tcreate a new action');
    expect(outcome.stdout).toContain('--name-sort');
  },
);

test('a shell without a completion is refused with the one that was meant', async () => {
  const outcome = await runWsk(place, ['completion', 'fihs']);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toContain('Did you mean fish?');
});
