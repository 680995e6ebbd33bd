import { parseDocument } from 'yaml';

import type { ConfigProblem } from './config-error.ts';

/** A configuration file and what it holds: YAML, of which JSON is a part. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

type ReadFile =
  | { readonly ok: true; readonly entries: readonly (readonly [name: string, value: unknown])[] }
  | { readonly ok: false; readonly problem: ConfigProblem };

function isGroup(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{http: {port: 1}}` and `{"http.port": 1}` say the same. */
function flatten(prefix: string, group: { [name: string]: unknown }): [string, unknown][] {
  return Object.entries(group).flatMap(([name, value]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (value === null || value === undefined) return [];
    return isGroup(value) ? flatten(path, value) : [[path, value]];
  });
}

/** Takes a file apart into dotted names and values; an empty file has none. */
export function readConfigFile({ path, text }: ConfigFile): ReadFile {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    const why = error.message.split('\n')[0] ?? error.message;
    return {
      ok: false,
      problem: { message: `${path} is not valid YAML or JSON: ${why}`, mend: 'Mend the file at that place.' },
    };
  }
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  if (content === null || content === undefined) return { ok: true, entries: [] };
  if (!isGroup(content)) {
    return {
      ok: false,
      problem: {
        message: `${path} holds no settings but ${Array.isArray(content) ? 'a list' : 'a single value'}.`,
        mend: 'Write one setting a line, for example `http: { port: 3233 }`.',
      },
    };
  }
  return { ok: true, entries: flatten('', content) };
}
