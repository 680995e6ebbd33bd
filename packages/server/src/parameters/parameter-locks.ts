import { randomBytes } from 'node:crypto';

import {
  DEVELOPER_ERROR,
  WHISK_ERROR,
  errorTexts,
  jsonMembersOf,
  type ActivationResponse,
  type Json,
  type LockedArguments,
  type Parameter,
} from '@vibrissa/protocol';
import { isLockScheme, lockText, sizesOf, unlockText, type LockScheme } from './parameter-cipher.ts';

/** Keys by scheme: the first locks, all of them unlock. */
export type ParameterKeys = { readonly [scheme in LockScheme]: readonly Buffer[] };

/** The arguments in clear, or what the activation ends with because one of them can't be had. */
export type Unlocked =
  | { readonly outcome: 'unlocked'; readonly content: string }
  | { readonly outcome: 'failed'; readonly response: ActivationResponse };

/**
 * Locks the values of bound parameters before they are stored, and unlocks them where an action is about to run.
 *
 *     const stored = locks.lock([{ key: 'password', value: 'sesame' }]);   // value: 'AAAAgB…', encryption: 'aes-256'
 *     locks.unlock('{"password":"AAAAgB…"}', { password: 'aes-256' });     // content: '{"password":"sesame"}'
 */
export interface ParameterLocks {
  /** Those that are locked already, under whichever scheme, stay as they are, and so do nulls: they say that there is no value. */
  lock(parameters: readonly Parameter[]): readonly Parameter[];
  /** `content` is the text of a JSON object. What is not locked is passed on as it stands. Never throws. */
  unlock(content: string, locked: LockedArguments): Unlocked;
}

function failed(statusCode: typeof DEVELOPER_ERROR | typeof WHISK_ERROR, error: string): Unlocked {
  return { outcome: 'failed', response: { statusCode, resultJson: JSON.stringify({ error }) } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The JSON text of one value. */
function openValue(
  keys: ParameterKeys,
  { key, value, scheme }: { readonly key: string; readonly value: Json; readonly scheme: string },
): Unlocked {
  if (!isLockScheme(scheme)) {
    return failed(DEVELOPER_ERROR, errorTexts.parameterLockUnknown(key, scheme));
  }
  if (keys[scheme].length === 0) return failed(WHISK_ERROR, errorTexts.parameterKeyMissing(key, scheme));
  for (const secret of typeof value === 'string' ? keys[scheme] : []) {
    const text = unlockText(value as string, { scheme, key: secret });
    if (text !== undefined && isJson(text)) return { outcome: 'unlocked', content: text };
  }
  return failed(WHISK_ERROR, errorTexts.parameterLocked(key, scheme));
}

function unlockWith(keys: ParameterKeys, content: string, locked: LockedArguments): Unlocked {
  let clear = '';
  let done = 0;
  for (const { key, from, to } of jsonMembersOf(content)) {
    const scheme = Object.hasOwn(locked, key) ? locked[key] : undefined;
    if (scheme === undefined) continue;
    const opened = openValue(keys, { key, scheme, value: JSON.parse(content.slice(from, to)) as Json });
    if (opened.outcome === 'failed') return opened;
    clear += content.slice(done, from) + opened.content;
    done = to;
  }
  return { outcome: 'unlocked', content: clear + content.slice(done) };
}

/** `current` undefined: what comes in clear is stored in clear; what is locked can be unlocked all the same. */
export function parameterLocks(current: LockScheme | undefined, keys: ParameterKeys): ParameterLocks {
  const secret = current && keys[current][0];
  const lockOne = (parameter: Parameter): Parameter => {
    if (!current || !secret || parameter.encryption !== undefined || parameter.value === null) {
      return parameter;
    }
    const lock = { scheme: current, key: secret, iv: randomBytes(sizesOf(current).ivBytes) };
    return { ...parameter, value: lockText(JSON.stringify(parameter.value), lock), encryption: current };
  };
  return {
    lock: (parameters) => (secret ? parameters.map(lockOne) : parameters),
    unlock: (content, locked) => unlockWith(keys, content, locked),
  };
}

/** Locks nothing, and has no key that unlocks. */
export const noParameterLocks: ParameterLocks = parameterLocks(undefined, { 'aes-128': [], 'aes-256': [] });
