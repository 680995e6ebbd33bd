import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Code read from a file, as it travels: text, or base64 where it is binary. */
export interface Artifact {
  /** With its dot; empty where the name has none. */
  readonly extension: string;
  readonly code: string;
}

const binaryExtensions = new Set(['.zip', '.jar', '.balx']);

function statOf(path: string): { isDirectory(): boolean } {
  try {
    return statSync(path);
  } catch (error) {
    throw new CliError(`File '${path}' is not a valid file or it does not exist`, {
      exitCode: exitCodes.usage,
      hints: [`The path is relative to ${process.cwd()}; check it with: ls -l ${path}`],
      cause: error,
    });
  }
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function nameFor(path: string): string {
  return basename(resolve(path)).replace(/[^\w@.-]+/g, '-') || 'NAME';
}

function kindFor(path: string): string {
  return existsSync(join(path, '__main__.py')) ? 'python:default' : 'nodejs:default';
}

function readBytes(path: string): Buffer {
  if (statOf(path).isDirectory()) {
    throw usageError(`'${path}' is a folder; an action's code is one file`, [
      'Make a zip file of its contents, with the main file at the top, and say its kind, as in:',
      `  (cd ${quoted(path)} && zip -qr - .) > action.zip`,
      `  wsk action create ${nameFor(path)} action.zip --kind ${kindFor(path)}`,
    ]);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CliError(
      `Unable to read the file '${path}': ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** The bytes as text, where they are UTF-8 without zero bytes. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Reads an action's code. Archives are sent as base64, and so is whatever is no text, because JSON has no other
 * way to carry it: an executable for `--native`, for instance.
 */
export function readArtifact(path: string): Artifact {
  const extension = extname(path).toLowerCase();
  const bytes = readBytes(path);
  const text = binaryExtensions.has(extension) ? undefined : textOf(bytes);
  return { extension, code: text ?? bytes.toString('base64') };
}
