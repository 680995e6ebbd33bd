import type { ActionEntity } from '@vibrissa/protocol';
import { javaHash, placementHash } from '../loadbalancer/java-hash.ts';
import type { Need } from '../loadbalancer/schedule.ts';
import { prepareParameters, type PreparedParameters } from './merge-parameters.ts';
import type { ResolvedAction } from './resolved-action.ts';

/** What every invocation of an action needs, worked out once. */
export interface PreparedAction {
  readonly parameters: PreparedParameters;
  /** `ns[/pkg]/name` */
  readonly qualifiedName: string;
  readonly nameHash: number;
  /** Of the namespace that invoked it last: nearly always its owner's. */
  namespace: string;
  need: Need;
}

const prepared = new WeakMap<ResolvedAction, PreparedAction>();

function needOf(action: ActionEntity, namespace: string, nameHash: number): Need {
  return {
    hash: placementHash(namespace, nameHash),
    memoryMb: action.limits.memory,
    concurrency: Math.max(1, action.limits.concurrency),
    actionKey: `${action.namespace}/${action.name}@${action.version}`,
    blackbox: action.exec.kind === 'blackbox',
  };
}

/** Kept beside the resolved action for as long as that is in use (the action cache gives out the same object). */
export function prepareAction(resolved: ResolvedAction, namespace: string): PreparedAction {
  const action = resolved.action.entity;
  const known = prepared.get(resolved);
  if (known?.namespace === namespace) return known;
  if (known) {
    known.need = needOf(action, namespace, known.nameHash);
    known.namespace = namespace;
    return known;
  }
  const qualifiedName = `${action.namespace}/${action.name}`;
  const nameHash = javaHash(qualifiedName);
  const fresh: PreparedAction = {
    parameters: prepareParameters(action, resolved.packageParameters),
    qualifiedName,
    nameHash,
    namespace,
    need: needOf(action, namespace, nameHash),
  };
  prepared.set(resolved, fresh);
  return fresh;
}
