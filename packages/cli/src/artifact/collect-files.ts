import { readdirSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, join, sep } from 'node:path';
import ignore from 'ignore';
import { CliError, usageError } from '../cli-error.ts';

/** Says what of a folder is no part of its action, in the syntax of .gitignore. */
export const IGNORE_FILE = '.wskignore';

/** Of no use to any action, and large or private. */
const neverPacked: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.DS_Store', IGNORE_FILE]);

/** What the runtimes unpack at most; refused here, before anything is read or sent. */
const MAX_FILES = 50_000;
const MAX_BYTES = 512 * 1024 * 1024;

/** A file that belongs into the archive. */
export interface FolderFile {
  /** Relative to the folder, with slashes. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/** Says whether a path, relative to the folder, is left out; a directory's ends in a slash. */
type IsIgnored = (name: string) => boolean;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function readIgnoreFile(folder: string): IsIgnored {
  let text: string;
  try {
    const path = join(folder, IGNORE_FILE);
    // A pipe by that name would be waited for.
    if (!statSync(path).isFile()) throw new Error('it is no file');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return () => false;
    throw new CliError(`Unable to read '${join(folder, IGNORE_FILE)}': ${reasonOf(error)}`, { cause: error });
  }
  const rules = ignore({ ignorecase: false }).add(text.replace(/^\uFEFF/, ''));
  return (name) => rules.ignores(name);
}

function leaveOut(name: string): string {
  return `Leave it out with a line in ${IGNORE_FILE}: /${name}`;
}

/** Follows links, but not out of the folder: an action must not carry what its author did not put there. */
function inspect(path: string, name: string, root: string): { readonly stats: Stats; readonly real: string } {
  let real: string;
  let stats: Stats;
  try {
    real = realpathSync(path);
    stats = statSync(real);
  } catch (error) {
    throw usageError(`'${name}' cannot be packed: ${reasonOf(error)}`, [leaveOut(name)]);
  }
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw usageError(`'${name}' is a link out of the folder, to ${real}`, [
      'Copy what it points to into the folder.',
      leaveOut(name),
    ]);
  }
  return { stats, real };
}

/** A link to a directory counts as one; a dead or an endless link does not. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

class Collector {
  readonly files: FolderFile[] = [];
  readonly #root: string;
  readonly #isIgnored: IsIgnored;
  #bytes = 0;

  constructor(root: string, isIgnored: IsIgnored) {
    this.#root = root;
    this.#isIgnored = isIgnored;
  }

  /** `above` holds the directories on the way here, so that a link to one of them is no endless way down. */
  visit(directory: string, prefix: string, above: readonly string[]): void {
    for (const entry of readdirSync(directory).sort()) {
      if (neverPacked.has(entry)) continue;
      const [name, path] = [`${prefix}${entry}`, join(directory, entry)];
      // Asked before the link is followed: what is left out may lead anywhere.
      if (this.#isIgnored(isDirectory(path) ? `${name}/` : name)) continue;
      const { stats, real } = inspect(path, name, this.#root);
      if (stats.isFile()) this.#add(name, path, stats);
      else if (!stats.isDirectory()) {
        throw usageError(`'${name}' is neither a file nor a folder`, [leaveOut(name)]);
      } else if (above.includes(real)) {
        throw usageError(`'${name}' is a link to a folder that it is in`, [leaveOut(name)]);
      } else this.visit(path, `${name}/`, [...above, real]);
    }
  }

  #add(name: string, path: string, stats: Stats): void {
    if (name === '__proto__') throw usageError(`A file called '${name}' cannot be packed`);
    this.#bytes += stats.size;
    if (this.files.length === MAX_FILES || this.#bytes > MAX_BYTES) {
      const limit = this.#bytes > MAX_BYTES ? `${MAX_BYTES / 1024 / 1024} MB` : `${MAX_FILES} files`;
      throw usageError(`The folder holds more than ${limit}, which is more than an action may unpack to`, [
        `Leave out what it does not need, in ${IGNORE_FILE}; what is largest: du -a . | sort -n | tail`,
      ]);
    }
    this.files.push({ name, path, bytes: stats.size, executable: (stats.mode & 0o111) !== 0 });
  }
}

/**
 * The files of a folder in the order of their names, without those that its `.wskignore` leaves out. Throws
 * {@link CliError} for what cannot be packed: links out of the folder, sockets, too much.
 */
export function collectFiles(folder: string): FolderFile[] {
  try {
    const root = realpathSync(folder);
    const collector = new Collector(root, readIgnoreFile(folder));
    collector.visit(folder, '', [root]);
    return collector.files.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Unable to read the folder '${basename(folder)}': ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
