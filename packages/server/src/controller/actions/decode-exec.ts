import {
  BLACKBOX_KIND,
  SEQUENCE_KIND,
  errorTexts,
  isBase64,
  parseImage,
  type Json,
  type JsonObject,
  type KnownRuntimes,
  type RuntimeDescription,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { missing } from '../not-available.ts';
import { member, type PutExec } from './action-put.ts';

/** Reads the `exec` of a PUT body; its kind is resolved, and whether the code is binary is computed. Throws 400. */
export function decodeExec(value: Json, runtimes: KnownRuntimes): PutExec {
  const exec = isJsonObject(value) ? value : {};
  const given = member(exec, 'kind');
  if (typeof given !== 'string') throw malformed(errorTexts.kindMissing);
  const kind = given.trim().toLowerCase();
  if (kind === SEQUENCE_KIND) return refuseSequence(exec);
  if (kind === BLACKBOX_KIND) return decodeBlackbox(exec);
  const runtime = runtimes.resolve(kind);
  if (runtime === undefined) throw malformed(errorTexts.kindUnknown(kind, runtimes.kinds));
  return decodeCode(exec, runtime);
}

function refuseSequence(exec: JsonObject): never {
  const components = member(exec, 'components');
  if (components === undefined) throw malformed(errorTexts.componentsMissing);
  if (!Array.isArray(components)) throw malformed(errorTexts.componentsMalformed);
  throw missing('Sequences', 400, ': invoke the actions one after another instead');
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

function decodeCode(exec: JsonObject, runtime: RuntimeDescription): PutExec {
  const { kind } = runtime;
  // Java's clients call it `jar`.
  const code = member(exec, 'code') ?? (kind.startsWith('java:') ? member(exec, 'jar') : undefined);
  if (typeof code !== 'string') {
    const text = runtime.attached === undefined ? errorTexts.codeMissing : errorTexts.codeOrAttachmentMissing;
    throw malformed(text(kind));
  }
  const main = mainOf(exec, { kind, required: runtime.requireMain === true });
  return { kind, code, binary: isBase64(code), ...main };
}

function mainOf(exec: JsonObject, rule: { kind: string; required: boolean }): { main?: string } {
  const main = member(exec, 'main');
  if (typeof main === 'string') return { main };
  if (rule.required) throw malformed(errorTexts.mainMissing(rule.kind));
  if (main !== undefined && main !== null) throw malformed(errorTexts.mainMalformed(rule.kind));
  return {};
}
