import { Type, type Static } from 'typebox';

/** Limits of a namespace as the administrator names them; the wire form of `limits set`. */
const limitsSchema = Type.Partial(
  Type.Object({
    invocationsPerMinute: Type.Integer({ minimum: 0 }),
    firesPerMinute: Type.Integer({ minimum: 0 }),
    concurrentInvocations: Type.Integer({ minimum: 0 }),
    maxAlarms: Type.Integer({ minimum: 0 }),
    maxWebhooks: Type.Integer({ minimum: 0 }),
    allowedKinds: Type.Array(Type.String()),
    storeActivations: Type.Boolean(),
    minActionMemory: Type.Integer({ minimum: 0 }),
    maxActionMemory: Type.Integer({ minimum: 0 }),
    minActionLogs: Type.Integer({ minimum: 0 }),
    maxActionLogs: Type.Integer({ minimum: 0 }),
    minActionTimeout: Type.Integer({ minimum: 0 }),
    maxActionTimeout: Type.Integer({ minimum: 0 }),
    minActionConcurrency: Type.Integer({ minimum: 0 }),
    maxActionConcurrency: Type.Integer({ minimum: 0 }),
    maxParameterSize: Type.Integer({ minimum: 0 }),
    maxPayloadSize: Type.Integer({ minimum: 0 }),
    truncationSize: Type.Integer({ minimum: 0 }),
  }),
);

const subject = Type.String();
const namespace = Type.String();

/**
 * What an administrator can ask for: the functions of OpenWhisk's `wskadmin`, and the master keys. The command line sends one of these to
 * the running platform's admin listener, or carries it out on the store itself when no platform runs.
 */
export const operationSchema = Type.Union([
  Type.Object({
    operation: Type.Literal('user create'),
    subject,
    /** `uuid:key`; drawn when absent. */
    auth: Type.Optional(Type.String()),
    namespace: Type.Optional(namespace),
    /** Replace the key of a namespace that exists. */
    revoke: Type.Optional(Type.Boolean()),
    /** Only draw a key, keep nothing. */
    generateOnly: Type.Optional(Type.Boolean()),
  }),
  Type.Object({
    operation: Type.Literal('user delete'),
    subject,
    namespace: Type.Optional(namespace),
  }),
  Type.Object({
    operation: Type.Literal('user get'),
    subject,
    namespace: Type.Optional(namespace),
    all: Type.Optional(Type.Boolean()),
  }),
  Type.Object({ operation: Type.Literal('user whois'), auth: Type.String() }),
  Type.Object({
    operation: Type.Literal('user list'),
    namespace,
    pick: Type.Optional(Type.Integer({ minimum: 1 })),
    all: Type.Optional(Type.Boolean()),
    keyOnly: Type.Optional(Type.Boolean()),
  }),
  Type.Object({ operation: Type.Literal('user block'), subjects: Type.Array(subject) }),
  Type.Object({ operation: Type.Literal('user unblock'), subjects: Type.Array(subject) }),
  Type.Object({ operation: Type.Literal('limits set'), namespace, limits: limitsSchema }),
  Type.Object({ operation: Type.Literal('limits get'), namespace }),
  Type.Object({ operation: Type.Literal('limits delete'), namespace }),
  Type.Object({ operation: Type.Literal('keys reload') }),
]);

export type Operation = Static<typeof operationSchema>;

/** The operation of one name. */
export type OperationOf<N extends Operation['operation']> = Extract<Operation, { operation: N }>;

/** What the administrator reads, and the exit code: 0 done, 1 failed, 2 called wrongly. */
export const answerSchema = Type.Object({
  exitCode: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]),
  lines: Type.Array(Type.String()),
});

export type Answer = Static<typeof answerSchema>;
