import type { CommandDescription } from '../command/description.ts';
import { annotationOptions, listOptions, nameSortOption } from './options.ts';

const nameArgument = { usage: 'RULE_NAME', min: 1, max: 1, hint: 'A rule name is required.' };
const putArguments = {
  usage: 'RULE_NAME TRIGGER_NAME ACTION_NAME',
  min: 3,
  max: 3,
  hint: 'A rule, trigger and action name are required.',
};

const enable: CommandDescription = {
  name: 'enable',
  summary: 'enable rule',
  arguments: nameArgument,
  load: async () => (await import('./rule-state.ts')).enableRule,
};

const disable: CommandDescription = {
  name: 'disable',
  summary: 'disable rule',
  details: ['While a rule is disabled, its trigger does not run its action.'],
  arguments: nameArgument,
  load: async () => (await import('./rule-state.ts')).disableRule,
};

const status: CommandDescription = {
  name: 'status',
  summary: 'get rule status',
  arguments: nameArgument,
  load: async () => (await import('./rule-state.ts')).showRuleStatus,
};

const create: CommandDescription = {
  name: 'create',
  summary: 'create new rule',
  details: [
    'From now on, each time that the trigger fires, the action runs with what came with the event. A trigger may have many rules, and an action be run by many.',
  ],
  examples: [
    { command: 'wsk rule create thumbnails uploaded images/thumbnail', says: 'on each upload, a thumbnail' },
  ],
  arguments: putArguments,
  options: annotationOptions,
  load: async () => (await import('./rule-put.ts')).createRule,
};

const update: CommandDescription = {
  name: 'update',
  summary: 'update an existing rule, or create a rule if it does not exist',
  details: ['The rule stays enabled or disabled as it was.'],
  arguments: putArguments,
  options: annotationOptions,
  load: async () => (await import('./rule-put.ts')).updateRule,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get rule',
  arguments: { ...nameArgument, usage: 'RULE_NAME [FIELD]', max: 2 },
  options: [{ long: 'summary', short: 's', summary: 'name and status only' }],
  load: async () => (await import('./rule-get.ts')).getRule,
};

const remove: CommandDescription = {
  name: 'delete',
  summary: 'delete rule',
  arguments: nameArgument,
  options: [{ long: 'disable', summary: 'disable the rule before deleting it' }],
  load: async () => (await import('./rule-get.ts')).deleteRule,
};

const list: CommandDescription = {
  name: 'list',
  summary: 'list all rules',
  arguments: {
    usage: '[/NAMESPACE]',
    min: 0,
    max: 1,
    hint: 'An optional namespace is the only valid argument.',
  },
  options: [...listOptions('rules'), nameSortOption],
  load: async () => (await import('./rule-get.ts')).listRules,
};

export const ruleCommand: CommandDescription = {
  name: 'rule',
  summary: 'work with rules',
  commands: [enable, disable, status, create, update, get, remove, list],
};
