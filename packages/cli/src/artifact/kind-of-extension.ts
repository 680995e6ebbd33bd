/** Families of runtimes by the extension of their code. */
const families: Readonly<Record<string, string>> = {
  '.js': 'nodejs',
  '.py': 'python',
  '.swift': 'swift',
  '.jar': 'java',
  '.php': 'php',
  '.rb': 'ruby',
  '.rs': 'rust',
  '.go': 'go',
  '.balx': 'ballerina',
};

/** All extensions that stand for a kind, with their dots. */
export const knownExtensions: readonly string[] = Object.keys(families);

/** Extension of the code of an action of this kind, when it is saved as a file. */
export function extensionOfKind(kind: string, isBinary: boolean): string {
  const [family = ''] = kind.toLowerCase().split(':');
  const known = Object.entries(families).find(([, name]) => name === family)?.[0];
  if (!isBinary) return known === '.jar' || known === '.balx' ? '' : (known ?? '');
  return known === '.jar' || known === '.balx' ? known : '.zip';
}

/** The kind that code with this extension is for, where the extension alone says it. */
export function kindOfExtension(extension: string): string | undefined {
  const family = families[extension];
  return family === undefined ? undefined : `${family}:default`;
}
