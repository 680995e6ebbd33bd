import { readFile } from 'node:fs/promises';

import type { FileInfo } from './virtual-files.ts';

/** A file as `/files/browse` shows it. */
export interface DescribedFile {
  readonly gid: string;
  /** As `ls` writes it: `-rw-r--r--`. */
  readonly mode: string;
  readonly mtime: number;
  readonly nlink: number;
  readonly path: string;
  readonly size: number;
  readonly uid: string;
}

const FILE_TYPE_BITS = 0o170000;
const types: Readonly<Record<number, string>> = {
  0o040000: 'd',
  0o120000: 'l',
  0o010000: 'p',
  0o140000: 's',
  0o060000: 'b',
  0o020000: 'c',
};

function modeText(mode: number): string {
  const bits = Array.from('rwxrwxrwx', (letter, index) => (mode & (1 << (8 - index)) ? letter : '-'));
  return `${types[mode & FILE_TYPE_BITS] ?? '-'}${bits.join('')}`;
}

async function nameOf(file: string, id: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const line = text.split('\n').find((each) => each.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}

/** The names of a file's owner and group, or their numbers where this machine knows none. */
export async function ownerNames({
  uid,
  gid,
}: FileInfo): Promise<{ readonly uid: string; readonly gid: string }> {
  const [user, group] = await Promise.all([nameOf('/etc/passwd', uid), nameOf('/etc/group', gid)]);
  return { uid: user, gid: group };
}

export async function describeFile(info: FileInfo): Promise<DescribedFile> {
  const { uid, gid } = await ownerNames(info);
  const { mode, mtime, nlink, path, size } = info;
  return { gid, mode: modeText(mode), mtime, nlink, path, size, uid };
}
