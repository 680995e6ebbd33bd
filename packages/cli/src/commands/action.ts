import type { CommandDescription, OptionDescription } from '../command/description.ts';
import {
  annotationOptions,
  environmentOptions,
  listOptions,
  nameSortOption,
  parameterOptions,
} from './options.ts';

const putOptions: readonly OptionDescription[] = [
  ...annotationOptions,
  {
    long: 'concurrency',
    short: 'c',
    value: 'LIMIT',
    integer: true,
    summary: 'activations that one container may run at the same time (server: 1)',
  },
  { long: 'copy', summary: 'take ARTIFACT as the name of an action to copy' },
  { long: 'docker', value: 'IMAGE', summary: 'run the action in this image' },
  ...environmentOptions,
  {
    long: 'instances',
    value: 'LIMIT',
    integer: true,
    summary: 'containers that the action may have at the same time; further calls wait for them',
  },
  {
    long: 'kind',
    value: 'KIND',
    summary: 'runtime of the action, as nodejs:20; told from the extension of ARTIFACT otherwise',
    choices: ['nodejs:default', 'nodejs:20', 'python:default', 'python:3.11'],
    open: true,
  },
  {
    long: 'logsize',
    short: 'l',
    value: 'LIMIT',
    integer: true,
    summary: 'log size limit in MB (server: 10)',
  },
  { long: 'main', value: 'NAME', summary: 'name of the entry point, a function or a method' },
  { long: 'memory', short: 'm', value: 'LIMIT', integer: true, summary: 'memory limit in MB (server: 256)' },
  { long: 'native', summary: 'run ARTIFACT as an executable or a script of its own' },
  ...parameterOptions,
  {
    long: 'sequence',
    summary:
      'take ARTIFACT as names of actions, separated by commas, each of which gets the result before it',
  },
  {
    long: 'timeout',
    short: 't',
    value: 'LIMIT',
    integer: true,
    summary: 'time limit in milliseconds (server: 60000)',
  },
  {
    long: 'web',
    value: 'MODE',
    summary: 'yes or true: a web action; raw: one that gets the request as it came; no or false: neither',
    choices: ['yes', 'true', 'raw', 'no', 'false'],
    open: true,
  },
  {
    long: 'web-secure',
    value: 'SECRET',
    summary: 'callers of the web action need this secret; true generates one, false asks for none',
    choices: ['true', 'false'],
    open: true,
  },
];

const create: CommandDescription = {
  name: 'create',
  summary: 'create a new action',
  details: [
    'ARTIFACT is the file with the code, or a folder. Its extension says the runtime: .js, .py, and where the platform has one for them .swift, .jar, .php, .rb, .rs, .go; a .zip needs --kind. Vibrissa runs Node.js, Python and, with --native, any executable.',
    'Of a folder all files are packed, but those that its .wskignore leaves out (in the syntax of .gitignore). package.json or index.js at its top make it a Node.js action, __main__.py a Python action. With -v every file is named.',
  ],
  examples: [
    { command: 'wsk action create hello hello.js', says: 'from a file' },
    {
      command: 'wsk action create resize resize.zip --kind nodejs:20 -m 512 -t 120000',
      says: 'from a zip file, with more memory and time',
    },
    { command: 'wsk action create resize resize/', says: 'from a folder' },
    { command: 'wsk action create greet greet.py -p place Rome', says: 'with a parameter bound to it' },
    { command: 'wsk action create shop shop.js -e STORE corner', says: 'with a variable of its environment' },
    {
      command: 'wsk action create both --sequence fetch,tools/convert',
      says: 'one action after the other',
    },
    { command: 'wsk action create mine --copy /whisk.system/utils/echo', says: 'a copy of another action' },
  ],
  arguments: {
    usage: 'ACTION_NAME [ARTIFACT]',
    min: 1,
    max: 2,
    hint: 'An action name and code artifact are required.',
    file: true,
  },
  options: putOptions,
  load: async () => (await import('./action-put.ts')).createAction,
};

const update: CommandDescription = {
  name: 'update',
  summary: 'update an existing action, or create an action if it does not exist',
  details: [
    'What is not given stays as it is. Parameters and variables (-p, -P, -e, -E) together replace all that were bound before; annotations (-a, -A) are added, or replace those of the same name.',
  ],
  examples: [
    { command: 'wsk action update hello hello.js', says: 'new code' },
    { command: 'wsk action update hello -a internet true', says: 'let it reach the internet, on Vibrissa' },
    { command: 'wsk action update hello --del-annotation internet', says: 'take that back' },
  ],
  arguments: {
    usage: 'ACTION_NAME [ARTIFACT]',
    min: 1,
    max: 2,
    hint: 'An action name is required. A code artifact is optional.',
    file: true,
  },
  options: [
    ...putOptions,
    { long: 'del-annotation', value: 'KEY', summary: 'delete this annotation', repeatable: true },
  ],
  load: async () => (await import('./action-put.ts')).updateAction,
};

const invoke: CommandDescription = {
  name: 'invoke',
  summary: 'invoke action',
  details: [
    'Without flags, prints the id of the activation and does not wait for it. A blocking invocation that outlives the platform’s patience goes on; its exit code is 202.',
  ],
  examples: [
    { command: 'wsk action invoke hello -r -p name you', says: 'wait, and print the result only' },
    { command: 'wsk action invoke hello -b', says: 'wait, and print the whole record' },
  ],
  arguments: { usage: 'ACTION_NAME', min: 1, max: 1, hint: 'An action name is required.' },
  options: [
    { long: 'blocking', short: 'b', summary: 'wait for the activation and print its record' },
    ...parameterOptions,
    { long: 'result', short: 'r', summary: 'wait for the activation and print its result only' },
  ],
  load: async () => (await import('./action-invoke.ts')).invokeAction,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get action',
  examples: [
    { command: 'wsk action get hello', says: 'the whole document, without the code' },
    { command: 'wsk action get hello limits', says: 'one field of it' },
    { command: 'wsk action get hello --save-as copy.js', says: 'its code, as a file' },
  ],
  arguments: { usage: 'ACTION_NAME [FIELD]', min: 1, max: 2, hint: 'An action name is required.' },
  options: [
    { long: 'save', summary: 'save the code in a file named after the action' },
    { long: 'save-as', value: 'FILE', summary: 'save the code in FILE', file: true },
    {
      long: 'summary',
      short: 's',
      summary: 'name, description and parameters; * marks bound ones, ** bound and final ones',
    },
    { long: 'url', short: 'r', summary: 'print the URL under which the action is called' },
  ],
  load: async () => (await import('./action-get.ts')).getAction,
};

const remove: CommandDescription = {
  name: 'delete',
  summary: 'delete action',
  arguments: { usage: 'ACTION_NAME', min: 1, max: 1, hint: 'An action name is required.' },
  load: async () => (await import('./action-get.ts')).deleteAction,
};

const list: CommandDescription = {
  name: 'list',
  summary: 'list all actions in a namespace or actions contained in a package',
  arguments: {
    usage: '[/NAMESPACE | PACKAGE_NAME]',
    min: 0,
    max: 1,
    hint: 'An optional namespace is the only valid argument.',
  },
  examples: [
    { command: 'wsk action list', says: 'your own' },
    { command: 'wsk action list /whisk.system/utils', says: 'what a package of the platform holds' },
  ],
  options: [...listOptions('actions'), nameSortOption],
  load: async () => (await import('./action-list.ts')).listActions,
};

export const actionCommand: CommandDescription = {
  name: 'action',
  summary: 'work with actions',
  commands: [create, update, invoke, get, remove, list],
};
