import { readFileSync } from 'node:fs';
import { usageError } from '../cli-error.ts';
import { whereJsonBreaks } from '../values/json-error.ts';
import { isJson, isJsonObject, jsonMembers } from '../values/json-text.ts';
import { IGNORE_FILE, type FolderFile } from './collect-files.ts';

const indexes = ['index.js', 'index.mjs', 'index.cjs'];
const endings = ['', '.js', '.json', '.mjs', '.cjs', '/index.js'];

/** The entry that package.json names, where it names one. */
function mainOf(manifest: FolderFile): string | undefined {
  const text = readFileSync(manifest.path, 'utf8').replace(/^\uFEFF/, '');
  if (!isJsonObject(text)) {
    throw usageError(
      `package.json is no JSON object: ${isJson(text) ? 'it is another value' : whereJsonBreaks(text)}`,
    );
  }
  const members = jsonMembers(text);
  const named = members.get('main') ?? members.get('exports');
  return named?.startsWith('"') ? (JSON.parse(named) as string) : undefined;
}

function normal(path: string): string {
  return path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
}

function checkNode(files: ReadonlyMap<string, FolderFile>): void {
  const manifest = files.get('package.json');
  const main = manifest && mainOf(manifest);
  const hasIndex = indexes.some((name) => files.has(name));
  if (main !== undefined && endings.some((ending) => files.has(normal(main) + ending))) return;
  if (hasIndex) return;
  if (manifest === undefined) {
    throw usageError('Neither package.json nor index.js is at the top of the folder', [
      'Node.js begins there.',
    ]);
  }
  const wanted = main ?? 'index.js';
  throw usageError(`package.json names '${wanted}' as the main file, which is not among the files to pack`, [
    `Does ${IGNORE_FILE} leave it out? With -v every file that is packed is shown.`,
  ]);
}

/** What is known of a folder's runtime. */
export interface FolderRuntime {
  readonly folder: string;
  readonly files: readonly FolderFile[];
  /** As the user gave it. */
  readonly kind: string | undefined;
  /** It is code for an image: the archive's `exec` runs with --native. */
  readonly image: 'native' | 'docker' | undefined;
}

/**
 * The kind of a folder's action: as given, or told from what is at its top. Throws `CliError` where nothing tells
 * it, where two things do, and where the runtime would not find its main file.
 */
export function folderKind({ folder, files: found, kind, image }: FolderRuntime): string | undefined {
  const files = new Map(found.map((file) => [file.name, file]));
  if (files.size === 0) throw usageError(`'${folder}' holds no files to pack`);
  if (image === 'native' && !files.has('exec')) {
    throw usageError(`'${folder}' has no file called exec at its top, which --native runs`);
  }
  if (image !== undefined) return undefined;
  const isNode = files.has('package.json') || indexes.some((name) => files.has(name));
  const isPython = files.has('__main__.py');
  if (kind === undefined && isNode === isPython) {
    const what = isNode
      ? 'holds both a Node.js main file and __main__.py'
      : 'has neither package.json, index.js nor __main__.py at its top';
    throw usageError(`'${folder}' ${what}: its runtime cannot be told`, [
      'Say which one it is for: --kind nodejs:default, --kind python:default, or --native',
    ]);
  }
  const chosen = kind ?? (isNode ? 'nodejs:default' : 'python:default');
  if (chosen.startsWith('nodejs:')) checkNode(files);
  else if (chosen.startsWith('python:') && !isPython) {
    throw usageError(`'${folder}' has no __main__.py at its top`, ['Python begins there.']);
  }
  return chosen;
}
