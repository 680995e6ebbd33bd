import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** A name as the user wrote it, taken apart. `entity` is `name` or `package/name`. */
export interface QualifiedName {
  readonly namespace: string;
  readonly entity: string;
}

function invalid(written: string): CliError {
  return new CliError(
    `'${written}' is not a valid qualified name: A valid qualified name must be specified.`,
    {
      exitCode: exitCodes.notAllowed,
      hints: ['Names look like NAME, PACKAGE/NAME, /NAMESPACE/NAME or /NAMESPACE/PACKAGE/NAME.'],
    },
  );
}

function segments(written: string): string[] {
  const parts = (written.startsWith('/') ? written.slice(1) : written).split('/');
  // `.` and `..` would lead a URL elsewhere.
  if (parts.length > 3 || parts.some((part) => ['', '.', '..'].includes(part))) throw invalid(written);
  return parts;
}

/**
 * `name` and `package/name` are looked for in the default namespace; a leading slash or a third segment names
 * the namespace. Throws {@link CliError} with exit code 149.
 */
export function parseQualifiedName(written: string, defaultNamespace: string): QualifiedName {
  const parts = segments(written);
  const [first = '', ...rest] = parts;
  if (!written.startsWith('/') && parts.length < 3) {
    return { namespace: defaultNamespace, entity: parts.join('/') };
  }
  if (rest.length === 0) throw invalid(written);
  return { namespace: first, entity: rest.join('/') };
}

/** Like {@link parseQualifiedName}, but `/namespace` alone is allowed and has no entity. */
export function parseNamespaceOrName(
  written: string | undefined,
  defaultNamespace: string,
): { readonly namespace: string; readonly entity?: string } {
  if (written === undefined) return { namespace: defaultNamespace };
  const parts = segments(written);
  if (written.startsWith('/') && parts.length === 1) return { namespace: parts[0] ?? '' };
  return parseQualifiedName(written, defaultNamespace);
}

/** The path of a name inside a URL, every segment escaped. */
export function urlPath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
