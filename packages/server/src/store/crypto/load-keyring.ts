import { execFile } from 'node:child_process';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import type { Logger } from '../../base/logger.ts';
import { generateKeyLine, parseKeyring, SecretKeyError, type Keyring } from './keyring.ts';

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 30_000;

/** Where the master key comes from. */
export interface KeySource {
  /** The platform's own file, made when it is missing and neither of the others is named. */
  readonly ownFile: string;
  /** A file of the operator. */
  readonly keyFile?: string | undefined;
  /** A shell command of the operator that prints keys. */
  readonly keyCommand?: string | undefined;
}

function readable(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

async function readCommand(command: string): Promise<Keyring> {
  const result = await run('/bin/sh', ['-c', command], { timeout: COMMAND_TIMEOUT_MS }).catch(
    (cause: Error & { stderr?: string; code?: unknown }) => {
      // The error's own message repeats the command, which may hold a secret.
      const why = (cause.stderr ?? '').trim().split('\n').at(-1) ?? '';
      throw new SecretKeyError(
        `The command of secrets.keyCommand failed (${String(cause.code)}): ${why}`,
        'Run it by hand until it prints the key.',
      );
    },
  );
  return parseKeyring(result.stdout, 'the output of secrets.keyCommand');
}

async function readOperatorsFile(path: string, logger: Logger): Promise<Keyring> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new SecretKeyError(
      `The file of secrets.keyFile can't be read: ${cause.message}.`,
      'Mend its path or its permissions.',
      { cause },
    );
  });
  if (readable((await stat(path)).mode)) {
    logger.warn({ keyFile: path }, 'others can read the master key; mend it with chmod 600');
  }
  return parseKeyring(text, path);
}

async function createOwnFile(path: string): Promise<Keyring> {
  const text = generateKeyLine();
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // A key that a power cut takes away would take all that it sealed along.
  const directory = await open(dirname(path), 'r');
  await directory.sync().finally(() => directory.close());
  return parseKeyring(text, path);
}

async function readOwnFile(path: string): Promise<Keyring> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return createOwnFile(path);
  if (readable(found.mode)) {
    throw new SecretKeyError(
      `Others can read the master key ${path} (mode ${(found.mode & 0o777).toString(8)}).`,
      `Mend it: chmod 600 ${path}`,
    );
  }
  return parseKeyring(await readFile(path, 'utf8'), path);
}

/** Reads the master keys, or makes the first one. Throws {@link SecretKeyError}. */
export async function loadKeyring(source: KeySource, logger: Logger): Promise<Keyring> {
  if (source.keyCommand !== undefined) return readCommand(source.keyCommand);
  if (source.keyFile !== undefined) return readOperatorsFile(source.keyFile, logger);
  return readOwnFile(source.ownFile);
}
