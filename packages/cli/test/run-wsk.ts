import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../src/base/clock.ts';
import { run } from '../src/run.ts';
import { AUTH } from './whisk-server.ts';

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory of its own for each test, with the properties file in it. */
export interface Workplace {
  readonly directory: string;
  readonly propertiesFile: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

export function makeWorkplace(): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'wsk-test-'));
  const propertiesFile = join(directory, 'wskprops');
  return {
    directory,
    propertiesFile,
    environment: { WSK_CONFIG_FILE: propertiesFile, PATH: process.env['PATH'], TZ: 'UTC' },
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface RunOptions {
  readonly terminal?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
  readonly clock?: Clock;
  readonly onSignal?: (callback: () => void) => void;
}

/** Runs a command in this process. */
export async function runWsk(
  place: Workplace,
  words: readonly string[],
  { terminal = false, columns, clock, onSignal = () => undefined }: RunOptions = {},
): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(words, {
    stdout: { isTTY: terminal, columns, write: (text: string) => (stdout += text) },
    stderr: { isTTY: terminal, write: (text: string) => (stderr += text) },
    environment: place.environment,
    onSignal,
    ...(clock && { clock }),
  });
  return { exitCode, stdout, stderr };
}

/** The flags that name a server and its key. */
export function at(url: string): string[] {
  return ['--apihost', url, '--auth', AUTH];
}

const binary = fileURLToPath(new URL('../bin/wsk.js', import.meta.url));

/** Starts the real program. */
export function startBinary(place: Workplace, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [binary, ...words], {
    cwd: place.directory,
    env: place.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the real program to its end. */
export async function runBinary(place: Workplace, words: readonly string[]): Promise<Outcome> {
  const child = startBinary(place, words);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}
