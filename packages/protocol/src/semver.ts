/** The version of an entity that was just created. */
export const FIRST_VERSION = '0.0.1';

const NUMBER = /^[0-9]{1,9}$/;

/** `major[.minor[.patch]]` as `major.minor.patch`; undefined when malformed or all zero. */
export function parseVersion(text: string): string | undefined {
  const parts = text.split('.', 4);
  if (parts.length > 3 || !parts.every((part) => NUMBER.test(part))) return undefined;
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  return major + minor + patch === 0 ? undefined : `${major}.${minor}.${patch}`;
}

/** The version after an update: patch plus one. */
export function nextVersion(version: string): string {
  const [major = '0', minor = '0', patch = '0'] = version.split('.');
  return `${major}.${minor}.${Number(patch) + 1}`;
}
