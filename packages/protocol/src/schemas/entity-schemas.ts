import Type from 'typebox';

import {
  annotations,
  closed,
  flag,
  identityMembers,
  integer,
  oneOf,
  parameters,
  text,
  updated,
} from './building-blocks.ts';

const pathAndName = () => closed({ path: text('`ns` or `ns/pkg`'), name: Type.Optional(text('Name')) });

const reference = (what: string) => Type.Unknown({ description: `${what}: \`/ns/name\`, or path and name` });

const ruleMembers = {
  ...identityMembers,
  trigger: pathAndName(),
  action: pathAndName(),
  annotations,
  updated,
};

const packagedEntity = Type.Array(
  closed({ name: text('Name'), version: text('Semantic version'), annotations, parameters }),
);

const limit = (description: string) => Type.Optional(integer(description));

/** Definitions of packages, triggers, rules and namespaces. */
export const entitySchemas = {
  EntityBrief: closed({ ...identityMembers, annotations, updated }),
  Rule: closed({
    ...ruleMembers,
    status: Type.Optional(
      oneOf(['active', 'inactive', 'activating', 'deactivating'], 'Whether the trigger fires the action'),
    ),
  }),
  RuleMeta: closed(ruleMembers),
  Trigger: closed({
    ...identityMembers,
    annotations,
    parameters,
    limits: Type.Optional(Type.Object({})),
    rules: Type.Optional(Type.Object({}, { description: 'Rules by name' })),
    updated,
  }),
  TriggerMeta: closed({ ...identityMembers, annotations, updated }),
  TriggerPut: Type.Object({
    namespace: Type.Optional(text('Ignored: the path says it')),
    name: Type.Optional(text('Ignored: the path says it')),
    version: Type.Optional(text('Instead of the next version')),
    publish: Type.Optional(flag('Kept, and without effect')),
    annotations,
    parameters,
    limits: Type.Optional(Type.Object({})),
  }),
  RulePut: Type.Object({
    name: Type.Optional(text('Ignored: the path says it')),
    version: Type.Optional(text('Instead of the next version')),
    publish: Type.Optional(flag('Kept, and without effect')),
    annotations,
    trigger: Type.Optional(reference('Trigger that fires it')),
    action: Type.Optional(reference('Action that it invokes')),
  }),
  RuleState: Type.Object({ status: oneOf(['active', 'inactive'], 'Whether the trigger fires the action') }),
  Package: closed({
    ...identityMembers,
    annotations,
    parameters,
    binding: Type.Optional(Type.Unknown({ description: 'The package that it binds' })),
    actions: Type.Optional(packagedEntity),
    feeds: Type.Optional(packagedEntity),
    updated,
  }),
  PackagePut: Type.Object({
    namespace: Type.Optional(text('Ignored: the path says it')),
    name: Type.Optional(text('Ignored: the path says it')),
    version: Type.Optional(text('Instead of the next version')),
    publish: Type.Optional(flag('Whether everybody may read it and invoke what it holds')),
    annotations,
    parameters,
    binding: Type.Optional(
      Type.Object(
        {
          namespace: Type.Optional(text('Namespace; `_` is the caller’s own')),
          name: Type.Optional(text('Name')),
        },
        { description: 'The package that it binds; nothing for a package of its own' },
      ),
    ),
  }),
  UserLimits: closed({
    invocationsPerMinute: limit('Invocations a minute'),
    concurrentInvocations: limit('Invocations at a time'),
    firesPerMinute: limit('Trigger fires a minute'),
    allowedKinds: Type.Optional(Type.Array(Type.String(), { description: 'Kinds that may be used' })),
    storeActivations: Type.Optional(flag('Whether records are kept')),
    maxParameterSize: Type.Optional(text('Largest bound parameters, as `1048576 B`')),
    minActionMemory: limit('Least memory of an action, megabytes'),
    maxActionMemory: limit('Most memory of an action, megabytes'),
    minActionTimeout: limit('Least time limit of an action, milliseconds'),
    maxActionTimeout: limit('Most time limit of an action, milliseconds'),
    minActionLogs: limit('Least log limit of an action, megabytes'),
    maxActionLogs: limit('Most log limit of an action, megabytes'),
    minActionConcurrency: limit('Least concurrency of an action'),
    maxActionConcurrency: limit('Most concurrency of an action'),
    maxActionInstances: limit('Containers of one action at a time'),
  }),
  Count: Type.Object({}, { description: 'How many, under the name of the collection' }),
  ErrorMessage: closed({
    error: text('What went wrong'),
    code: Type.Optional(text("The transaction's id; absent from answers of failed actions")),
  }),
};
