import { createHash } from 'node:crypto';

import {
  FIRST_VERSION,
  type ActionEntity,
  type ActionLimits,
  type ExecMeta,
  type Json,
  type KeyValue,
  type PackageEntity,
} from '@vibrissa/protocol';
import { BUILT_IN_IMAGE, SYSTEM_NAMESPACE } from '../controller/invocation/built-in-action.ts';
import { BUILT_IN, type CatalogueAction, type CataloguePackage } from './catalogue-definition.ts';

function documentation(described: CatalogueAction | CataloguePackage): KeyValue[] {
  const { annotations = [], description, documented } = described;
  const pairs: KeyValue[] = [{ key: 'description', value: description }];
  if (documented) pairs.push({ key: 'parameters', value: documented as unknown as Json });
  return [...pairs, ...annotations];
}

function samples({ sampleInput, sampleOutput }: CatalogueAction): KeyValue[] {
  const pairs: KeyValue[] = [];
  if (sampleInput) pairs.push({ key: 'sampleInput', value: sampleInput });
  if (sampleOutput) pairs.push({ key: 'sampleOutput', value: sampleOutput });
  return pairs;
}

/** The package as it is stored when it is new. */
export function packageEntityOf(definition: CataloguePackage, updated: number): PackageEntity {
  return {
    entityType: 'package',
    namespace: SYSTEM_NAMESPACE,
    name: definition.name,
    version: FIRST_VERSION,
    publish: true,
    updated,
    parameters: definition.parameters ?? [],
    annotations: documentation(definition),
  };
}

/** What an action's `exec` is stored as; the code itself is written beside it. */
export function execOf({ code }: CatalogueAction, nodeKind: string): Omit<ExecMeta, 'codeDigest'> {
  return code === BUILT_IN
    ? { kind: 'blackbox', image: BUILT_IN_IMAGE, binary: false, size: 0 }
    : { kind: nodeKind, binary: false, size: Buffer.byteLength(code) };
}

/** The action as it is stored when it is new. */
export function actionEntityOf(
  definition: CatalogueAction,
  home: {
    readonly packageName: string;
    readonly exec: ExecMeta;
    readonly limits: ActionLimits;
    readonly updated: number;
  },
): ActionEntity {
  const { exec, limits, packageName, updated } = home;
  const annotations = [...documentation(definition), ...samples(definition)];
  if (definition.isFeed) annotations.push({ key: 'feed', value: true });
  annotations.push({ key: 'provide-api-key', value: false }, { key: 'exec', value: exec.kind });
  return {
    entityType: 'action',
    namespace: `${SYSTEM_NAMESPACE}/${packageName}`,
    name: definition.name,
    version: FIRST_VERSION,
    publish: false,
    updated,
    exec,
    parameters: definition.parameters ?? [],
    annotations,
    limits,
  };
}

/** Changes whenever anything changes that is stored. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
