import { CliError } from '../../cli-error.ts';
import { extensionOfKind } from '../../artifact/kind-of-extension.ts';
import type { Entity } from '../entity.ts';

/** A file of an exported project, relative to its folder. */
export interface ExportedFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** The first bytes of archives and executables. */
const binaryBeginnings = [
  Buffer.from('PK\u0003\u0004'),
  Buffer.from('PK\u0005\u0006'),
  Buffer.from('\u007fELF'),
];

function binaryOf(code: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(code)) return undefined;
  const bytes = Buffer.from(code, 'base64');
  const isBinary = binaryBeginnings.some((beginning) =>
    bytes.subarray(0, beginning.length).equals(beginning),
  );
  return isBinary && bytes.toString('base64') === code ? bytes : undefined;
}

/** Names come from a platform: none may lead out of the folder that is written to. */
function safePath(name: string): string {
  const parts = name.split('/');
  if (parts.every((part) => /^[^\\/\p{Cc}]+$/u.test(part) && part !== '.' && part !== '..'))
    return `actions/${name}`;
  throw new CliError(
    `The platform has an action with the name ${JSON.stringify(name)}, which is no name of a file`,
  );
}

/** Files are read as text where they are UTF-8 without zero bytes; other code stands in the manifest. */
function isPlainText(code: string): boolean {
  return !code.includes('\0') && Buffer.from(code, 'utf8').toString('utf8') === code;
}

/** An action's code as a file; `undefined` where a file would not be read back as the same code. */
export function codeFile(action: Entity, code: string): ExportedFile | undefined {
  const kind = String(JSON.parse(action.fields.get('exec.kind') ?? '""'));
  const bytes = binaryOf(code);
  const isZip = bytes?.subarray(0, 2).toString() === 'PK';
  const path = safePath(action.name);
  if (bytes !== undefined)
    return { path: `${path}${isZip ? extensionOfKind(kind, true) || '.zip' : '.bin'}`, bytes };
  if (!isPlainText(code)) return undefined;
  return { path: `${path}${extensionOfKind(kind, false) || '.txt'}`, bytes: Buffer.from(code, 'utf8') };
}
