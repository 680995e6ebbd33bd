import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseNamespaceOrName, parseQualifiedName, type QualifiedName } from './qualified-name.ts';

/**
 * The name of a package, trigger or rule, which is in a namespace and in no package. Throws {@link CliError} with
 * exit code 149.
 */
export function parseEntityName(written: string, noun: string, defaultNamespace: string): QualifiedName {
  const name = parseQualifiedName(written, defaultNamespace);
  if (!name.entity.includes('/')) return name;
  throw new CliError(
    `'${written}' is not a valid qualified name: A valid qualified name must be specified.`,
    {
      exitCode: exitCodes.notAllowed,
      hints: [`A ${noun} is in no package: its name looks like NAME or /NAMESPACE/NAME.`],
    },
  );
}

/** The namespace of a list: `/ns`, or the default where nothing was written. */
export function parseNamespace(written: string | undefined, defaultNamespace: string): string {
  const { namespace, entity } = parseNamespaceOrName(written, defaultNamespace);
  if (entity === undefined) return namespace;
  throw new CliError(
    `An entity name, '${entity}', was provided instead of a namespace. Valid namespaces are of the following format: /NAMESPACE.`,
    { usage: true },
  );
}
