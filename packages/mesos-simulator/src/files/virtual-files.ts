import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';

/** What is told of a file: `ls -l`, as far as the endpoints show it. */
export interface FileInfo {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly nlink: number;
  /** Epoch seconds. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileSlice {
  readonly data: Buffer;
  /** In bytes, of the whole file. */
  readonly size: number;
}

/** More than these are never read at once: sixteen pages of an x86 machine. */
const MAX_SLICE_BYTES = 16 * 4096;

/**
 * The files that an agent shows: directories are *attached* under a virtual path (their own, or one that spares asking
 * for it), everything else is not there.
 */
export class VirtualFiles {
  readonly #attached = new Map<string, string>();

  attach(virtualPath: string, directory: string): void {
    this.#attached.set(virtualPath, directory);
  }

  /** Virtual paths and what they stand for, as `/files/debug` lists them. */
  list(): Record<string, string> {
    return Object.fromEntries([...this.#attached].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Undefined: there is no such file, or it is nobody's business. */
  async resolve(virtualPath: string): Promise<string | undefined> {
    const path = normalize(virtualPath).replace(/\/+$/, '');
    for (
      let prefix = path;
      prefix !== '' && prefix !== '.';
      prefix = prefix.slice(0, prefix.lastIndexOf('/'))
    ) {
      const directory = this.#attached.get(prefix);
      if (directory === undefined) continue;
      return inside(directory, join(directory, path.slice(prefix.length)));
    }
    return undefined;
  }

  /** The entries of a directory by name; their paths begin as the asked one. */
  async browse(virtualPath: string): Promise<FileInfo[] | undefined> {
    const directory = await this.resolve(virtualPath);
    if (directory === undefined) return undefined;
    const names = await readdir(directory).catch(() => undefined);
    if (!names) return undefined;
    const found = await Promise.all(
      names.toSorted().map(async (name) => {
        const stats = await stat(join(directory, name)).catch(() => undefined);
        if (!stats) return undefined;
        const { size, mode, nlink, mtimeMs, uid, gid } = stats;
        const path = `${virtualPath.replace(/\/+$/, '')}/${name}`;
        return { path, size, mode, nlink, mtime: Math.floor(mtimeMs / 1000), uid, gid };
      }),
    );
    return found.filter((info) => info !== undefined);
  }

  /** `length` undefined: to the end; never more than 64 KiB. Undefined: no such file, or a directory. */
  async read(virtualPath: string, offset: number, length?: number): Promise<FileSlice | undefined> {
    const path = await this.resolve(virtualPath);
    if (path === undefined) return undefined;
    const file = await open(path).catch(() => undefined);
    if (!file) return undefined;
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return undefined;
      const { size } = stats;
      const wanted = Math.max(0, Math.min(length ?? Infinity, size - offset, MAX_SLICE_BYTES));
      if (offset < 0 || wanted === 0) return { data: Buffer.alloc(0), size };
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
      return { data: buffer.subarray(0, bytesRead), size };
    } finally {
      await file.close();
    }
  }

  /** What a download is called. */
  static nameOf(virtualPath: string): string {
    return basename(virtualPath);
  }
}

/** Links may lead around inside of a directory (`tasks/<id>`), never out of it. */
async function inside(directory: string, path: string): Promise<string | undefined> {
  const [root, target] = await Promise.all([
    realpath(directory).catch(() => undefined),
    realpath(path).catch(() => undefined),
  ]);
  if (root === undefined || target === undefined) return undefined;
  return target === root || target.startsWith(`${root}/`) ? target : undefined;
}
