import { usageError } from '../cli-error.ts';

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/** The method in upper case. Throws where it is none that an API can have. */
export function parseVerb(written: string): string {
  const verb = written.toUpperCase();
  if (verbs.includes(verb)) return verb;
  throw usageError(`'${written}' is not a valid API verb.  Valid values are: [${verbs.join(' ')}]`);
}

/** Throws where a path has no slash at its beginning. */
export function checkPath(path: string): void {
  if (!path.startsWith('/')) throw usageError(`'${path}' must begin with '/'.`);
}

/** Names of a path's parameters, each once: segments in braces. */
export function pathParameters(path: string): string[] {
  const names = path.split('/').flatMap((segment) => /^\{(.+)\}$/.exec(segment)?.[1] ?? []);
  return [...new Set(names)];
}
