import { errorTexts } from './error-messages.ts';
import type { EntityName } from './entities.ts';

/** Longest segment of a name, in characters. */
export const MAX_NAME_LENGTH = 256;

/** Stands for the caller's own namespace, in paths and in bodies. */
export const OWN_NAMESPACE = '_';

/** ASCII letters, digits and `_`: what a name may begin with. */
function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
  );
}

const SPACE = 32;

/** `@`, `.`, `&`, `-`: allowed behind the first character. */
function isInnerMark(code: number): boolean {
  return code === 64 || code === 46 || code === 38 || code === 45;
}

/** One pass over the characters: no pattern that could backtrack. */
function isWellFormed(segment: string): boolean {
  if (segment.length === 0 || !isWordCharacter(segment.charCodeAt(0))) return false;
  const last = segment.length - 1;
  for (let index = 1; index <= last; index++) {
    const code = segment.charCodeAt(index);
    if (isWordCharacter(code) || isInnerMark(code)) continue;
    if (code === SPACE && index < last) continue;
    return false;
  }
  return true;
}

/** Is it a legal name of an entity, a package or a namespace? */
export function isEntityName(segment: string): boolean {
  return segment.length <= MAX_NAME_LENGTH && isWellFormed(segment);
}

/** What is wrong with the name of an entity or package; undefined when nothing is. */
export function entityNameProblem(segment: string): string | undefined {
  if (segment.length > MAX_NAME_LENGTH) return errorTexts.nameTooLong(segment.length);
  return isWellFormed(segment) ? undefined : errorTexts.illegalName;
}

/** What is wrong with the name of a namespace; undefined when nothing is. */
export function namespaceProblem(segment: string): string | undefined {
  if (segment.length > MAX_NAME_LENGTH) return errorTexts.namespaceTooLong(segment.length);
  return isWellFormed(segment) ? undefined : errorTexts.illegalNamespace;
}

export type ParsedName =
  { readonly ok: true; readonly name: EntityName } | { readonly ok: false; readonly problem: string };

/**
 * Takes a fully qualified name of a body apart: `/ns/name`, `/ns/pkg/name` or `ns/pkg/name` (`ns/name` too); `_` becomes
 * the caller's namespace.
 */
export function parseQualifiedName(text: string, ownNamespace: string): ParsedName {
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/', 4);
  const [first, second, third] = parts;
  if (first === undefined || second === undefined) return { ok: false, problem: errorTexts.nameTooShort };
  if (parts.length > 3) return { ok: false, problem: errorTexts.illegalName };
  const namespace = first === OWN_NAMESPACE ? ownNamespace : first;
  const problem =
    namespaceProblem(namespace) ??
    entityNameProblem(second) ??
    (third === undefined ? undefined : entityNameProblem(third));
  if (problem !== undefined) return { ok: false, problem };
  const name =
    third === undefined ? { namespace, name: second } : { namespace, package: second, name: third };
  return { ok: true, name };
}

/** `ns` or `ns/pkg`: what documents show as an entity's namespace. */
export function entityPath(name: EntityName): string {
  return name.package === undefined ? name.namespace : `${name.namespace}/${name.package}`;
}

/** `ns/name` or `ns/pkg/name`. */
export function qualifiedName(name: EntityName): string {
  return `${entityPath(name)}/${name.name}`;
}
