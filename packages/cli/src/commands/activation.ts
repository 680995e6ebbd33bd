import type { ArgumentsDescription, CommandDescription, OptionDescription } from '../command/description.ts';
import { listOptions } from './options.ts';

const last: OptionDescription = {
  long: 'last',
  short: 'l',
  summary: 'take the latest activation instead of an id',
};

/** The id's presence is checked once it is known whether `--last` stands for it. */
function idArgument(usage: string, max: number): ArgumentsDescription {
  return { usage, min: 0, max, hint: 'An activation ID is required.' };
}

function since(unit: string): OptionDescription {
  return {
    long: `since-${unit}`,
    value: unit.toUpperCase(),
    integer: true,
    summary: `begin with activations of this many ${unit} ago`,
  };
}

const list: CommandDescription = {
  name: 'list',
  summary: 'list activations',
  examples: [
    { command: 'wsk activation list hello -l 5', says: 'the latest five of one action' },
    { command: 'wsk activation list --since 1700000000000 -f', says: 'whole records since a moment' },
  ],
  arguments: {
    usage: '[/NAMESPACE | ACTION_NAME]',
    min: 0,
    max: 1,
    hint: 'An optional namespace is the only valid argument.',
  },
  options: [
    ...listOptions('activations', ' (200 at most)'),
    { long: 'full', short: 'f', summary: 'print whole records' },
    {
      long: 'upto',
      value: 'UPTO',
      integer: true,
      summary: 'those that started no later; milliseconds since 1 January 1970',
    },
    {
      long: 'since',
      value: 'SINCE',
      integer: true,
      summary: 'those that started no earlier; milliseconds since 1 January 1970',
    },
  ],
  load: async () => (await import('./activation-list.ts')).listActivations,
};

const get: CommandDescription = {
  name: 'get',
  summary: 'get activation',
  examples: [
    { command: 'wsk activation get --last', says: 'the latest record' },
    { command: 'wsk activation get --last response', says: 'one field of it' },
  ],
  arguments: idArgument('(ACTIVATION_ID | --last) [FIELD]', 2),
  options: [
    last,
    { long: 'logs', short: 'g', summary: 'print the logs only, without timestamps and streams' },
    { long: 'summary', short: 's', summary: 'print the outcome and the result only' },
  ],
  load: async () => (await import('./activation-get.ts')).getActivation,
};

const logs: CommandDescription = {
  name: 'logs',
  summary: 'get the logs of an activation',
  details: [
    'Control characters are shown as \\x1b, so that an action cannot steer your terminal: Vibrissa keeps logs so, and those of other platforms are shown so on terminals.',
  ],
  examples: [
    {
      command: 'wsk activation logs --last --strip',
      says: 'what the latest activation printed, and no more',
    },
  ],
  arguments: idArgument('(ACTIVATION_ID | --last)', 1),
  options: [last, { long: 'strip', short: 'r', summary: 'leave out timestamps and streams' }],
  load: async () => (await import('./activation-get.ts')).getActivationLogs,
};

const result: CommandDescription = {
  name: 'result',
  summary: 'get the result of an activation',
  examples: [{ command: 'wsk activation result --last', says: 'of the latest one' }],
  arguments: idArgument('(ACTIVATION_ID | --last)', 1),
  options: [last],
  load: async () => (await import('./activation-get.ts')).getActivationResult,
};

const poll: CommandDescription = {
  name: 'poll',
  summary: 'poll continuously for log messages from currently running actions',
  details: ['Ctrl-C ends it.'],
  examples: [
    { command: 'wsk activation poll hello --since-minutes 5', says: 'one action, from five minutes ago on' },
  ],
  arguments: {
    usage: '[/NAMESPACE | ACTION_NAME]',
    min: 0,
    max: 1,
    hint: 'An optional namespace is the only valid argument.',
  },
  options: [
    { long: 'exit', short: 'e', value: 'SECONDS', integer: true, summary: 'stop after this many seconds' },
    since('seconds'),
    since('minutes'),
    since('hours'),
    since('days'),
  ],
  load: async () => (await import('./activation-poll.ts')).pollActivations,
};

export const activationCommand: CommandDescription = {
  name: 'activation',
  summary: 'work with activations',
  commands: [list, get, logs, result, poll],
};
