import { kindOfExtension } from '../../artifact/kind-of-extension.ts';
import { parameterFields } from '../parameter-fields.ts';
import type { Fields } from '../source/fields.ts';
import { nounOf } from '../source/located.ts';
import type { Position } from '../source/problems.ts';
import type { GivenParameters } from './read-inputs.ts';
import { readInputs } from './read-inputs.ts';
import { readActionAnnotations, webKeys } from './read-annotations.ts';
import { readLimits } from './read-limits.ts';

/** Code that stands in a file or a folder beside the manifest. */
export interface CodeSource {
  /** As written: relative to the manifest's folder. */
  readonly path: string;
  /** More files for the archive: a pattern, and the folder inside the archive. */
  readonly include: readonly (readonly [string, string])[];
  readonly exclude: readonly string[];
  /** As the manifest says it, if it does. */
  readonly kind: string | undefined;
  readonly image: 'native' | 'docker' | undefined;
}

/** What was read: code as it travels, or why it cannot be read. */
export type CodeOutcome =
  | {
      readonly outcome: 'loaded';
      readonly code: string;
      readonly extension: string;
      /** What a folder's files tell. */
      readonly kind?: string | undefined;
    }
  | { readonly outcome: 'failed'; readonly reason: string };

/** What reading needs besides the manifest. */
export interface ReadingDeps {
  readonly parameters: GivenParameters;
  readonly loadCode: (source: CodeSource) => CodeOutcome;
}

const NATIVE_IMAGE = 'openwhisk/dockerskeleton';
const ownKeys = `function code location runtime kind main docker native include exclude
 inputs outputs limits feed version namespace credential exposedUrl`.split(/\s+/);
const actionKeys = [...ownKeys, ...webKeys];

/** `nodejs@20` and `nodejs` in the platform's words. */
function kindFrom(runtime: string): string {
  const kind = runtime.trim().replace('@', ':');
  return kind.includes(':') ? kind : `${kind}:default`;
}

function readIncludes(action: Fields): (readonly [string, string])[] {
  const list = action.get('include');
  if (list === undefined) return [];
  if (list.type !== 'list') {
    action.problem(`'include' must be a list of pairs [from, to], and is ${nounOf(list)}`, list.at);
    return [];
  }
  return list.items.flatMap((item) => {
    const pair = item.type === 'list' ? item.items : [item];
    const [from, to] = pair.map((part) =>
      part.type === 'scalar' && part.kind === 'string' ? part.text : undefined,
    );
    if (from !== undefined && pair.length <= 2 && (pair.length === 1 || to !== undefined))
      return [[from, to ?? ''] as const];
    action.problem("an element of 'include' must be a path, or a pair [from, to]", item.at);
    return [];
  });
}

function loadFunction(
  action: Fields,
  key: string,
  { loadCode, kind, image }: Pick<ReadingDeps, 'loadCode'> & Pick<CodeSource, 'kind' | 'image'>,
): (CodeOutcome & { outcome: 'loaded' }) | undefined {
  const path = action.text(key) ?? '';
  const at = action.get(key)?.at ?? action.at;
  if (/^(https?:\/\/|github\.com\/|git@)/i.test(path)) {
    action.problem(
      `'${path}' is an address; code is taken from files beside the manifest only, so fetch it first`,
      at,
    );
    return undefined;
  }
  const loaded = loadCode({
    path,
    include: readIncludes(action),
    exclude: action.words('exclude') ?? [],
    kind,
    image,
  });
  if (loaded.outcome === 'loaded') return loaded;
  action.problem(loaded.reason, at);
  return undefined;
}

interface Exec {
  readonly code: string | undefined;
  readonly kind: string | undefined;
}

function missingRuntime(action: Fields, at: Position): undefined {
  action.problem(
    'the runtime cannot be told from the name of the code; add it, as in: runtime: nodejs:default',
    at,
  );
  return undefined;
}

function readCode(action: Fields, deps: ReadingDeps, image: string | undefined): Exec {
  const written = action.text('runtime') ?? action.text('kind');
  const explicit = written === undefined || written === 'language:default' ? undefined : kindFrom(written);
  const inline = action.text('code');
  const key = action.get('function') ? 'function' : 'location';
  if (inline !== undefined && action.get(key)) {
    action.problem(
      `'code' and '${key}' exclude each other: the code is either here or in a file`,
      action.keyAt('code'),
    );
  }
  if (inline !== undefined) {
    return {
      code: inline,
      kind: explicit ?? (image === undefined ? missingRuntime(action, action.keyAt('code')) : undefined),
    };
  }
  if (!action.get(key)) {
    if (image === undefined)
      action.problem(
        "an action needs its code; add 'function: FILE', or 'code' with 'runtime', or 'docker: IMAGE'",
      );
    return { code: undefined, kind: explicit };
  }
  const loaded = loadFunction(action, key, {
    loadCode: deps.loadCode,
    kind: explicit,
    image: image === undefined ? undefined : image === NATIVE_IMAGE ? 'native' : 'docker',
  });
  if (loaded === undefined) return { code: undefined, kind: explicit };
  const told = loaded.kind ?? kindOfExtension(loaded.extension);
  const kind =
    explicit ?? told ?? (image === undefined ? missingRuntime(action, action.keyAt(key)) : undefined);
  return { code: loaded.code, kind };
}

function execFields(action: Fields, deps: ReadingDeps): [string, string][] {
  const native = action.flag('native') === true;
  const docker = action.text('docker');
  if (native && docker !== undefined)
    action.problem("'native' and 'docker' exclude each other", action.keyAt('native'));
  const image = docker ?? (native ? NATIVE_IMAGE : undefined);
  const { code, kind } = readCode(action, deps, image);
  const main = action.text('main');
  if (kind?.startsWith('java') && main === undefined && image === undefined) {
    action.problem("a Java action needs 'main', the full name of its main class");
  }
  const entries: [string, string | undefined][] = [
    ['exec.kind', image === undefined ? kind : 'blackbox'],
    ['exec.image', image],
    ['exec.main', main],
    ['exec.code', code],
  ];
  return entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, JSON.stringify(value)]]));
}

/** The fields of one action. */
export function readAction(action: Fields, deps: ReadingDeps): Map<string, string> {
  action.check(actionKeys);
  const annotations = readActionAnnotations(action);
  if (action.flag('feed')) annotations.set('feed', 'true');
  return new Map([
    ...execFields(action, deps),
    ...readLimits(action),
    ...parameterFields(readInputs(action, deps.parameters)),
    ...prefixed('annotations', annotations),
  ]);
}

/** Named values as fields of an entity. */
export function prefixed(prefix: string, values: ReadonlyMap<string, string>): [string, string][] {
  return Array.from(values, ([name, value]) => [`${prefix}.${name}`, value]);
}
