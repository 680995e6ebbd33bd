import { readFileSync } from 'node:fs';

import type { Config } from '../config/schema.ts';
import { isLockScheme, sizesOf, type LockScheme } from './parameter-cipher.ts';
import { parameterLocks, type ParameterKeys, type ParameterLocks } from './parameter-locks.ts';

/** A key that locks parameters is missing or is none. Its message never holds the key. */
export class ParameterKeyError extends Error {
  override readonly name = 'ParameterKeyError';
  readonly code = 'PARAMETER_KEY';
  /** What the operator can do about it. */
  readonly mend: string;

  constructor(message: string, mend: string, options?: ErrorOptions) {
    super(message, options);
    this.mend = mend;
  }
}

const names = { 'aes-128': 'aes128', 'aes-256': 'aes256' } as const satisfies {
  [scheme in LockScheme]: string;
};

function settingOf(scheme: LockScheme): string {
  return `parameterStorage.${names[scheme]}`;
}

function recipe(scheme: LockScheme): string {
  return `Make one with: openssl rand -base64 ${sizesOf(scheme).keyBytes}`;
}

/** Keys stand one a line or between commas; lines that begin with `#` are left out. */
function readKeys(text: string, scheme: LockScheme, source: string): Buffer[] {
  const words = text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((word) => word !== '');
  const { keyBytes } = sizesOf(scheme);
  return words.map((word, index) => {
    const key = Buffer.from(word, 'base64');
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(word) && key.length === keyBytes) return key;
    throw new ParameterKeyError(
      `Key ${index + 1} of ${source} is not a key for ${scheme}: that is ${keyBytes} bytes in base64.`,
      recipe(scheme),
    );
  });
}

function readFile(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : "can't be read";
    throw new ParameterKeyError(
      `The file of ${setting}, ${path}, ${why}.`,
      'Mend its path or its permissions.',
      { cause },
    );
  }
}

function keysOf(config: Config['parameterStorage'], scheme: LockScheme): Buffer[] {
  const setting = settingOf(scheme);
  const text = config[names[scheme]];
  const file = config[`${names[scheme]}File`];
  if (text !== undefined && file !== undefined) {
    throw new ParameterKeyError(`${setting} and ${setting}File are both set.`, 'Keep one of them.');
  }
  if (text !== undefined) return readKeys(text, scheme, setting);
  return file === undefined ? [] : readKeys(readFile(file, `${setting}File`), scheme, file);
}

/** Reads what locks and unlocks users' parameters. Throws {@link ParameterKeyError}. */
export function loadParameterLocks(config: Config['parameterStorage']): ParameterLocks {
  const keys: ParameterKeys = { 'aes-128': keysOf(config, 'aes-128'), 'aes-256': keysOf(config, 'aes-256') };
  const { current } = config;
  if (!isLockScheme(current)) return parameterLocks(undefined, keys);
  if (keys[current].length > 0) return parameterLocks(current, keys);
  throw new ParameterKeyError(
    `parameterStorage.current is ${current}, and there is no key for it.`,
    `Set ${settingOf(current)}, or ${settingOf(current)}File. ${recipe(current)}`,
  );
}
