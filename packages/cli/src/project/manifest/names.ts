import type { Fields } from '../source/fields.ts';
import type { Position } from '../source/problems.ts';

const entityName = /^([\p{L}\p{N}_]|[\p{L}\p{N}_][\p{L}\p{N}_@ .-]*[\p{L}\p{N}_@.-]+)$/u;
const MAX_LENGTH = 256;

/** Whether a platform would take the name; otherwise says what is wrong with it. */
export function checkName(owner: Fields, name: string, at: Position): boolean {
  if (name.length <= MAX_LENGTH && entityName.test(name)) return true;
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  owner.problem(
    `the name ${shown} must have letters, digits, _ @ . - and blanks between them, ${MAX_LENGTH} characters at most`,
    at,
  );
  return false;
}

/** `name` in its package; the package `default` stands for none. */
export function inPackage(packageName: string, name: string): string {
  return packageName === 'default' ? name : `${packageName}/${name}`;
}

/**
 * The full name, `/_/package/name`, of an action that a sequence or a rule names: a bare name is in the package
 * that says it, and with one slash it names its own package.
 */
export function fullName(written: string, packageName: string): string | undefined {
  const name = written.trim();
  const parts = (name.startsWith('/') ? name.slice(1) : name).split('/');
  if (parts.some((part) => part === '' || part === '.') || parts.length > 3) return undefined;
  if (name.startsWith('/') || parts.length === 3) return parts.length > 1 ? `/${parts.join('/')}` : undefined;
  if (parts.length === 2) return parts[0] === 'default' ? `/_/${parts[1]}` : `/_/${name}`;
  return `/_/${inPackage(packageName, name)}`;
}
