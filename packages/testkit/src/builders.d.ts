import type { ActionEntity, ActivationMessage, ActivationRecord, Identity } from '@vibrissa/protocol';
/** The owner of namespace `guest` with every right. */
export declare function anIdentity(over?: Partial<Identity>): Identity;
/** `guest/hello`, a Node.js action with the standard limits. */
export declare function anAction(over?: Partial<ActionEntity>): ActionEntity;
/** The entity as a store gives it. */
export declare function aStored<E>(entity: E, revision?: string): {
    readonly entity: E;
    readonly revision: string;
};
/** A fresh activation id: 32 hexadecimal digits, counted up. */
export declare function anActivationId(): string;
/** A blocking request to run `guest/hello`. */
export declare function aMessage(over?: Partial<ActivationMessage>): ActivationMessage;
/** A successful warm run of `guest/hello` that answered `{"ok":true}`. */
export declare function aRecord(over?: Partial<ActivationRecord>): ActivationRecord;
//# sourceMappingURL=builders.d.ts.map