import { ConsensusImage } from './consensus-image.ts';
import type { StorageChange } from './consensus-storage.ts';
import { readJournal } from './journal-record.ts';
import { StorageError } from './storage-error.ts';

/** What this version writes; a greater number is a newer version's. */
const FORMAT = 1;

/** The first record. */
export interface JournalHeader {
  readonly format: number;
  /** Of the cluster. */
  readonly name: string;
  /** Of the member. */
  readonly id: string;
}

export interface ReadStored {
  readonly header: JournalHeader;
  readonly image: ConsensusImage;
  readonly generation: number;
  /** What follows was never acknowledged to anybody. */
  readonly goodBytes: number;
}

/** Reads a journal. Throws {@link StorageError} `STORAGE_CORRUPT`, `STORAGE_FORMAT`, `OTHER_CLUSTER`. */
export function readStored(bytes: Buffer, of: { readonly path: string; readonly name: string }): ReadStored {
  const { values, goodBytes, isDamaged } = readJournal(bytes);
  const [header, ...records] = values;
  // The header is put in place whole, by a rename.
  if (isDamaged || header === undefined) throw corrupt(of.path, goodBytes);
  const image = new ConsensusImage();
  let generation = 0;
  const checked = checkHeader(header as JournalHeader, of);
  for (const record of records as { generation: number; changes: StorageChange[] }[]) {
    generation = record.generation;
    for (const change of record.changes) apply(image, change, { path: of.path, goodBytes });
  }
  return { header: checked, image, generation, goodBytes };
}

function apply(image: ConsensusImage, change: StorageChange, at: { path: string; goodBytes: number }): void {
  try {
    image.apply(change);
  } catch (cause) {
    throw corrupt(at.path, at.goodBytes, cause);
  }
}

function checkHeader(header: JournalHeader, { path, name }: { path: string; name: string }): JournalHeader {
  if (header.format !== FORMAT) {
    throw new StorageError('STORAGE_FORMAT', {
      what: `${path} has format ${String(header.format)}, this version reads format ${FORMAT}: a newer version has written it.`,
      mend: 'Use that version again, or remove the directory: the instance then comes back as a new member.',
    });
  }
  if (header.name !== name) {
    throw new StorageError('OTHER_CLUSTER', {
      what: `${path} belongs to the cluster '${header.name}', and this instance is one of '${name}'.`,
      mend: 'Give this instance a directory of its own, or the name of that cluster.',
    });
  }
  return header;
}

function corrupt(path: string, at: number, cause?: unknown): StorageError {
  return new StorageError('STORAGE_CORRUPT', {
    what: `${path} is damaged at byte ${at}, though it had been written whole: the disk or somebody has changed it.`,
    mend: 'Remove its directory, if a majority of the other instances runs: this one then comes back as a new member. Never copy the directory of another instance.',
    cause,
  });
}
