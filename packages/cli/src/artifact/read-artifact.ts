import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Code read from a file, as it travels: text, or base64 where it is binary. */
export interface Artifact {
  /** With its dot; empty where the name has none. */
  readonly extension: string;
  readonly code: string;
}

/** OpenWhisk's limit of an action's code. */
const MAX_CODE_BYTES = 48 * 1024 * 1024;

const binaryExtensions = new Set(['.zip', '.jar', '.balx']);

/** Says whether an artifact is a folder; throws where it does not exist. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new CliError(`File '${path}' is not a valid file or it does not exist`, {
      exitCode: exitCodes.usage,
      hints: [`The path is relative to ${process.cwd()}; check it with: ls -l ${path}`],
      cause: error,
    });
  }
}

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path);
    // Too large as it is: neither read nor turned into text, which may have half a gigabyte.
    if (size > MAX_CODE_BYTES) throw tooLarge(path, size);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CliError) throw error;
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

/** Throws where code is larger than any action's may be, before it is sent. */
export function checkCodeSize(path: string, code: string): void {
  const bytes = Buffer.byteLength(code);
  if (bytes > MAX_CODE_BYTES) throw tooLarge(path, bytes);
}

function tooLarge(path: string, bytes: number): CliError {
  const limit = MAX_CODE_BYTES / 1024 / 1024;
  return new CliError(
    `'${path}' is too large: its code has ${bytes} bytes as it is sent, and may have ${MAX_CODE_BYTES} (${limit} MB)`,
    {
      exitCode: exitCodes.usage,
      hints: [
        'A zip file is sent as base64, which makes four bytes of three.',
        'Leave out of a folder what the action does not need, in .wskignore; see what is packed with -v.',
      ],
    },
  );
}

/**
 * Reads an action's code. Archives are sent as base64, and so is whatever is no text, because JSON has no other
 * way to carry it: an executable for `--native`, for instance.
 */
export function readArtifact(path: string): Artifact {
  const extension = extname(path).toLowerCase();
  const bytes = readBytes(path);
  const text = binaryExtensions.has(extension) ? undefined : textOf(bytes);
  const code = text ?? bytes.toString('base64');
  checkCodeSize(path, code);
  return { extension, code };
}
