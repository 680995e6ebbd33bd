import { readFileSync } from 'node:fs';
import { zipSync, type Zippable } from 'fflate';
import { usageError } from '../cli-error.ts';
import type { Output } from '../output/output.ts';
import type { FolderFile } from './collect-files.ts';

const UNIX = 3;
/** The oldest that a zip file can name, so that equal files make equal bytes whenever they were written. */
const fixedTime = new Date(1980, 0, 1, 12);

/** A zip file of these files. The same files give the same bytes. */
export function packFiles(files: readonly FolderFile[]): Buffer {
  const entries: Zippable = {};
  for (const { name, path, executable } of files) {
    const mode = executable ? 0o100755 : 0o100644;
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw usageError(`'${name}' cannot be packed: ${reason}`);
    }
    entries[name] = [bytes, { mtime: fixedTime, os: UNIX, attrs: mode * 2 ** 16, level: 9 }];
  }
  const zip = zipSync(entries);
  return Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Says on stderr what was packed; every file where the user wants to know. */
export function notePacked(
  output: Output,
  { files, zip, verbose }: { files: readonly FolderFile[]; zip: Buffer; verbose: boolean },
): void {
  if (verbose) for (const { name, bytes } of files) output.note(`  ${name} (${count(bytes, 'byte')})`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  output.note(
    `packed ${count(files.length, 'file')} of ${count(bytes, 'byte')} into a zip file of ${count(zip.length, 'byte')}`,
  );
}
