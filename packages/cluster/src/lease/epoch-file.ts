import { readFile } from 'node:fs/promises';

import { replaceFile } from '../storage/durable-file.ts';
import { StorageError } from '../storage/storage-error.ts';

/** 0 where there is no file. Throws {@link StorageError} `STORAGE_CORRUPT`, `STORAGE_FAILED`. */
export async function readEpoch(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '0';
    throw new StorageError('STORAGE_FAILED', {
      what: `The epoch in ${path} can't be read: ${cause.message}.`,
      mend: 'Let this program read and write the file.',
      cause,
    });
  });
  const epoch = /^\d+\s*$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(epoch)) return epoch;
  throw new StorageError('STORAGE_CORRUPT', {
    what: `${path} should hold one number, the last epoch, and does not.`,
    mend: 'Write a number into it that is higher than any epoch seen so far (it is in the labels of tasks).',
  });
}

/** It is on the disk when it resolves. */
export async function writeEpoch(path: string, epoch: number): Promise<void> {
  const { file } = await replaceFile(path, [Buffer.from(`${epoch}\n`)]);
  await file.close();
}
