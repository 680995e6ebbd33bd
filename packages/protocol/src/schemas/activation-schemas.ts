import Type from 'typebox';

import {
  annotations,
  closed,
  flag,
  identityMembers,
  integer,
  oneOf,
  ref,
  text,
  time,
} from './building-blocks.ts';

const activationMembers = {
  ...identityMembers,
  activationId: text('32 hexadecimal digits'),
  start: time('When it began, in epoch milliseconds'),
  annotations,
  end: Type.Optional(time('When it ended, in epoch milliseconds')),
  duration: Type.Optional(integer('Milliseconds that it took')),
  cause: Type.Optional(text('Activation of the sequence that called it')),
  statusCode: Type.Optional(
    Type.Unsafe<number>({
      type: 'integer',
      enum: [0, 1, 2],
      description: 'Success, application error, developer error',
    }),
  ),
};

export const activationSchemas = {
  ActivationBrief: closed(activationMembers),
  Activation: closed({
    ...activationMembers,
    subject: text('Who invoked it'),
    response: ref('ActivationResult'),
    logs: Type.Array(Type.String(), { description: 'Lines of its standard output and error' }),
  }),
  ActivationResult: closed({
    status: Type.Optional(
      oneOf(
        ['success', 'application error', 'action developer error', 'whisk internal error'],
        'How it ended',
      ),
    ),
    result: Type.Optional(Type.Unknown({ description: 'What the action returned' })),
    success: Type.Optional(flag('Whether it succeeded')),
    size: Type.Optional(integer("Length of the container's answer")),
  }),
  ActivationLogs: closed({ logs: Type.Optional(Type.Array(Type.String())) }),
  ActivationId: closed({ activationId: text('32 hexadecimal digits') }),
};
