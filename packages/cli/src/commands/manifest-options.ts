import type { OptionDescription } from '../command/description.ts';

/** Where the values come from that a manifest leaves open. */
export const manifestValues: readonly OptionDescription[] = [
  {
    long: 'deployment',
    value: 'FILE',
    summary: 'values for the manifest; otherwise deployment.yaml beside it',
    file: true,
  },
  {
    long: 'param',
    value: 'KEY VALUE',
    summary: 'value of an input or of a variable of this name; wins over the files and the environment',
    entries: 'param',
    repeatable: true,
  },
  {
    long: 'param-file',
    value: 'FILE',
    summary: 'such values, as a JSON object in a file',
    entries: 'param',
    repeatable: true,
    file: true,
  },
];
