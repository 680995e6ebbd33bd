import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { ContainerMemo } from '../container.ts';

const OWNER_ONLY = 0o600;
const suffix = '.json';

function isMemo(value: unknown): value is ContainerMemo {
  if (typeof value !== 'object' || value === null) return false;
  const { key, action, capacity } = value as { readonly [Name in keyof ContainerMemo]?: unknown };
  return typeof key === 'string' && typeof action === 'string' && typeof capacity === 'number';
}

async function sync(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What containers have become, a small file for each: a crash leaves the former one, the new one, or none. */
export class ContainerMemos {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<ContainerMemos> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new ContainerMemos(directory);
  }

  /** Durable when it resolves. */
  async write(taskId: string, memo: ContainerMemo): Promise<void> {
    const path = this.#path(taskId);
    const draft = `${path}.new`;
    const file = await open(draft, 'w', OWNER_ONLY);
    try {
      await file.writeFile(JSON.stringify(memo));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await sync(this.#directory);
  }

  /** Undefined: there is none, or it can't be understood. */
  async read(taskId: string): Promise<ContainerMemo | undefined> {
    try {
      const memo: unknown = JSON.parse(await readFile(this.#path(taskId), 'utf8'));
      return isMemo(memo) ? memo : undefined;
    } catch {
      return undefined;
    }
  }

  /** Ids are never used again, so that one that comes back after a crash does no harm. */
  async forget(taskId: string): Promise<void> {
    await rm(this.#path(taskId), { force: true });
  }

  /** Removes those of tasks that are no more. */
  async keepOnly(taskIds: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#directory);
    const gone = names.filter(
      (name) => !name.endsWith(suffix) || !taskIds.has(name.slice(0, -suffix.length)),
    );
    await Promise.all(gone.map((name) => rm(join(this.#directory, name), { force: true })));
  }

  #path(taskId: string): string {
    return join(this.#directory, `${taskId}${suffix}`);
  }
}
