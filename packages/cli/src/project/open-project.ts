import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command/description.ts';
import { exitCodes } from '../exit-codes.ts';
import { codeLoader } from './load-code.ts';
import { readProject, type Project, type ProjectFile } from './manifest/read-project.ts';
import { Problems } from './source/problems.ts';
import { whyUnreadable } from '../values/why-unreadable.ts';

const manifests = ['manifest.yaml', 'manifest.yml'];
const deployments = ['deployment.yaml', 'deployment.yml'];

/** A project whose files were read without a mistake. */
export interface OpenedProject extends Project {
  /** As `whisk-managed` says it. */
  readonly mark: string | undefined;
  readonly manifestPath: string;
  /** Values of variables and of `--param`, which a preview does not show. */
  readonly secrets: ReadonlySet<string>;
}

function findIn(folder: string, names: readonly string[]): string | undefined {
  return names
    .map((name) => join(folder, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

function readFile(path: string): ProjectFile {
  try {
    return {
      file: relative(process.cwd(), path) || path,
      text: readFileSync(path, 'utf8').replace(/^\uFEFF/, ''),
    };
  } catch (error) {
    throw new CliError(`Unable to read '${path}': ${whyUnreadable(error)}`, {
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
}

function listing(folder: string): string {
  try {
    const names = readdirSync(folder).slice(0, 8);
    return names.length === 0 ? 'it is empty' : `it has ${names.join(', ')}`;
  } catch {
    return 'it is no folder';
  }
}

/** The manifest that the command line names, or that is in the project's folder. Throws where there is none. */
function findManifest({ options }: CommandContext, folder = options.text('project') ?? '.'): string {
  const given = options.text('manifest');
  if (given !== undefined) return resolve(given);
  const found = findIn(resolve(folder), manifests);
  if (found !== undefined) return found;
  throw new CliError(`There is no manifest in '${folder}': ${listing(folder)}`, {
    exitCode: exitCodes.usage,
    hints: [
      'A project has a file manifest.yaml, as in:',
      '  packages:',
      '    default:',
      '      actions:',
      '        hello:',
      '          function: hello.js',
      'Name another file with --manifest FILE, another folder with --project FOLDER.',
    ],
  });
}

/** As OpenWhisk's tools mark the entities of a project. */
function markOf(name: string, { text }: ProjectFile, manifestPath: string): string {
  const digest = createHash('sha1')
    .update(`OpenWhisk ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
  return JSON.stringify({
    __OW_PROJECT_NAME: name,
    __OW_PROJECT_HASH: digest,
    __OW_PROJECT_DEPS: [],
    __OW_FILE: basename(manifestPath),
  });
}

/** Too short a word would mask half of a preview. */
function isTelling(value: string): boolean {
  return value.length >= 6;
}

/** Where a project is, when it is not where the options say. */
interface ProjectPlace {
  readonly folder?: string;
  /** The manifest itself, for a folder that has none. */
  readonly manifestText?: string;
}

function readManifest(
  context: CommandContext,
  { folder, manifestText }: ProjectPlace,
): { readonly manifestPath: string; readonly manifest: ProjectFile } {
  if (manifestText !== undefined) {
    const manifestPath = join(resolve(folder ?? '.'), 'manifest.yaml');
    return { manifestPath, manifest: { file: folder ?? '.', text: manifestText } };
  }
  const manifestPath = findManifest(context, folder);
  return { manifestPath, manifest: readFile(manifestPath) };
}

/** Reads manifest, deployment file and code. Throws `CliError` with all that is wrong at once. */
export function openProject(context: CommandContext, place: ProjectPlace = {}): OpenedProject {
  const { options, environment, output } = context;
  const { manifestPath, manifest } = readManifest(context, place);
  const deploymentPath = options.text('deployment') ?? findIn(dirname(manifestPath), deployments);
  const problems = new Problems({ strict: options.flag('strict') });
  const secrets = new Set<string>();
  const parameters = options.entries('param') ?? new Map<string, string>();
  for (const json of parameters.values()) {
    const value = json.startsWith('"') ? String(JSON.parse(json)) : json;
    if (isTelling(value)) secrets.add(value);
  }
  const project = readProject({
    manifest,
    deployment: deploymentPath === undefined ? undefined : readFile(resolve(deploymentPath)),
    parameters,
    environment: (name) => {
      const value = environment[name];
      if (value !== undefined && isTelling(value)) secrets.add(value);
      return value;
    },
    loadCode: codeLoader(dirname(manifestPath)),
    problems,
  });
  problems.throwIfAny();
  for (const warning of problems.warnings) output.note(`warning: ${warning}`);
  const name = options.text('projectname') ?? project.name;
  return {
    ...project,
    name,
    manifestPath,
    secrets,
    mark: name === undefined ? undefined : markOf(name, manifest, manifestPath),
  };
}
