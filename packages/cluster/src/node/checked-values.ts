import type { MapCommand } from '../map/map-messages.ts';
import type { Json } from '../membership/member.ts';

type Fields = { readonly [key: string]: Json };

function fieldsOf(value: Json | undefined): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** An entry of the log, read as a command of the map; undefined for what no version of this program has written. */
export function commandOf(value: Json): MapCommand | undefined {
  const fields = fieldsOf(value);
  const change = fieldsOf(fields?.['change']);
  const id = fields?.['id'];
  return typeof id === 'string' && change && isChange(change) ? { id, change } : undefined;
}

function isChange(change: Fields): change is Fields & MapCommand['change'] {
  const { epoch, if: conditions, put, remove } = change;
  return (
    (epoch === undefined || typeof epoch === 'number') &&
    (put === undefined || fieldsOf(put) !== undefined) &&
    (remove === undefined || isListOf(remove, (key) => typeof key === 'string')) &&
    (conditions === undefined || isListOf(conditions, isCondition))
  );
}

function isListOf(value: Json, isItem: (item: Json) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isCondition(value: Json): boolean {
  const fields = fieldsOf(value);
  return typeof fields?.['key'] === 'string' && typeof fields['version'] === 'number';
}

export interface LeaderHint {
  readonly leader: string;
  readonly epoch: number;
}

/** What gossip carries about the leader. */
export function hintOf(value: Json): LeaderHint | undefined {
  const fields = fieldsOf(value);
  const leader = fields?.['leader'];
  const epoch = fields?.['epoch'];
  return typeof leader === 'string' && typeof epoch === 'number' ? { leader, epoch } : undefined;
}
