import Type from 'typebox';

import {
  annotations,
  closed,
  flag,
  identityMembers,
  integer,
  oneOf,
  parameters,
  ref,
  text,
  updated,
} from './building-blocks.ts';
import { contractKinds } from './kinds.ts';

const limits = ref('ActionLimits');

export const actionSchemas = {
  KeyValue: closed({
    key: Type.Optional(text('Name')),
    value: Type.Optional(Type.Unknown({ description: 'Any JSON value' })),
  }),
  ActionLimits: closed({
    timeout: Type.Optional(integer('Milliseconds that a run may take')),
    memory: Type.Optional(integer('Megabytes that the container has')),
    logs: Type.Optional(integer('Megabytes of logs that are kept of a run')),
    concurrency: Type.Optional(integer('Runs at a time in one container')),
    instances: Type.Optional(integer('Containers at a time')),
  }),
  ActionExec: closed({
    kind: Type.Optional(oneOf(contractKinds, 'Runtime that runs the code')),
    code: Type.Optional(text('Source text, or base64 of an archive')),
    image: Type.Optional(text('Image of a blackbox action')),
    main: Type.Optional(text('Function that is called')),
    binary: Type.Optional(flag('Whether the code is base64')),
    components: Type.Optional(Type.Array(Type.String(), { description: 'Actions of a sequence' })),
  }),
  ActionExecMeta: closed({ binary: Type.Optional(flag('Whether the code is base64')) }),
  Action: closed({
    ...identityMembers,
    exec: ref('ActionExec'),
    limits,
    annotations,
    parameters,
    updated,
  }),
  ActionMeta: closed({ ...identityMembers, exec: ref('ActionExecMeta'), limits, annotations, updated }),
  ActionPut: Type.Object({
    namespace: Type.Optional(text('Ignored: the path says it')),
    name: Type.Optional(text('Ignored: the path says it')),
    version: Type.Optional(text('Instead of the next version')),
    publish: Type.Optional(flag('Whether others may use it')),
    exec: Type.Optional(ref('ActionExec')),
    limits: Type.Optional(limits),
    annotations,
    delAnnotations: Type.Optional(
      Type.Array(Type.String(), { description: 'Names of annotations to remove; updates only' }),
    ),
    parameters,
  }),
  ActionPayload: Type.Object({}, { description: 'Arguments by name', additionalProperties: true }),
};
