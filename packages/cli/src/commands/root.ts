import type { CommandDescription } from '../command/description.ts';
import { actionCommand } from './action.ts';
import { activationCommand } from './activation.ts';
import { apiCommand } from './api.ts';
import { devCommand } from './dev.ts';
import { nameSortOption } from './options.ts';
import { packageCommand } from './package.ts';
import { projectCommand } from './project.ts';
import { propertyCommand } from './property.ts';
import { ruleCommand } from './rule.ts';
import { sdkCommand } from './sdk.ts';
import { triggerCommand } from './trigger.ts';

const getNamespace = async () => (await import('./namespace-get.ts')).getNamespace;
const namespaceHint = 'An optional namespace is the only valid argument.';

const list: CommandDescription = {
  name: 'list',
  summary: 'list entities in the current namespace',
  details: ['The same as: wsk namespace get'],
  arguments: { usage: '[/NAMESPACE]', min: 0, max: 1, hint: namespaceHint },
  options: [nameSortOption],
  load: getNamespace,
};

const namespace: CommandDescription = {
  name: 'namespace',
  summary: 'work with namespaces',
  commands: [
    {
      name: 'list',
      summary: 'list available namespaces',
      arguments: { usage: '', min: 0, max: 0, hint: 'No arguments are required.' },
      load: async () => (await import('./namespace-get.ts')).listNamespaces,
    },
    {
      name: 'get',
      summary: 'list packages, actions, triggers and rules of a namespace',
      arguments: { usage: '[/NAMESPACE]', min: 0, max: 1, hint: namespaceHint },
      options: [nameSortOption],
      load: getNamespace,
    },
  ],
};

const completion: CommandDescription = {
  name: 'completion',
  summary: 'print a completion script for bash, zsh or fish',
  examples: [
    { command: 'source <(wsk completion bash)', says: 'in ~/.bashrc' },
    { command: 'source <(wsk completion zsh)', says: 'in ~/.zshrc, after compinit' },
    { command: 'wsk completion fish > ~/.config/fish/completions/wsk.fish', says: 'once, for fish' },
  ],
  arguments: {
    usage: 'bash|zsh|fish',
    min: 1,
    max: 1,
    hint: 'A shell is required: bash, zsh or fish.',
    choices: ['bash', 'zsh', 'fish'],
  },
  load: async () => (await import('./completion.ts')).printCompletion,
};

const help: CommandDescription = {
  name: 'help',
  summary: 'help for any command',
  examples: [{ command: 'wsk help action create', says: 'the same as: wsk action create --help' }],
  arguments: {
    usage: '[COMMAND]',
    min: 0,
    max: 3,
    hint: 'The words of a command are the only valid arguments.',
  },
  load: async () => (await import('./help.ts')).printHelp,
};

/** Every command there is. */
export const rootCommand: CommandDescription = {
  name: 'wsk',
  summary: 'OpenWhisk cloud computing command line interface.',
  examples: [
    { command: 'wsk property set --apihost http://127.0.0.1:3233 --auth UUID:KEY', says: 'once' },
    { command: 'wsk action create hello hello.js', says: 'a function from a file' },
    { command: 'wsk action invoke hello -r -p name you', says: 'run it' },
    { command: 'wsk activation logs --last', says: 'what it printed' },
  ],
  commands: [
    actionCommand,
    activationCommand,
    apiCommand,
    completion,
    devCommand,
    help,
    list,
    namespace,
    packageCommand,
    projectCommand,
    propertyCommand,
    ruleCommand,
    sdkCommand,
    triggerCommand,
  ],
};
