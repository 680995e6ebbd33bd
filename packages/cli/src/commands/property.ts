import type { CommandDescription, OptionDescription } from '../command/description.ts';

const settable: readonly OptionDescription[] = [
  { long: 'apihost', value: 'HOST', summary: 'whisk API host' },
  { long: 'apiversion', value: 'VERSION', summary: 'whisk API version' },
  { long: 'auth', short: 'u', value: 'KEY', summary: 'authorization key' },
  { long: 'cert', value: 'FILE', summary: 'client certificate', file: true },
  { long: 'key', value: 'FILE', summary: 'key of the client certificate', file: true },
];

function asSwitch({ long, summary }: OptionDescription): OptionDescription {
  return { long, summary };
}

const noArguments = { usage: '', min: 0, max: 0, hint: 'No arguments are required.' };

const set: CommandDescription = {
  name: 'set',
  summary: 'set property',
  details: ['Properties are kept in the file that WSK_CONFIG_FILE names, else in ~/.wskprops.'],
  examples: [
    {
      command: 'wsk property set --apihost http://127.0.0.1:3233 --auth UUID:KEY',
      says: 'the platform and the key that all commands use',
    },
  ],
  arguments: noArguments,
  options: settable,
  load: async () => (await import('./property-set.ts')).setProperties,
};

const unset: CommandDescription = {
  name: 'unset',
  summary: 'unset property',
  arguments: noArguments,
  options: settable.map(asSwitch),
  load: async () => (await import('./property-set.ts')).unsetProperties,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get property',
  details: ['Without flags, shows all.'],
  examples: [{ command: 'wsk property get --apihost -o raw', says: 'the bare value, for scripts' }],
  arguments: noArguments,
  options: [
    { long: 'all', summary: 'all properties' },
    { long: 'apibuild', summary: 'build date of the API' },
    { long: 'apibuildno', summary: 'build number of the API' },
    { long: 'apihost', summary: 'whisk API host' },
    { long: 'apiversion', summary: 'whisk API version' },
    { long: 'auth', summary: 'authorization key' },
    { long: 'cert', summary: 'client certificate' },
    { long: 'cliversion', summary: 'version of this command' },
    { long: 'key', summary: 'key of the client certificate' },
    { long: 'namespace', summary: 'namespace of the key' },
    {
      long: 'output',
      short: 'o',
      value: 'FORMAT',
      summary: 'std: with labels; raw: the bare values; or text, json, ndjson as everywhere',
      choices: ['std', 'raw', 'text', 'json', 'ndjson'],
      default: 'std',
    },
  ],
  load: async () => (await import('./property-get.ts')).getProperties,
};

export const propertyCommand: CommandDescription = {
  name: 'property',
  summary: 'work with whisk properties',
  commands: [set, unset, get],
};
