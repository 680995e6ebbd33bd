import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

async function keyIn(path: string): Promise<Buffer | undefined> {
  try {
    const key = await readFile(path);
    return key.length === KEY_BYTES ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** It appears under its name with all of its bytes on the disk, or not at all. */
async function makeKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(draft, { force: true });
  await rm(path, { force: true });
  const file = await open(draft, 'wx', OWNER_ONLY);
  try {
    await file.write(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path);
  await rm(draft);
  return key;
}

/**
 * The secrets of this platform's tasks, drawn from their ids: nothing has to be stored, and a later life of the platform
 * knows them.
 *
 *     const tokenOf = await openTokens(join(dataDir, 'mesos/token.key'));
 */
export async function openTokens(path: string): Promise<(taskId: string) => string> {
  const key = (await keyIn(path)) ?? (await makeKey(path));
  return (taskId) => createHmac('sha256', key).update(taskId).digest('base64url');
}
