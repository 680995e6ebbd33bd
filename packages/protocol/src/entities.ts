import type { Json, KeyValue } from './json.ts';

/** A parameter as stored and shown; `init` ones become environment variables at `/init`. */
export interface Parameter extends KeyValue {
  init?: boolean;
  /** How `value` is locked (`aes-128`, `aes-256`): a base64 text then. Absent: it is in clear. */
  encryption?: string;
}

/** `namespace[/package]/name` taken apart. */
export interface EntityName {
  readonly namespace: string;
  readonly package?: string;
  readonly name: string;
}

/** Limits of one action: milliseconds, megabytes, megabytes, counts. */
export interface ActionLimits {
  timeout: number;
  memory: number;
  logs: number;
  concurrency: number;
  /** Containers that it may have at a time in a namespace; absent: as many as there is room for. */
  instances?: number;
}

/** Code that a managed runtime runs (`nodejs:20`, `python:3.11`, …). `code` is base64 when `binary`. */
export interface CodeExec {
  kind: string;
  code: string;
  binary: boolean;
  main?: string;
}

/** A user's own image. */
export interface BlackboxExec {
  kind: 'blackbox';
  image: string;
  code?: string;
  binary: boolean;
  main?: string;
}

/** Actions run one after another; names with a leading slash. */
export interface SequenceExec {
  kind: 'sequence';
  components: string[];
}

export type Exec = CodeExec | BlackboxExec | SequenceExec;

/**
 * An action as the store keeps it. The code of an `exec` lies in the attachment store under `codeDigest`
 * (absent: the exec has no code), so that metadata stay small enough to cache.
 */
export interface ActionEntity {
  readonly entityType: 'action';
  /** `ns` or `ns/pkg`. */
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly publish: boolean;
  /** Epoch milliseconds of the last write. */
  readonly updated: number;
  readonly exec: ExecMeta;
  readonly parameters: readonly Parameter[];
  readonly annotations: readonly KeyValue[];
  readonly limits: ActionLimits;
}

/** An `exec` without its code. `size` counts code, main and image in bytes as they were sent. */
export interface ExecMeta {
  readonly kind: string;
  readonly binary: boolean;
  readonly main?: string;
  readonly image?: string;
  readonly components?: readonly string[];
  /** SHA-256 (hex) of the code's text, the key of its attachment. */
  readonly codeDigest?: string;
  readonly size: number;
}

/** A package, or a binding: a name of one's own for another package, with parameters over that one's. */
export interface PackageEntity {
  readonly entityType: 'package';
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** True: everybody may read it and invoke what it holds. */
  readonly publish: boolean;
  readonly updated: number;
  readonly parameters: readonly Parameter[];
  readonly annotations: readonly KeyValue[];
  /** What it is bound to; absent: a package of its own. */
  readonly binding?: { readonly namespace: string; readonly name: string };
}

export type RuleStatus = 'active' | 'inactive';

/** What a trigger knows of one of its rules: all that firing it takes. */
export interface TriggerRule {
  readonly action: EntityName;
  readonly status: RuleStatus;
}

export interface TriggerEntity {
  readonly entityType: 'trigger';
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly publish: boolean;
  readonly updated: number;
  readonly parameters: readonly Parameter[];
  readonly annotations: readonly KeyValue[];
  /** By `ns/rulename`. A rule's status stands here and nowhere else. */
  readonly rules: { readonly [rule: string]: TriggerRule };
}

export interface RuleEntity {
  readonly entityType: 'rule';
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly publish: boolean;
  readonly updated: number;
  readonly annotations: readonly KeyValue[];
  readonly trigger: EntityName;
  readonly action: EntityName;
}

/**
 * What the platform's own services keep: APIs, alarms, webhooks. `content` may hold secrets. Its name begins with a colon
 * (`:api:/base`), so that it never meets an entity's.
 */
export interface DocumentEntity {
  readonly entityType: 'document';
  readonly namespace: string;
  readonly name: string;
  readonly updated: number;
  readonly content: Json;
}

/** What may be done with a resource. */
export type Privilege = 'READ' | 'PUT' | 'DELETE' | 'ACTIVATE';

/** Per-namespace limits of the administrator; an absent one takes the system's value. */
export interface NamespaceLimits {
  invocationsPerMinute?: number;
  concurrentInvocations?: number;
  firesPerMinute?: number;
  maxAlarms?: number;
  maxWebhooks?: number;
  allowedKinds?: string[];
  storeActivations?: boolean;
  minActionMemory?: number;
  maxActionMemory?: number;
  minActionLogs?: number;
  maxActionLogs?: number;
  minActionTimeout?: number;
  maxActionTimeout?: number;
  minActionConcurrency?: number;
  maxActionConcurrency?: number;
  /** Bytes. */
  maxParameterSize?: number;
  maxPayloadSize?: number;
  truncationSize?: number;
}

/** Who calls: one namespace of one subject, as its key said. */
export interface Identity {
  readonly subject: string;
  readonly namespace: { readonly name: string; readonly uuid: string };
  /** `uuid:key`; secret, reaches a container only under `provide-api-key`. */
  readonly authkey: string;
  readonly rights: readonly Privilege[];
  readonly limits: NamespaceLimits;
}

/** A subject of the auth store with its namespaces; `key` is the 64-character secret. */
export interface Subject {
  readonly subject: string;
  readonly blocked: boolean;
  readonly namespaces: readonly { readonly name: string; readonly uuid: string; readonly key: string }[];
}
