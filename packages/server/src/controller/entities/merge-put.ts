import { FIRST_VERSION, nextVersion, type KeyValue } from '@vibrissa/protocol';
import type { EntityPut } from './entity-put.ts';

/** What every entity says of itself, beside its name. */
interface Common {
  readonly version: string;
  readonly publish: boolean;
  /** Epoch milliseconds. */
  readonly updated: number;
  readonly annotations: readonly KeyValue[];
}

type Put = Pick<EntityPut, 'version' | 'publish' | 'annotations'>;

/** Of a new entity: what the body leaves out has its first value. */
export function commonOfNew(put: Put, updated: number): Common {
  return {
    version: put.version ?? FIRST_VERSION,
    publish: put.publish ?? false,
    updated,
    annotations: put.annotations ?? [],
  };
}

/** After an update: what the body leaves out stays, and the version goes on. */
export function commonOfUpdate(old: Common, put: Put, updated: number): Common {
  return {
    version: put.version ?? nextVersion(old.version),
    publish: put.publish ?? old.publish,
    updated,
    annotations: put.annotations ?? old.annotations,
  };
}
