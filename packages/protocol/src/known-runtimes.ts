import type { RuntimeDescription, RuntimesManifest, StemCell } from './runtimes-manifest.ts';

/** Kinds that no manifest lists. */
export const SEQUENCE_KIND = 'sequence';
export const BLACKBOX_KIND = 'blackbox';

/** A checked manifest, indexed by kind. */
export interface KnownRuntimes {
  readonly manifest: RuntimesManifest;
  /** Every kind that an action may name, in the manifest's order, then `sequence` and `blackbox`. */
  readonly kinds: readonly string[];
  /** The runtime of a kind; `family:default` is the family's default. */
  resolve(kind: string): RuntimeDescription | undefined;
}

export type ReadManifest =
  | { readonly ok: true; readonly runtimes: KnownRuntimes }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The default of a family: the one that says so, or the only one. */
function defaultOf(versions: readonly RuntimeDescription[]): RuntimeDescription | undefined {
  return versions.length === 1 ? versions[0] : versions.find((version) => version.default);
}

function problemsOfFamily(family: string, versions: readonly RuntimeDescription[]): string[] {
  const defaults = versions.filter((version) => version.default);
  const problems: string[] = [];
  if (versions.length === 0) problems.push(`${family} has no version.`);
  if (versions.length > 1 && defaults.length === 0) {
    problems.push(`${family} has multiple versions, but no default.`);
  }
  if (defaults.length > 1) {
    problems.push(
      `Found more than one default for ${family}: ${defaults.map(({ kind }) => kind).join(', ')}`,
    );
  }
  for (const version of versions) {
    if (version.image.name === '') problems.push(`${version.kind} has an image without a name.`);
    for (const cell of version.stemCells ?? []) problems.push(...problemsOfStemCell(version.kind, cell));
  }
  return problems;
}

function problemsOfStemCell(kind: string, cell: StemCell): string[] {
  const problems: string[] = [];
  if (!(cell.initialCount > 0)) problems.push(`${kind}: initialCount of stem cells must be above 0.`);
  const reactive = cell.reactive;
  if (reactive === undefined) return problems;
  if (!(reactive.minCount >= 0 && reactive.minCount <= reactive.maxCount && reactive.maxCount > 0)) {
    problems.push(`${kind}: reactive stem cells need 0 <= minCount <= maxCount and maxCount above 0.`);
  }
  if (!(reactive.threshold > 0)) problems.push(`${kind}: threshold of reactive stem cells must be above 0.`);
  if (!(reactive.increment > 0 && reactive.increment <= reactive.maxCount)) {
    problems.push(`${kind}: increment of reactive stem cells must be above 0 and at most maxCount.`);
  }
  return problems;
}

/** Checks a manifest and indexes it: exactly one default a family, no kind twice, sound stem cells. */
export function readManifest(manifest: RuntimesManifest): ReadManifest {
  const byKind = new Map<string, RuntimeDescription>();
  const problems: string[] = [];
  const kinds: string[] = [];
  for (const [family, versions] of Object.entries(manifest.runtimes)) {
    problems.push(...problemsOfFamily(family, versions));
    for (const version of versions) {
      if (byKind.has(version.kind)) problems.push(`The kind ${version.kind} is listed twice.`);
      byKind.set(version.kind, version);
      kinds.push(version.kind);
    }
    const chosen = defaultOf(versions);
    if (chosen !== undefined) byKind.set(`${family}:default`, chosen);
  }
  if (problems.length > 0) return { ok: false, problems };
  const runtimes: KnownRuntimes = {
    manifest,
    kinds: [...kinds, SEQUENCE_KIND, BLACKBOX_KIND],
    resolve: (kind) => byKind.get(kind),
  };
  return { ok: true, runtimes };
}
