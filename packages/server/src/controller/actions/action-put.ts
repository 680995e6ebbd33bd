import type { ActionLimits } from '@vibrissa/protocol';
import type { EntityPut } from '../entities/entity-put.ts';

/** The code part of a PUT body, checked, with its kind resolved. */
export interface PutExec {
  readonly kind: string;
  readonly binary: boolean;
  readonly code?: string;
  readonly main?: string;
  readonly image?: string;
  /** Of a sequence, in order; names with a leading slash. */
  readonly components?: readonly string[];
}

/** A PUT body, checked and read; absent members were absent. */
export interface ActionPut extends EntityPut {
  readonly exec?: PutExec;
  readonly limits?: Partial<ActionLimits>;
  readonly delAnnotations?: readonly string[];
}
