import type { OperationOf } from '../administration/operation.ts';
import { parseValue } from '../config/parse-value.ts';
import type { SettingValue, Unit } from '../config/setting.ts';
import { runOperation, type Meant } from './admin-operation.ts';
import type { Command, CommandCall, CommandOption } from './command.ts';
import { configOptions } from './gather-config.ts';

type Limits = OperationOf<'limits set'>['limits'];

/** How each limit is read; the flags have wskadmin's spelling, where it has them. */
const limitUnits: { readonly [name in keyof Limits]-?: Unit | 'boolean' | 'array' } = {
  invocationsPerMinute: 'count',
  firesPerMinute: 'count',
  concurrentInvocations: 'count',
  maxAlarms: 'count',
  maxWebhooks: 'count',
  allowedKinds: 'array',
  storeActivations: 'boolean',
  minActionMemory: 'MB',
  maxActionMemory: 'MB',
  minActionLogs: 'MB',
  maxActionLogs: 'MB',
  minActionTimeout: 'ms',
  maxActionTimeout: 'ms',
  minActionConcurrency: 'count',
  maxActionConcurrency: 'count',
  maxParameterSize: 'bytes',
  maxPayloadSize: 'bytes',
  truncationSize: 'bytes',
};

const words: { readonly [unit in Unit | 'boolean' | 'array']?: string } = {
  boolean: 'true|false',
  array: 'kind...',
  MB: 'megabytes',
  ms: 'milliseconds',
  bytes: 'bytes',
};

const descriptions: { readonly [name in keyof Limits]-?: string } = {
  invocationsPerMinute: 'Invocations in a calendar minute; 0 stops them.',
  firesPerMinute: 'Trigger fires in a calendar minute.',
  concurrentInvocations: 'Invocations at a time; 0 stops them.',
  maxAlarms: 'Alarms it may have; those that it has stay.',
  maxWebhooks: 'Webhooks it may have; those that it has stay.',
  allowedKinds: 'Kinds of actions that may be created and run.',
  storeActivations: 'Whether activation records are kept.',
  minActionMemory: 'Least memory an action may ask for.',
  maxActionMemory: 'Most memory an action may ask for.',
  minActionLogs: 'Smallest log limit an action may ask for.',
  maxActionLogs: 'Largest log limit an action may ask for.',
  minActionTimeout: 'Shortest time limit an action may ask for.',
  maxActionTimeout: 'Longest time limit an action may ask for.',
  minActionConcurrency: 'Least concurrency an action may ask for.',
  maxActionConcurrency: 'Most concurrency an action may ask for.',
  maxParameterSize: 'Largest bound parameters of an action.',
  maxPayloadSize: 'Largest arguments and results.',
  truncationSize: 'What is kept of a result that is larger.',
};

const names = Object.keys(limitUnits) as (keyof Limits)[];

const limitOptions: readonly CommandOption[] = names.map((name) => ({
  flags: `--${name} <${words[limitUnits[name]] ?? 'count'}>`,
  description: descriptions[name],
}));

function read(name: keyof Limits, value: unknown): ReturnType<typeof parseValue> {
  const kind = limitUnits[name];
  if (kind === 'boolean' || kind === 'array') {
    return parseValue({ path: name, type: kind, description: '' }, value);
  }
  return parseValue({ path: name, type: 'integer', unit: kind, description: '' }, value);
}

function meantBy({ args, options }: CommandCall): Meant {
  const limits: { [name: string]: SettingValue } = {};
  for (const name of names) {
    if (options[name] === undefined) continue;
    const parsed = read(name, options[name]);
    if (!parsed.ok) return { ok: false, what: `--${name} ${parsed.why}.` };
    limits[name] = parsed.value;
  }
  if (Object.keys(limits).length === 0) {
    return { ok: false, what: 'no limit is given.', mend: 'vibrissa admin limits set --help lists them.' };
  }
  return {
    ok: true,
    operation: { operation: 'limits set', namespace: args[0] as string, limits: limits as Limits },
  };
}

const namespaceArgument = { name: 'namespace', description: 'The namespace.' };

/** `vibrissa admin limits …` */
export const adminLimits: Command = {
  name: 'limits',
  summary: "Limits of one namespace, in place of the platform's.",
  commands: [
    {
      name: 'set',
      summary: 'Sets limits of a namespace; those not named stay as they are.',
      args: [namespaceArgument],
      options: [...limitOptions, ...configOptions],
      examples: ['vibrissa admin limits set guest --invocationsPerMinute 600 --concurrentInvocations 100'],
      run: (call) => runOperation(call, meantBy(call)),
    },
    {
      name: 'get',
      summary: 'Prints the limits that were set for a namespace.',
      args: [namespaceArgument],
      options: configOptions,
      run: (call) => {
        const operation = { operation: 'limits get', namespace: call.args[0] as string } as const;
        return runOperation(call, { ok: true, operation });
      },
    },
    {
      name: 'delete',
      summary: "Lets the platform's limits apply again.",
      args: [namespaceArgument],
      options: configOptions,
      run: (call) => {
        const operation = { operation: 'limits delete', namespace: call.args[0] as string } as const;
        return runOperation(call, { ok: true, operation });
      },
    },
  ],
};
