import type { ActivationRecord } from './activation.ts';
import type { EntityName, Identity } from './entities.ts';

/** Names of locked arguments and the schemes that they are locked under. */
export type LockedArguments = { readonly [name: string]: string };

/** A request to run an action once. In one process it travels as this object; a codec serves other buses. */
export interface ActivationMessage {
  readonly transactionId: string;
  /** The client's transaction, where this is a part of a sequence or composition. */
  readonly parentTransactionId?: string;
  /** Epoch milliseconds of the client's request: `waitTime` counts from here. */
  readonly transactionStart: number;
  readonly activationId: string;
  readonly action: EntityName;
  readonly version: string;
  /** The store's revision of the action: what was resolved is what runs. */
  readonly revision: string;
  readonly user: Identity;
  readonly blocking: boolean;
  /** Merged arguments as JSON text (object or array); absent means `{}`. */
  readonly content?: string;
  /** Argument names that go into the environment at `/init`. */
  readonly initArgs: readonly string[];
  /** Arguments whose values in `content` are locked, and how each is. Absent: none is. */
  readonly lockedArgs?: LockedArguments;
  /** Which versions of its package and binding give parameters to its environment: others need another container. */
  readonly environment?: string;
  readonly cause?: string;
  readonly binding?: string;
  /** It is made of other actions: a controller runs it, no invoker. `content` then holds the bare payload. */
  readonly composite?: 'sequence' | 'composition';
  /** W3C `traceparent` of what it is part of. */
  readonly traceparent?: string;
  /** Its steps are logged whatever the level, and its record is kept whatever the store levels. */
  readonly extraLogging?: true;
  /** True when the journal holds the intent and its arguments: such a one is run again after a crash. */
  readonly durable: boolean;
}

/** The result of an activation, for a client who waits. */
export interface ResultMessage {
  readonly type: 'result';
  readonly transactionId: string;
  readonly record: ActivationRecord;
}

/** The slot of an activation is free again. */
export interface CompletionMessage {
  readonly type: 'completion';
  readonly transactionId: string;
  readonly activationId: string;
  readonly isSystemError: boolean;
  /** Its record could not be written, and may never be: nothing may be promised of it. */
  readonly unrecorded?: true;
  readonly invoker: number;
}

/** Both at once. */
export interface CombinedMessage {
  readonly type: 'combined';
  readonly transactionId: string;
  readonly record: ActivationRecord;
  readonly isSystemError: boolean;
  readonly invoker: number;
}

export type AcknowledgementMessage = ResultMessage | CompletionMessage | CombinedMessage;

/** An invoker is alive. */
export interface PingMessage {
  readonly invoker: number;
  readonly userMemoryMb: number;
  readonly enabled: boolean;
}
