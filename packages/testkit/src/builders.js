const GUEST_UUID = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const GUEST_KEY = '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
/** The owner of namespace `guest` with every right. */
export function anIdentity(over = {}) {
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
export function anAction(over = {}) {
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
export function aStored(entity, revision = '1-a') {
    return { entity, revision };
}
let count = 0;
/** A fresh activation id: 32 hexadecimal digits, counted up. */
export function anActivationId() {
    count += 1;
    return count.toString(16).padStart(32, '0');
}
/** A blocking request to run `guest/hello`. */
export function aMessage(over = {}) {
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
export function aRecord(over = {}) {
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
//# sourceMappingURL=builders.js.map