import {
  BLACKBOX_KIND,
  SEQUENCE_KIND,
  errorTexts,
  isBase64,
  parseImage,
  parseQualifiedName,
  qualifiedName,
  type Json,
  type JsonObject,
  type KnownRuntimes,
  type RuntimeDescription,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { member } from '../entities/member.ts';
import type { PutExec } from './action-put.ts';

/** Reads the `exec` of a PUT body; its kind is resolved, and whether the code is binary is computed. Throws 400. */
export function decodeExec(
  value: Json,
  { runtimes, ownNamespace }: { readonly runtimes: KnownRuntimes; readonly ownNamespace: string },
): PutExec {
  const exec = isJsonObject(value) ? value : {};
  const given = member(exec, 'kind');
  if (typeof given !== 'string') throw malformed(errorTexts.kindMissing);
  const kind = given.trim().toLowerCase();
  if (kind === SEQUENCE_KIND) return decodeSequence(exec, ownNamespace);
  if (kind === BLACKBOX_KIND) return decodeBlackbox(exec);
  const runtime = runtimes.resolve(kind);
  if (runtime === undefined) throw malformed(errorTexts.kindUnknown(kind, runtimes.kinds));
  return decodeCode(exec, runtime, kind);
}

function decodeSequence(exec: JsonObject, ownNamespace: string): PutExec {
  const components = member(exec, 'components');
  if (components === undefined) throw malformed(errorTexts.componentsMissing);
  if (!Array.isArray(components)) throw malformed(errorTexts.componentsMalformed);
  const names = components.map((component) => decodeComponent(component, ownNamespace));
  return { kind: SEQUENCE_KIND, binary: false, components: names };
}

/** A text, or an object of `path` (namespace and package) and `name`. */
function decodeComponent(component: Json, ownNamespace: string): string {
  let text = component;
  if (isJsonObject(component)) {
    const [path, name] = [member(component, 'path'), member(component, 'name')];
    text = typeof path === 'string' && typeof name === 'string' ? `${path}/${name}` : null;
  }
  if (typeof text !== 'string') throw malformed(errorTexts.qualifiedNameMalformed);
  const parsed = parseQualifiedName(text, ownNamespace);
  if (!parsed.ok) throw malformed(parsed.problem);
  return `/${qualifiedName(parsed.name)}`;
}

function decodeBlackbox(exec: JsonObject): PutExec {
  const image = member(exec, 'image');
  if (typeof image !== 'string') throw malformed(errorTexts.imageMissing);
  if (parseImage(image) === undefined) throw malformed(errorTexts.imageMalformed);
  const code = member(exec, 'code');
  if (code !== undefined && code !== null && typeof code !== 'string') {
    throw malformed(errorTexts.codeOrAttachmentMissing(BLACKBOX_KIND));
  }
  const kept = typeof code === 'string' && code.trim() !== '' ? code : undefined;
  return {
    kind: BLACKBOX_KIND,
    image: image.trim(),
    binary: kept !== undefined && isBase64(kept),
    ...(kept === undefined ? {} : { code: kept }),
    ...mainOf(exec, { kind: BLACKBOX_KIND, required: false }),
  };
}

/** Refusals name the kind as it was given: `java:default`. */
function decodeCode(exec: JsonObject, runtime: RuntimeDescription, given: string): PutExec {
  const { kind } = runtime;
  // Java's clients call it `jar`.
  const code = member(exec, 'code') ?? (kind.startsWith('java:') ? member(exec, 'jar') : undefined);
  if (typeof code !== 'string') {
    const text = runtime.attached === undefined ? errorTexts.codeMissing : errorTexts.codeOrAttachmentMissing;
    throw malformed(text(given));
  }
  const main = mainOf(exec, { kind: given, required: runtime.requireMain === true });
  return { kind, code, binary: isBase64(code), ...main };
}

function mainOf(exec: JsonObject, rule: { kind: string; required: boolean }): { main?: string } {
  const main = member(exec, 'main');
  if (typeof main === 'string') return { main };
  if (main !== undefined && main !== null) throw malformed(errorTexts.mainMalformed(rule.kind));
  if (rule.required) throw malformed(errorTexts.mainMissing(rule.kind));
  return {};
}
