import type {
  ActionEntity,
  ActivationMessage,
  ActivationRecord,
  Identity,
  PackageEntity,
} from '@vibrissa/protocol';

const GUEST_UUID = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const GUEST_KEY = '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

/** The owner of namespace `guest` with every right. */
export function anIdentity(over: Partial<Identity> = {}): Identity {
  return {
    subject: 'guest',
    namespace: { name: 'guest', uuid: GUEST_UUID },
    authkey: `${GUEST_UUID}:${GUEST_KEY}`,
    rights: ['READ', 'PUT', 'DELETE', 'ACTIVATE'],
    limits: {},
    ...over,
  };
}

/** `guest/hello`, a Node.js action with the standard limits. */
export function anAction(over: Partial<ActionEntity> = {}): ActionEntity {
  return {
    entityType: 'action',
    namespace: 'guest',
    name: 'hello',
    version: '0.0.1',
    publish: false,
    updated: 1_700_000_000_000,
    exec: { kind: 'nodejs:20', binary: false, codeDigest: 'c0de', size: 42 },
    parameters: [],
    annotations: [],
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
    ...over,
  };
}

/** The entity as a store gives it. */
export function aStored<E>(entity: E, revision = '1-a'): { readonly entity: E; readonly revision: string } {
  return { entity, revision };
}

/** The action as an invocation gets it, in the default package. */
export function aTarget(action: ActionEntity = anAction(), revision = '1-a') {
  return {
    name: { namespace: action.namespace, name: action.name },
    action: aStored(action, revision),
    packageParameters: [],
  } as const;
}

/** `guest/box`, a private package without parameters. */
export function aPackage(over: Partial<PackageEntity> = {}): PackageEntity {
  return {
    entityType: 'package',
    namespace: 'guest',
    name: 'box',
    version: '0.0.1',
    publish: false,
    updated: 1_700_000_000_000,
    parameters: [],
    annotations: [],
    ...over,
  };
}

let count = 0;

/** A fresh activation id: 32 hexadecimal digits, counted up. */
export function anActivationId(): string {
  count += 1;
  return count.toString(16).padStart(32, '0');
}

/** A blocking request to run `guest/hello`. */
export function aMessage(over: Partial<ActivationMessage> = {}): ActivationMessage {
  return {
    transactionId: 'transaction',
    transactionStart: 1_700_000_000_000,
    activationId: anActivationId(),
    action: { namespace: 'guest', name: 'hello' },
    version: '0.0.1',
    revision: '1-a',
    user: anIdentity(),
    blocking: true,
    initArgs: [],
    durable: false,
    ...over,
  };
}

/** A successful warm run of `guest/hello` that answered `{"ok":true}`. */
export function aRecord(over: Partial<ActivationRecord> = {}): ActivationRecord {
  return {
    activationId: anActivationId(),
    namespace: 'guest',
    subject: 'guest',
    path: 'guest/hello',
    name: 'hello',
    version: '0.0.1',
    start: 1_700_000_000_000,
    end: 1_700_000_000_005,
    duration: 5,
    waitTime: 2,
    kind: 'nodejs:20',
    timeout: false,
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
    response: { statusCode: 0, resultJson: '{"ok":true}', size: 11 },
    ...over,
  };
}
