import type { MapCommand } from '../map/map-messages.ts';
import type { Json } from '../membership/member.ts';
import { isMapCommand } from '../wire/command-shape.ts';

type Fields = { readonly [key: string]: Json };

function fieldsOf(value: Json | undefined): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** An entry of the log, read as a command of the map; undefined for what this version would not have written. */
export function commandOf(value: Json): MapCommand | undefined {
  return isMapCommand(value) ? value : undefined;
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
  return typeof leader === 'string' && Number.isSafeInteger(epoch)
    ? { leader, epoch: Number(epoch) }
    : undefined;
}
