import type { CommandDescription, OptionDescription } from '../command/description.ts';
import {
  annotationOptions,
  environmentOptions,
  listOptions,
  nameSortOption,
  parameterOptions,
} from './options.ts';

const nameArgument = { usage: 'PACKAGE_NAME', min: 1, max: 1, hint: 'A package name is required.' };
const namespaceArgument = {
  usage: '[/NAMESPACE]',
  min: 0,
  max: 1,
  hint: 'An optional namespace is the only valid argument.',
};

const putOptions: readonly OptionDescription[] = [
  ...annotationOptions,
  ...environmentOptions,
  ...parameterOptions,
  {
    long: 'shared',
    value: 'SCOPE',
    summary: 'yes: everybody may use the package; no: its namespace alone',
    choices: ['yes', 'no'],
  },
];

const bind: CommandDescription = {
  name: 'bind',
  summary: 'bind parameters to a package',
  details: [
    'A binding is a package of your own that holds the actions of another one. Parameters given here win over those of the package; the actions stay where they are, and follow their changes.',
  ],
  examples: [
    {
      command: 'wsk package bind /whisk.system/samples mine -p name you',
      says: 'the samples, with a parameter of your own',
    },
    { command: 'wsk action invoke mine/greeting -r', says: 'run one of them' },
  ],
  arguments: {
    usage: 'PACKAGE_NAME BOUND_PACKAGE_NAME',
    min: 2,
    max: 2,
    hint: 'A package name and binding name are required.',
  },
  options: [
    ...annotationOptions,
    ...environmentOptions,
    { long: 'overwrite', short: 'o', summary: 'replace a binding of that name' },
    ...parameterOptions,
  ],
  load: async () => (await import('./package-put.ts')).bindPackage,
};

const create: CommandDescription = {
  name: 'create',
  summary: 'create a new package',
  details: [
    'A package holds actions, and parameters that all of them get. Actions are put into it by their name, as PACKAGE/ACTION.',
  ],
  examples: [
    { command: 'wsk package create tools -p unit km', says: 'with a parameter for all its actions' },
    { command: 'wsk action create tools/convert convert.js', says: 'an action in it' },
  ],
  arguments: nameArgument,
  options: putOptions,
  load: async () => (await import('./package-put.ts')).createPackage,
};

const update: CommandDescription = {
  name: 'update',
  summary: 'update an existing package, or create a package if it does not exist',
  details: [
    'What is not given stays as it is. Parameters and variables (-p, -P, -e, -E) together replace all that were bound before.',
  ],
  examples: [{ command: 'wsk package update tools --shared yes', says: 'let everybody use it' }],
  arguments: nameArgument,
  options: putOptions,
  load: async () => (await import('./package-put.ts')).updatePackage,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get package',
  examples: [
    { command: 'wsk package get tools -s', says: 'what is in it, and which parameters that takes' },
    { command: 'wsk package get tools actions', says: 'one field of its document' },
  ],
  arguments: { ...nameArgument, usage: 'PACKAGE_NAME [FIELD]', max: 2 },
  options: [
    {
      long: 'summary',
      short: 's',
      summary: 'the package, its actions and feeds; * marks bound parameters, ** bound and final ones',
    },
  ],
  load: async () => (await import('./package-get.ts')).getPackage,
};

const remove: CommandDescription = {
  name: 'delete',
  summary: 'delete package',
  details: ['A package that holds actions is not deleted, unless --force deletes them with it.'],
  arguments: nameArgument,
  options: [{ long: 'force', summary: 'delete the actions in it too' }],
  load: async () => (await import('./package-get.ts')).deletePackage,
};

const list: CommandDescription = {
  name: 'list',
  summary: 'list all packages in a namespace',
  details: ['In a namespace of somebody else, those that are shared.'],
  examples: [{ command: 'wsk package list /whisk.system', says: 'packages that the platform brings' }],
  arguments: namespaceArgument,
  options: [...listOptions('packages'), nameSortOption],
  load: async () => (await import('./package-get.ts')).listPackages,
};

const refresh: CommandDescription = {
  name: 'refresh',
  summary: 'refresh package bindings',
  details: [
    'Asks the platform to make bindings of services anew, where it has any; neither Vibrissa nor OpenWhisk itself does.',
  ],
  arguments: namespaceArgument,
  load: async () => (await import('./package-refresh.ts')).refreshPackages,
};

export const packageCommand: CommandDescription = {
  name: 'package',
  summary: 'work with packages',
  commands: [bind, create, update, get, remove, list, refresh],
};
