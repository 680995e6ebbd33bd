import { SEQUENCE_KIND, type ActionEntity } from '@vibrissa/protocol';
import { isAnnotated } from './annotation-value.ts';

/** What is made of other actions: a list of them, or an action that says after each what comes next. */
export type CompositeKind = 'sequence' | 'composition';

/** Undefined for an action that stands for itself. */
export function compositeKindOf({
  exec,
  annotations,
}: Pick<ActionEntity, 'exec' | 'annotations'>): CompositeKind | undefined {
  if (exec.kind === SEQUENCE_KIND) return 'sequence';
  return isAnnotated(annotations, 'conductor') ? 'composition' : undefined;
}
