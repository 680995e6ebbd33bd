import { collectFiles } from '../artifact/collect-files.ts';
import { folderKind } from '../artifact/folder-kind.ts';
import { kindOfExtension, knownExtensions } from '../artifact/kind-of-extension.ts';
import { notePacked, packFiles } from '../artifact/pack-folder.ts';
import { checkCodeSize, isFolder, readArtifact, type Artifact } from '../artifact/read-artifact.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandContext } from '../command/description.ts';
import type { ParsedOptions } from '../command/parsed-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonObject } from '../values/json-text.ts';
import { parseQualifiedName } from '../values/qualified-name.ts';

const otherExtensions = knownExtensions.filter((extension) => !['.js', '.py'].includes(extension));

const NATIVE_IMAGE = 'openwhisk/dockerskeleton';

function kindOf(extension: string, path: string): string {
  const kind = kindOfExtension(extension);
  if (kind !== undefined) return kind;
  if (extension === '.zip') {
    throw usageError(
      'creating an action from a .zip artifact requires specifying the action kind explicitly',
      ['Say which runtime it is for: --kind nodejs:default, --kind python:default, or --native'],
    );
  }
  const shown = extension === '' ? path : extension;
  throw usageError(`'${shown}' is not a supported action runtime`, [
    'Extensions that Vibrissa has a runtime for: .js .py; for another language: --native with an executable.',
    `Known as well, where a platform has their runtime: ${otherExtensions.join(' ')}; or say it: --kind KIND`,
  ]);
}

/** Names of a sequence's actions, with their namespaces. */
export function sequenceComponents(written: string, namespace: string): string[] {
  return written.split(',').map((name) => {
    const parsed = parseQualifiedName(name.trim(), namespace);
    return `/${parsed.namespace}/${parsed.entity}`;
  });
}

function forbid(first: string, second: string): CliError {
  return new CliError(`Cannot specify both --${first} and --${second} at the same time.`, {
    exitCode: exitCodes.notAllowed,
  });
}

const exclusive = [
  ['kind', 'docker'],
  ['kind', 'native'],
  ['docker', 'native'],
  ['copy', 'sequence'],
  ['sequence', 'docker'],
  ['sequence', 'native'],
  ['sequence', 'kind'],
  ['copy', 'docker'],
  ['copy', 'native'],
  ['copy', 'kind'],
] as const;

/** Throws where options contradict each other. */
export function checkExclusive(options: ParsedOptions): void {
  for (const [first, second] of exclusive) {
    if (options.given(first) && options.given(second)) throw forbid(first, second);
  }
}

/** The context of a command that has the options of `wsk action create`. */
type ExecContext = Pick<CommandContext, 'options' | 'output' | 'settings'>;

/** A folder's files as the code of an action, and its kind where no flag says it. */
function packFolder({ options, output }: ExecContext, path: string): Artifact & { kind?: string } {
  const files = collectFiles(path);
  const image = options.flag('native') ? 'native' : options.given('docker') ? 'docker' : undefined;
  const kind = folderKind({ folder: path, files, kind: options.text('kind'), image });
  const zip = packFiles(files);
  const code = zip.toString('base64');
  notePacked(output, { files, zip, verbose: options.flag('verbose') || options.flag('debug') });
  checkCodeSize(path, code);
  return { extension: '.zip', code, ...(kind !== undefined && { kind }) };
}

function codeExec(
  options: ParsedOptions,
  artifact: (Artifact & { kind?: string }) | undefined,
  path: string,
): string {
  const main = options.text('main');
  const image = options.flag('native') ? NATIVE_IMAGE : options.text('docker');
  const told = options.text('kind') ?? artifact?.kind;
  const kind = image === undefined ? (told ?? kindOf(artifact?.extension ?? '', path)) : 'blackbox';
  if (kind === 'java' && main === undefined) {
    throw usageError('Java actions require --main to specify the fully-qualified name of the main class');
  }
  return jsonObject([
    ['kind', JSON.stringify(kind)],
    ['image', image === undefined ? undefined : JSON.stringify(image)],
    ['code', artifact === undefined ? undefined : JSON.stringify(artifact.code)],
    ['main', main === undefined ? undefined : JSON.stringify(main)],
  ]);
}

/** The `exec` of a new or updated action as JSON; `undefined` where nothing says what it would be. */
export function buildExec(context: ExecContext, artifact: string | undefined): string | undefined {
  const { options, settings } = context;
  if (options.flag('sequence')) {
    if (artifact === undefined)
      throw usageError('Invalid argument(s). An action name and code artifact are required.');
    const components = sequenceComponents(artifact, settings.namespace);
    return jsonObject([
      ['kind', '"sequence"'],
      ['components', JSON.stringify(components)],
    ]);
  }
  if (artifact === undefined && !options.given('docker')) {
    if (!options.flag('native') && !options.flag('copy')) return undefined;
    throw usageError('Invalid argument(s). An action name and code artifact are required.');
  }
  if (artifact === undefined) return codeExec(options, undefined, '');
  const code = isFolder(artifact) ? packFolder(context, artifact) : readArtifact(artifact);
  return codeExec(options, code, artifact);
}
