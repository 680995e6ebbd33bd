import { readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';

/** Keys of `.wskprops`; OpenWhisk's `wsk` reads and writes the same file. */
export type Properties = Map<string, string>;

/** `WSK_CONFIG_FILE`, else `~/.wskprops`. */
export function propertiesPath(environment: NodeJS.ProcessEnv): string {
  return environment['WSK_CONFIG_FILE'] || join(environment['HOME'] || homedir(), '.wskprops');
}

/** `KEY=VALUE` lines; `#` begins a comment, and a line that is not exactly two parts at `=` is skipped. */
export function parseProperties(text: string): Properties {
  const properties: Properties = new Map();
  for (const line of text.split('\n')) {
    const [content = ''] = line.split('#');
    const [key, value, ...more] = content.split('=');
    if (key === undefined || value === undefined || more.length > 0) continue;
    properties.set(key.trim().toUpperCase(), value.trim());
  }
  return properties;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads the file; a missing one is the same as an empty one. */
export function readProperties(path: string): Properties {
  try {
    return parseProperties(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return new Map();
    throw new CliError(`Unable to read the properties file '${path}': ${reasonOf(error)}`, {
      hints: ['Set WSK_CONFIG_FILE to a file that you may read, or mend the permissions of this one.'],
      cause: error,
    });
  }
}

/** A value that {@link parseProperties} would not give back must not be written. */
export function checkPropertyValue(name: string, value: string): void {
  if (!/[=#\n\r]/.test(value)) return;
  throw new CliError(`Unable to set the property value: ${name} must not contain '=', '#' or a line break.`, {
    hints: ['The properties file has no way to write them; give the value with its flag instead.'],
  });
}

/** The target of a link is replaced, not the link; a missing file is its own target. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Replaces the file at once, readable by its owner only: it holds a key. */
export function writeProperties(path: string, properties: Properties): void {
  const text = Array.from(properties, ([key, value]) => `${key.toUpperCase()}=${value}\n`).join('');
  const target = targetOf(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, target);
  } catch (error) {
    throw new CliError(`Whisk properties file write failure: ${reasonOf(error)}`, {
      hints: ['Set WSK_CONFIG_FILE to a file that you may write.'],
      cause: error,
    });
  }
}
