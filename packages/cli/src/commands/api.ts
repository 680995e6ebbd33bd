import type { CommandDescription } from '../command/description.ts';
import { listOptions } from './options.ts';

const create: CommandDescription = {
  name: 'create',
  summary: 'create a new API',
  details: [
    'Adds one path and method to the API of BASE_PATH, which is / where it is not given, or creates an API from a Swagger file in JSON or YAML. The action has to be a web action.',
    'A path may have parameters in braces, with --response-type http: the action finds the path in __ow_path.',
  ],
  examples: [
    { command: 'wsk api create /club /books get listBooks', says: 'an endpoint; prints its URL' },
    {
      command: "wsk api create /club '/books/{id}' get getBook --response-type http",
      says: 'with a parameter in its path',
    },
    { command: 'wsk api create --config-file club.json', says: 'a whole API, in the place of the former' },
  ],
  arguments: {
    usage: '[BASE_PATH] API_PATH API_VERB ACTION',
    min: 0,
    max: 4,
    hint: 'Specify a swagger file or specify an API base path with an API path, an API verb, and an action name.',
  },
  options: [
    {
      long: 'apiname',
      short: 'n',
      value: 'API_NAME',
      summary: 'friendly name of the API; ignored when CFG_FILE is specified (default BASE_PATH)',
    },
    {
      long: 'config-file',
      short: 'c',
      value: 'CFG_FILE',
      summary: 'file with the whole API as Swagger 2.0, in JSON or YAML',
      file: true,
    },
    {
      long: 'response-type',
      value: 'TYPE',
      summary: "how the action's result becomes a response",
      choices: ['html', 'http', 'json', 'text', 'svg'],
      default: 'json',
    },
  ],
  load: async () => (await import('./api-create.ts')).createApi,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get API details',
  details: ['Prints the Swagger document of the API, as `wsk api create --config-file` reads it.'],
  examples: [{ command: 'wsk api get /club --format yaml', says: 'the whole API, to keep or to change' }],
  arguments: {
    usage: 'BASE_PATH | API_NAME',
    min: 1,
    max: 1,
    hint: 'An API base path or API name is required.',
  },
  options: [
    { long: 'full', short: 'f', summary: 'display full API configuration details' },
    {
      long: 'format',
      value: 'TYPE',
      summary: 'format of the document, json or yaml',
      choices: ['json', 'yaml'],
      open: true,
      default: 'json',
    },
  ],
  load: async () => (await import('./api-get.ts')).getApi,
};

const remove: CommandDescription = {
  name: 'delete',
  summary: 'delete an API',
  details: ['With API_PATH only that path, with API_VERB only that method of it.'],
  examples: [
    { command: 'wsk api delete /club', says: 'all of it' },
    { command: 'wsk api delete /club /books get', says: 'one method of a path' },
  ],
  arguments: {
    usage: 'BASE_PATH | API_NAME [API_PATH [API_VERB]]',
    min: 1,
    max: 3,
    hint: 'An API base path or API name is required.  An optional API relative path and operation may also be provided.',
  },
  load: async () => (await import('./api-get.ts')).deleteApi,
};

const list: CommandDescription = {
  name: 'list',
  summary: 'list APIs',
  examples: [
    { command: 'wsk api list', says: 'every method of every path, with its URL' },
    { command: 'wsk api list /club', says: 'those of one API' },
  ],
  arguments: {
    usage: '[[BASE_PATH | API_NAME] [API_PATH [API_VERB]]]',
    min: 0,
    max: 3,
    hint: 'Optional parameters are: API base path (or API name), API relative path and operation.',
  },
  options: [
    ...listOptions('APIs'),
    {
      long: 'name-sort',
      short: 'n',
      summary: 'sort by base path, path and method',
    },
    { long: 'full', short: 'f', summary: 'display full description of each API' },
  ],
  load: async () => (await import('./api-list.ts')).listApis,
};

const key: CommandDescription = {
  name: 'key',
  summary: 'work with the keys that callers of an API show',
  details: ['An API asks for keys where its Swagger document has securityDefinitions.'],
  commands: [
    {
      name: 'create',
      summary: 'create a key that opens an API; it is shown only once',
      details: ['FOR_WHOM is a name of your choice, by which you know later whose key it is.'],
      examples: [{ command: 'wsk api key create /club ada', says: 'a key for somebody' }],
      arguments: {
        usage: 'BASE_PATH | API_NAME FOR_WHOM',
        min: 2,
        max: 2,
        hint: 'An API and a name for who gets the key are required.',
      },
      load: async () => (await import('./api-key.ts')).createApiKey,
    },
    {
      name: 'list',
      summary: 'list keys, without their secrets',
      arguments: {
        usage: '[BASE_PATH | API_NAME]',
        min: 0,
        max: 1,
        hint: 'An optional API is the only valid argument.',
      },
      load: async () => (await import('./api-key.ts')).listApiKeys,
    },
    {
      name: 'delete',
      summary: 'revoke a key: it opens nothing from then on',
      details: ['ID is the one that `wsk api key list` shows, not the key itself.'],
      arguments: { usage: 'ID', min: 1, max: 1, hint: 'The id of a key is required.' },
      load: async () => (await import('./api-key.ts')).deleteApiKey,
    },
  ],
};

export const apiCommand: CommandDescription = {
  name: 'api',
  summary: 'work with APIs',
  commands: [create, get, remove, list, key],
};
