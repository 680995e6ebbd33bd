import { writeSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How files are opened; a test of a failing disk brings its own. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

/** Only the owner: what instances share may hold secrets. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** What is so small is taken by the system's cache sooner than a thread would wake up: an eighth of a committed write. */
const SMALL_BYTES = 64 * 1024;

export async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  const isSmall = bytes.length <= SMALL_BYTES;
  for (let done = 0; done < bytes.length;) {
    const rest = [done, bytes.length - done, position + done] as const;
    const written = isSmall
      ? writeSync(file.fd, bytes, ...rest)
      : (await file.write(bytes, ...rest)).bytesWritten;
    if (written === 0) throw new Error('the disk took nothing');
    done += written;
  }
}

/** Puts a file with these pieces in the place of another one, as a whole: after a crash there is the old one or the new. */
export async function replaceFile(
  path: string,
  pieces: Iterable<Buffer>,
  openFile: OpenFile = open,
): Promise<{ readonly file: FileHandle; readonly bytes: number }> {
  const temporary = `${path}.tmp`;
  // One that a crash has left, or somebody else has put there, may have another mode, or lead elsewhere.
  await rm(temporary, { force: true });
  const file = await openFile(temporary, 'wx', FILE_MODE);
  try {
    let bytes = 0;
    for (const piece of pieces) {
      await writeAll(file, piece, bytes);
      bytes += piece.length;
    }
    await file.sync();
    await rename(temporary, path);
    await syncDirectory(dirname(path), openFile);
    return { file, bytes };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Makes a rename durable. */
async function syncDirectory(directory: string, openFile: OpenFile): Promise<void> {
  const handle = await openFile(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
