import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { runProgram } from './build-program.ts';
import { longFlag, type Command } from './command.ts';
import { renderCompletion } from './completion.ts';
import { renderVibrissaReference } from './render-reference.ts';
import { vibrissa } from './vibrissa.ts';

const directory = mkdtempSync(join(tmpdir(), 'vibrissa-commands-'));
afterAll(() => rmSync(directory, { recursive: true }));

function run(...argv: string[]) {
  return runIn({}, ...argv);
}

async function runIn(env: { [name: string]: string }, ...argv: string[]) {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    env,
    errIsScreen: false,
  };
  const code = await runProgram(vibrissa, argv, { terminal, version: '1.2.3' });
  return { code, out, err };
}

function leaves(command: Command, path: string): [string, Command][] {
  const below = (command.commands ?? []).flatMap((child) => leaves(child, `${path} ${child.name}`));
  return command.run ? [[path, command], ...below] : below;
}

describe('the vibrissa command', () => {
  it('shows its version and its help', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const { name } of vibrissa.commands ?? []) expect(out).toContain(`  ${name}`);
  });

  it('explains every option of start with its default', async () => {
    const { out } = await run('start', '--help');
    expect(out).toMatch(/--port <port> .*3233/s);
    for (const flag of [
      '--host',
      '--tls-cert',
      '--tls-key',
      '--data-dir',
      '--config',
      '--set',
      '--admin-port',
    ]) {
      expect(out).toContain(flag);
    }
  });

  it.each([[['start', '3301']], [['start']]])('says that npm keeps a flag to itself: %j', async (argv) => {
    const env = { npm_lifecycle_event: 'start', npm_config_port: '3301' };
    const { code, err } = await runIn(env, ...argv);
    expect(code).toBe(2);
    expect(err).toContain('mend: npm start -- --port');
  });

  it('says which command was probably meant', async () => {
    const { code, err } = await run('strat');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean start?');
  });

  it('says which flag was probably meant', async () => {
    const { code, err } = await run('start', '--prot', '1');
    expect(code).toBe(2);
    expect(err).toContain('--port');
  });

  it.each([
    [['admin', 'limits', 'set', 'guest', '--triggersPerMinute', '5'], '--firesPerMinute'],
    [['admin', 'limits', 'set', 'guest', '--max-alarms=5'], '--maxAlarms'],
    [['start', '--dataDir', 'x'], '--data-dir'],
    [['start', '--hlep'], '--help'],
    [['--verison'], '--version'],
    [['admin', 'users'], 'user'],
    [['admin', 'limits', 'sett', 'guest'], 'set'],
  ])('says what was meant with %j', async (argv, meant) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`(Did you mean ${meant}?)`);
  });

  it('guesses nothing where nothing is near', async () => {
    expect((await run('start', '--quux')).err).not.toContain('Did you mean');
  });

  it('complains about a missing argument', async () => {
    const { code, err } = await run('admin', 'user', 'create');
    expect(code).toBe(2);
    expect(err).toContain("missing required argument 'subject'");
  });

  it('explains the configuration as text and as JSON', async () => {
    const text = await run('config', 'explain', '--port', '99');
    expect(text.out).toMatch(/^http\.port +99 +--port$/m);
    const json = await run('config', 'explain', '--output', 'json');
    expect((JSON.parse(json.out) as { 'http.port': object })['http.port']).toMatchObject({ value: 3233 });
    expect((await run('config', 'explain', '--output', 'xml')).code).toBe(2);
  });

  it('reads the file of --config, and says when there is none', async () => {
    const file = join(directory, 'v.yaml');
    writeFileSync(file, 'http: { port: 4444 }\n');
    expect((await run('config', 'explain', '--config', file)).out).toMatch(/http\.port +4444 +file /);
    const missing = await run('config', 'explain', '--config', join(directory, 'none.yaml'));
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toContain('does not exist');
  });

  it('tells every configuration error with its mend, and does nothing else', async () => {
    const { code, out, err } = await run('start', '--port', 'x', '--set', 'log.levle=debug');
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('http.port (from --port) must be a port number');
    expect(err).toContain('Did you mean log.level?');
  });

  it('refuses a limit that is none before it asks anybody', async () => {
    const { code, err } = await run('admin', 'limits', 'set', 'guest', '--invocationsPerMinute', 'many');
    expect(code).toBe(2);
    expect(err).toContain('--invocationsPerMinute must be a whole number');
    expect((await run('admin', 'limits', 'set', 'guest')).code).toBe(2);
  });

  it('has a page in the reference for every command', () => {
    const page = renderVibrissaReference();
    for (const [path, command] of leaves(vibrissa, 'vibrissa')) {
      expect(page).toContain(`## ${path}\n`);
      for (const { flags } of command.options ?? []) expect(page).toContain(flags.replaceAll('|', '\\|'));
    }
  });
});

describe('shell completion', () => {
  it('completes in bash: commands, then commands below them, then flags', () => {
    const script = join(directory, 'completion.bash');
    writeFileSync(script, renderCompletion(vibrissa, 'bash'));
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vibrissa; echo "${COMPREPLY[@]}"',
          'bash',
          script,
          ...words,
        ],
        { encoding: 'utf8' },
      ).trim();
    expect(complete('vibrissa', 'st')).toBe('start');
    expect(complete('vibrissa', 'admin', 'user', 'b')).toBe('block');
    expect(complete('vibrissa', 'start', '--po')).toBe('--port');
    expect(complete('vibrissa', 'admin', 'limits', 'set', '--fires')).toBe('--firesPerMinute');
    // Behind arguments and values, too.
    expect(complete('vibrissa', 'admin', 'limits', 'set', 'guest', '--maxAl')).toBe('--maxAlarms');
    expect(complete('vibrissa', 'start', '--port', '80', '--data')).toBe('--data-dir');
    expect(complete('vibrissa', 'cluster', 'status', 'http://a:1', '--js')).toBe('--json');
    expect(complete('vibrissa', 'start', '--log-level', 'w')).toBe('warn');
    expect(complete('vibrissa', 'config', 'explain', '-o', '')).toBe('text json');
    expect(complete('vibrissa', 'admin', 'limits', 'set', 'g', '--storeActivations', '')).toBe('true false');
    expect(complete('vibrissa', 'start', '--set', 'limits.feeds.')).toBe(
      'limits.feeds.alarms= limits.feeds.webhooks=',
    );
    expect(complete('vibrissa', 'start', '--config', directory)).toBe(directory);
    expect(complete('vibrissa', 'completion', 'f')).toBe('fish');
    expect(complete('vibrissa', '--vers')).toBe('--version');
    expect(complete('vibrissa', 'start', '--port', '')).toBe('');
  });

  it.for([
    { shell: 'zsh', check: '-n' },
    { shell: 'fish', check: '--no-execute' },
  ] as const)(
    'is a script that $shell takes (skipped where it is not installed)',
    ({ shell, check }, { skip }) => {
      skip(spawnSync(shell, ['-c', 'true']).status !== 0, `${shell} is not installed`);
      const script = join(directory, `completion.${shell}`);
      writeFileSync(script, renderCompletion(vibrissa, shell));
      const { status, stderr } = spawnSync(shell, [check, script], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    },
  );

  it('has every command and flag in each shell', () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const script = renderCompletion(vibrissa, shell);
      for (const [path, { options = [] }] of leaves(vibrissa, 'vibrissa')) {
        expect(script).toContain(path);
        for (const option of options) {
          expect(script).toContain(shell === 'fish' ? `-l ${longFlag(option).slice(2)}` : longFlag(option));
        }
      }
    }
  });

  it('is there for zsh and fish, and for no other shell', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { code, out } = await run('completion', shell);
      expect(code).toBe(0);
      expect(out).toContain('admin limits set');
    }
    expect((await run('completion', 'csh')).code).toBe(2);
  });
});
