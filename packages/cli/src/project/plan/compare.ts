import { compactJson, isJsonObject, jsonElements, jsonMembers, jsonObject } from '../../values/json-text.ts';
import { FEED_DIGEST, isSequence, MANAGED, nounOf, type Entity } from '../entity.ts';

/** A field that differs; `undefined`: it is not there. JSON texts. */
export interface Change {
  readonly field: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Annotations that a platform adds by itself. */
const platformAnnotations = ['exec', 'provide-api-key', 'binding', 'binary'].map(
  (name) => `annotations.${name}`,
);

/** Fields that stay as they are on the platform where a manifest says nothing of them. */
function isKept(field: string): boolean {
  return field.startsWith('limits.') || ['status', FEED_DIGEST, ...platformAnnotations].includes(field);
}

/** JSON with its members in one order, so that equal values are equal texts. */
export function canonicalJson(json: string): string {
  const text = compactJson(json);
  if (text.startsWith('[')) return `[${jsonElements(text).map(canonicalJson).join(',')}]`;
  if (!text.startsWith('{') || !isJsonObject(text))
    return text.startsWith('"') ? JSON.stringify(JSON.parse(text)) : text;
  const members = Array.from(jsonMembers(text), ([name, value]) => [name, canonicalJson(value)] as const);
  return jsonObject(members.sort(([left], [right]) => (left < right ? -1 : Number(left > right))));
}

/** `nodejs:default` is whichever version the platform prefers. */
function sameKind(before: string, after: string): boolean {
  const [family, version] = (JSON.parse(after) as string).split(':');
  return version === 'default' && (JSON.parse(before) as string).split(':')[0] === family;
}

function sameNumber(before: string, after: string): boolean {
  return (
    /^-?\d/.test(before) &&
    /^-?\d/.test(after) &&
    before.length < 16 &&
    after.length < 16 &&
    Number(before) === Number(after)
  );
}

/** Two marks are the same where they name the same project: digest and file change without need. */
function sameProject(before: string, after: string): boolean {
  if (!isJsonObject(before) || !isJsonObject(after)) return false;
  return jsonMembers(before).get('__OW_PROJECT_NAME') === jsonMembers(after).get('__OW_PROJECT_NAME');
}

function same(field: string, before: string, after: string): boolean {
  if (canonicalJson(before) === canonicalJson(after) || sameNumber(before, after)) return true;
  if (field === 'exec.kind') return sameKind(before, after);
  return field === MANAGED && sameProject(before, after);
}

function isIgnored(entity: Entity, field: string): boolean {
  // A platform keeps a sequence's components among its parameters.
  if (field.startsWith('parameters.') && isSequence(entity)) return true;
  // A platform ignores the name where an API of this base path is there already.
  return field === 'api-name' || (field === 'publish' && nounOf(entity) !== 'package');
}

function isInherited({ fields, inherited }: Entity, field: string): boolean {
  const [, name = ''] = /^(?:parameters|init|encryption)\.(.*)$/s.exec(field) ?? [];
  const [ours, theirs] = [fields.get(`parameters.${name}`), inherited?.get(name)];
  return ours !== undefined && theirs !== undefined && canonicalJson(ours) === canonicalJson(theirs);
}

/** What has to change, by name of field, so that the entity on the platform becomes the wanted one. */
export function compareEntities(before: Entity, after: Entity): Change[] {
  const changes: Change[] = [];
  for (const [field, value] of after.fields) {
    const old = before.fields.get(field);
    if (isIgnored(after, field) || (old !== undefined && same(field, old, value))) continue;
    changes.push({ field, before: old, after: value });
  }
  for (const [field, old] of before.fields) {
    if (after.fields.has(field) || isKept(field) || isIgnored(after, field)) continue;
    if (isInherited(before, field)) continue;
    changes.push({ field, before: old, after: undefined });
  }
  return changes.sort((left, right) => (left.field < right.field ? -1 : Number(left.field > right.field)));
}
