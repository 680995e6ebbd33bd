import {
  SEQUENCE_KIND,
  type ActionEntity,
  type ActionLimits,
  type EntityName,
  type ExecMeta,
  type KeyValue,
  type Parameter,
  type SystemLimits,
} from '@vibrissa/protocol';
import { commonOfNew, commonOfUpdate } from '../entities/merge-put.ts';
import type { ActionPut } from './action-put.ts';

/** What a write needs beyond the body. */
export interface ActionWrite {
  readonly put: ActionPut;
  /** The body's `exec` as it will be stored. */
  readonly exec: ExecMeta | undefined;
  /** Epoch milliseconds. */
  readonly updated: number;
}

/** Standard limits of a namespace. */
export function standardLimits(limits: SystemLimits): ActionLimits {
  return {
    timeout: limits.timeLimit.stdMs,
    memory: limits.memory.stdMb,
    logs: limits.logLimit.stdMb,
    concurrency: limits.concurrencyLimit.std,
  };
}

/** Pairs by key; a later one replaces an earlier one in its place. */
function overlay(...layers: readonly (readonly KeyValue[])[]): Map<string, KeyValue> {
  const pairs = new Map<string, KeyValue>();
  for (const layer of layers) for (const pair of layer) pairs.set(pair.key, pair);
  return pairs;
}

/** The annotation `exec` always names the kind: lists show no other trace of it. */
function annotated(pairs: Map<string, KeyValue>, exec: ExecMeta): KeyValue[] {
  return [...pairs.set('exec', { key: 'exec', value: exec.kind }).values()];
}

function isSequence(exec: ExecMeta): boolean {
  return exec.kind === SEQUENCE_KIND;
}

/** A sequence has no parameters of its own: clients find its components among them. */
function parametersOf(exec: ExecMeta): Parameter[] | undefined {
  return isSequence(exec) ? [{ key: '_actions', value: [...(exec.components ?? [])] }] : undefined;
}

/** A new action. Containers of it see no API key unless it asks for one. */
export function createAction(
  name: EntityName,
  path: string,
  creation: ActionWrite & { readonly exec: ExecMeta; readonly limits: SystemLimits },
): ActionEntity {
  const { put, exec, updated } = creation;
  const annotations = overlay(put.annotations ?? []);
  if (!annotations.has('provide-api-key')) {
    annotations.set('provide-api-key', { key: 'provide-api-key', value: false });
  }
  return {
    entityType: 'action',
    namespace: path,
    name: name.name,
    ...commonOfNew(put, updated),
    exec,
    parameters: parametersOf(exec) ?? put.parameters ?? [],
    annotations: annotated(annotations, exec),
    limits: { ...standardLimits(creation.limits), ...put.limits },
  };
}

/** The action after an update: what the body leaves out stays, limits and annotations are merged. */
export function updateAction(old: ActionEntity, write: ActionWrite): ActionEntity {
  const { put, updated } = write;
  const exec = write.exec ?? old.exec;
  // OpenWhisk removes none when the action becomes a sequence.
  const removed = new Set(write.exec && isSequence(write.exec) ? [] : put.delAnnotations);
  const kept = old.annotations.filter(({ key }) => !removed.has(key));
  return {
    ...old,
    ...commonOfUpdate(old, put, updated),
    exec,
    parameters: parametersOf(exec) ?? put.parameters ?? (isSequence(old.exec) ? [] : old.parameters),
    annotations: annotated(overlay(kept, put.annotations ?? []), exec),
    limits: { ...old.limits, ...put.limits },
  };
}
