import { existsSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import ignore from 'ignore';
import { collectFiles, type FolderFile } from '../artifact/collect-files.ts';
import { folderKind } from '../artifact/folder-kind.ts';
import { packFiles } from '../artifact/pack-folder.ts';
import { checkCodeSize, isFolder, readArtifact } from '../artifact/read-artifact.ts';
import { CliError } from '../cli-error.ts';
import { requireInProject } from './project-bounds.ts';
import type { CodeOutcome, CodeSource } from './manifest/read-action.ts';

/** A pipe or a device would be waited for, or never end. */
function requireFile(path: string): Stats {
  const stats = statSync(path);
  if (!stats.isFile()) throw new CliError(`'${basename(path)}' is neither a file nor a folder`);
  return stats;
}

function fileAt(path: string, name: string): FolderFile {
  const stats = requireFile(path);
  return { name, path, bytes: stats.size, executable: (stats.mode & 0o111) !== 0 };
}

/** The part of a pattern before its first wildcard: where to look. */
function beginOf(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?[\]]/.test(part));
  return first === -1 ? pattern : parts.slice(0, first).join('/') || '.';
}

/** Files of elsewhere that an archive has too. A folder is taken whole, a pattern as in .gitignore. */
function includedFiles(from: string, to: string, folder: string): FolderFile[] {
  const begin = resolve(folder, beginOf(from));
  requireInProject(begin, folder);
  const into = to === '' || to.endsWith('/') ? to : `${to}/`;
  if (!isFolder(begin))
    return [fileAt(begin, to === '' || to.endsWith('/') ? `${to}${basename(begin)}` : to)];
  const pattern = from.slice(beginOf(from).length).replace(/^\//, '') || from;
  const all = collectFiles(begin);
  if (beginOf(from) === from) return all.map((file) => ({ ...file, name: `${into}${file.name}` }));
  const rules = ignore({ ignorecase: false }).add(`/${pattern}`);
  const found = all.filter(({ name }) => rules.ignores(name));
  if (found.length === 0) throw new CliError(`'include' finds no file for '${from}'`);
  return found.map((file) => ({ ...file, name: `${into}${file.name}` }));
}

function filesOf({ path, include, exclude }: CodeSource, folder: string): FolderFile[] {
  const full = resolve(folder, path);
  const own = isFolder(full) ? collectFiles(full) : [fileAt(full, basename(full))];
  const rules = ignore({ ignorecase: false }).add([...exclude]);
  const files = new Map(own.filter(({ name }) => !rules.ignores(name)).map((file) => [file.name, file]));
  for (const [from, to] of include) {
    for (const file of includedFiles(from, to, folder)) files.set(file.name, file);
  }
  return [...files.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function load(source: CodeSource, folder: string): CodeOutcome {
  const full = resolve(folder, source.path);
  requireInProject(full, folder);
  if (!isFolder(full)) {
    if (source.include.length > 0) {
      throw new CliError("'include' needs a folder as the action's function, to which the files are added", {
        hints: [`Write: function: ${dirname(source.path)}`],
      });
    }
    requireFile(full);
    const { code, extension } = readArtifact(full);
    return { outcome: 'loaded', code, extension };
  }
  const files = filesOf(source, folder);
  const kind = folderKind({ folder: source.path, files, kind: source.kind, image: source.image });
  const code = packFiles(files).toString('base64');
  checkCodeSize(source.path, code);
  return { outcome: 'loaded', code, extension: '.zip', kind };
}

/** Reads the code of actions from a manifest's folder. What cannot be read is an outcome, and nothing is thrown. */
export function codeLoader(folder: string): (source: CodeSource) => CodeOutcome {
  return (source) => {
    try {
      return load(source, folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const missing = !source.path.includes('\0') && !existsSync(resolve(folder, source.path));
      if (missing)
        return { outcome: 'failed', reason: `there is no file '${source.path}' beside the manifest` };
      const hints = error instanceof CliError ? error.hints : [];
      return { outcome: 'failed', reason: [reason, ...hints].join('. ') };
    }
  };
}
