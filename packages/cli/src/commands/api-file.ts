import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { CliError, usageError } from '../cli-error.ts';
import { whereJsonBreaks } from '../values/json-error.ts';
import { isJson, isJsonObject, jsonMembers } from '../values/json-text.ts';
import { whyUnreadable } from '../values/why-unreadable.ts';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const reason = whyUnreadable(error);
    throw new CliError(`Error reading swagger file '${path}': ${reason}`, { usage: true, cause: error });
  }
}

function jsonOfYaml(text: string): string {
  try {
    // Without merge keys and tags of programming languages: the document is data.
    return JSON.stringify(parse(text, { schema: 'core' }) as unknown) ?? 'null';
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Unable to parse YAML configuration file: ${reason}`, { cause: error });
  }
}

/** The Swagger document of a file, as JSON text. Throws where it is no such document; the platform looks closer. */
export function readApiFile(path: string): string {
  const text = readText(path);
  const json = /\.ya?ml$/i.test(path) ? jsonOfYaml(text) : text;
  if (!isJsonObject(json)) {
    const why = isJson(json) ? 'it is no JSON object' : whereJsonBreaks(json);
    throw usageError(`Error parsing swagger file '${path}': ${why}`);
  }
  const members = jsonMembers(json);
  if (['basePath', 'info', 'paths', 'swagger'].some((name) => !members.has(name))) {
    throw usageError('Swagger file is invalid (missing basePath, info, paths, or swagger fields)');
  }
  if (!members.get('basePath')?.startsWith('"/')) {
    throw usageError('Swagger file basePath must start with a leading slash (/)');
  }
  return json;
}
