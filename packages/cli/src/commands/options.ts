import type { OptionDescription } from '../command/description.ts';
import { inheritedOptions } from '../command/inherited-options.ts';

/** Options of every command; a command's own option of the same name wins over them. */
export const globalOptions: readonly OptionDescription[] = [
  { long: 'apihost', value: 'HOST', summary: 'whisk API host, as http://127.0.0.1:3233' },
  { long: 'apiversion', value: 'VERSION', summary: 'whisk API version' },
  { long: 'auth', short: 'u', value: 'KEY', summary: 'authorization key, as UUID:KEY' },
  { long: 'cert', value: 'FILE', summary: 'client certificate', file: true },
  { long: 'debug', short: 'd', summary: 'show requests and answers in full length' },
  { long: 'help', short: 'h', summary: 'help for this command' },
  { long: 'insecure', short: 'i', summary: 'do not check the certificate of the host' },
  { long: 'key', value: 'FILE', summary: 'key of the client certificate', file: true },
  {
    long: 'output',
    short: 'o',
    value: 'FORMAT',
    summary: 'for people, or for programs; ndjson: each element on a line of its own',
    choices: ['text', 'json', 'ndjson'],
    default: 'text',
  },
  { long: 'verbose', short: 'v', summary: 'show requests and answers' },
  { long: 'version', summary: 'print the version' },
];

/** `-p KEY VALUE` and `-P FILE`. */
export const parameterOptions: readonly OptionDescription[] = [
  {
    long: 'param',
    short: 'p',
    value: 'KEY VALUE',
    summary: 'a parameter; the value is JSON where it parses as such, else a string',
    entries: 'param',
    repeatable: true,
  },
  {
    long: 'param-file',
    short: 'P',
    value: 'FILE',
    summary: 'parameters, as a JSON object in a file',
    entries: 'param',
    repeatable: true,
    file: true,
  },
];

/** `-e KEY VALUE` and `-E FILE`. */
export const environmentOptions: readonly OptionDescription[] = [
  {
    long: 'env',
    short: 'e',
    value: 'KEY VALUE',
    summary: 'a variable of the environment in which the code starts; the value is text',
    entries: 'env',
    verbatim: true,
    repeatable: true,
  },
  {
    long: 'env-file',
    short: 'E',
    value: 'FILE',
    summary: 'such variables, as a JSON object in a file',
    entries: 'env',
    repeatable: true,
    file: true,
  },
];

/** `-a KEY VALUE` and `-A FILE`. */
export const annotationOptions: readonly OptionDescription[] = [
  {
    long: 'annotation',
    short: 'a',
    value: 'KEY VALUE',
    summary: 'an annotation; the value is JSON where it parses as such, else a string',
    entries: 'annotation',
    repeatable: true,
  },
  {
    long: 'annotation-file',
    short: 'A',
    value: 'FILE',
    summary: 'annotations, as a JSON object in a file',
    entries: 'annotation',
    repeatable: true,
    file: true,
  },
];

/** `-s N` and `-l N` of lists. */
export function listOptions(what: string, limitNote = ''): readonly OptionDescription[] {
  return [
    {
      long: 'skip',
      short: 's',
      value: 'SKIP',
      integer: true,
      default: '0',
      summary: `leave out the first SKIP ${what}`,
    },
    {
      long: 'limit',
      short: 'l',
      value: 'LIMIT',
      integer: true,
      default: '30',
      summary: `at most LIMIT ${what}${limitNote}; 0 means as many as the server allows`,
    },
  ];
}

export const nameSortOption: OptionDescription = {
  long: 'name-sort',
  short: 'n',
  summary: 'sort by name instead of by time',
};

/** A command's own options, then the global ones that it does not redefine. */
export function effectiveOptions(own: readonly OptionDescription[] = []): OptionDescription[] {
  return [...own, ...inheritedOptions(own, globalOptions)];
}
