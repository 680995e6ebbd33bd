import type { MapChange, MapCommand } from '../map/map-messages.ts';
import { count, exactShape, id, listOf, optional, recordOf, text, type Check } from './check.ts';
import { isMapValue } from './json-shape.ts';

const condition = exactShape<NonNullable<MapChange['if']>[number]>({ key: text, version: count });

export const isMapChange: Check<MapChange> = exactShape<MapChange>({
  if: optional(listOf(condition)),
  epoch: optional(count),
  put: optional(recordOf(isMapValue)),
  remove: optional(listOf(text)),
});

/**
 * Whatever comes into the log passes this, at each door: two instances that read one command differently would hold
 * different maps. So a field that this version does not know makes it no command; it is never passed over.
 */
export const isMapCommand: Check<MapCommand> = exactShape<MapCommand>({ id, change: isMapChange });
