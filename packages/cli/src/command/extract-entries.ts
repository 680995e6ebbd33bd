import { readFileSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { isJson, isJsonObject, jsonMembers } from '../values/json-text.ts';
import { whereJsonBreaks } from '../values/json-error.ts';
import { whyUnreadable } from '../values/why-unreadable.ts';
import type { OptionDescription } from './description.ts';
import type { Entries, EntriesName } from './parsed-options.ts';

const nouns: Readonly<Record<EntriesName, string>> = {
  param: 'parameter',
  env: 'environment',
  annotation: 'annotation',
  'feed-param': 'feed parameter',
  'trigger-param': 'trigger parameter',
};

/** Named values taken out of a command line, and the words that remain. */
export interface ExtractedEntries {
  readonly entries: Readonly<Partial<Record<EntriesName, Entries>>>;
  readonly rest: readonly string[];
}

function incomplete(noun: string, message: string): CliError {
  return new CliError(`The ${noun} arguments are invalid: ${message}`, { usage: true });
}

function readEntriesFile(path: string, noun: string): Entries {
  const fail = (reason: string): CliError =>
    new CliError(`Invalid ${noun} argument '${path}': ${reason}`, {
      usage: true,
      hints: [`The file must hold one JSON object, as {"name": "value"}.`],
    });
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw fail(whyUnreadable(error));
  }
  if (isJsonObject(text)) return jsonMembers(text);
  throw fail(isJson(text) ? 'it is no JSON object' : `it is not valid JSON: ${whereJsonBreaks(text)}`);
}

/** A value counts as JSON where it parses as such, else as a string. */
function entryValue(written: string): string {
  return isJson(written) ? written.trim() : JSON.stringify(written);
}

/**
 * Takes `-p KEY VALUE`, `-P FILE` and their kin out of the words, because a parser of options knows no option
 * with two values. Later values win over earlier ones, whether they come from a file or from the command line.
 */
export function extractEntries(
  words: readonly string[],
  options: readonly OptionDescription[],
): ExtractedEntries {
  const found: Partial<Record<EntriesName, Map<string, string>>> = {};
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      rest.push(...words.slice(index));
      break;
    }
    const [flag = '', ...joined] = word.startsWith('--') ? word.split('=') : [word];
    const option = options.find(({ long, short }) => flag === `--${long}` || flag === `-${short ?? ''}`);
    if (option?.entries === undefined) {
      rest.push(word);
      continue;
    }
    const noun = nouns[option.entries];
    const values = (found[option.entries] ??= new Map<string, string>());
    const take = (): string | undefined => (joined.length > 0 ? joined.splice(0).join('=') : words[++index]);
    const first = take();
    if (option.file) {
      if (first === undefined) throw incomplete(noun, `An argument must be provided for '${flag}'`);
      for (const [key, value] of readEntriesFile(first, noun)) values.set(key, value);
      continue;
    }
    const second = take();
    if (first === undefined || second === undefined) {
      throw incomplete(noun, `Arguments for '${flag}' must be a key/value pair`);
    }
    values.set(first, option.verbatim ? JSON.stringify(second) : entryValue(second));
  }
  return { entries: found, rest };
}
