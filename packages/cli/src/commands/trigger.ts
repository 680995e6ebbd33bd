import type { CommandDescription, OptionDescription } from '../command/description.ts';
import { annotationOptions, listOptions, nameSortOption, parameterOptions } from './options.ts';

const nameArgument = { usage: 'TRIGGER_NAME', min: 1, max: 1, hint: 'A trigger name is required.' };

const putOptions: readonly OptionDescription[] = [
  ...annotationOptions,
  ...parameterOptions,
  {
    long: 'feed-param',
    short: 'F',
    value: 'KEY VALUE',
    summary: 'a parameter for the feed; with a feed and without -F and -T, -p does the same',
    entries: 'feed-param',
    repeatable: true,
  },
  {
    long: 'trigger-param',
    short: 'T',
    value: 'KEY VALUE',
    summary: 'a parameter of the trigger itself, beside those for its feed',
    entries: 'trigger-param',
    repeatable: true,
  },
];

const feedDetails =
  'A feed is an action that makes something outside fire the trigger: a clock, a web hook, a message queue. It is run once with the parameters given here, and again when the trigger is updated or deleted.';

const fire: CommandDescription = {
  name: 'fire',
  summary: 'fire trigger event',
  details: [
    'Runs the actions of all enabled rules of the trigger. The id is that of the trigger’s own activation, whose logs name them; it is empty where no rule is enabled.',
  ],
  examples: [{ command: 'wsk trigger fire uploaded -p file cat.png', says: 'an event with its data' }],
  arguments: nameArgument,
  options: parameterOptions,
  load: async () => (await import('./trigger-fire.ts')).fireTrigger,
};

const create: CommandDescription = {
  name: 'create',
  summary: 'create new trigger',
  details: [feedDetails, 'Where the feed refuses, the trigger is not kept.'],
  examples: [
    { command: 'wsk trigger create uploaded', says: 'one that you fire' },
    {
      command: "wsk trigger create nightly --feed /whisk.system/alarms/alarm -p cron '0 3 * * *'",
      says: 'one that a clock fires at three each night',
    },
  ],
  arguments: nameArgument,
  options: [
    ...putOptions,
    { long: 'feed', short: 'f', value: 'ACTION_NAME', summary: 'let this feed fire the trigger' },
  ],
  load: async () => (await import('./trigger-put.ts')).createTrigger,
};

const update: CommandDescription = {
  name: 'update',
  summary: 'update an existing trigger, or create a trigger if it does not exist',
  details: ['What is not given stays as it is. The feed of a trigger gets the new parameters.'],
  examples: [
    { command: "wsk trigger update nightly -p cron '0 4 * * *'", says: 'another time, for one of a clock' },
  ],
  arguments: nameArgument,
  options: putOptions,
  load: async () => (await import('./trigger-put.ts')).updateTrigger,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get trigger',
  details: ['Of a trigger with a feed, what its feed says about it.'],
  arguments: { ...nameArgument, usage: 'TRIGGER_NAME [FIELD]', max: 2 },
  options: [
    {
      long: 'summary',
      short: 's',
      summary: 'name, description and parameters; * marks bound ones, ** bound and final ones',
    },
  ],
  load: async () => (await import('./trigger-get.ts')).getTrigger,
};

const remove: CommandDescription = {
  name: 'delete',
  summary: 'delete trigger',
  details: ['Its feed is told first; the trigger is deleted whatever that answers.'],
  arguments: nameArgument,
  load: async () => (await import('./trigger-get.ts')).deleteTrigger,
};

const list: CommandDescription = {
  name: 'list',
  summary: 'list all triggers',
  arguments: {
    usage: '[/NAMESPACE]',
    min: 0,
    max: 1,
    hint: 'An optional namespace is the only valid argument.',
  },
  options: [...listOptions('triggers'), nameSortOption],
  load: async () => (await import('./trigger-get.ts')).listTriggers,
};

export const triggerCommand: CommandDescription = {
  name: 'trigger',
  summary: 'work with triggers',
  commands: [fire, create, update, get, remove, list],
};
