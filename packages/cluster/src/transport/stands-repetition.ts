import type { Packet } from '../wire/packet.ts';

/**
 * May it travel in a datagram? Whoever has recorded one can send it again, even to the instances of a cluster that is
 * founded later with the same secret. Generations and incarnations make gossip stand that. A word about a foundation, a
 * vote or a write would count once more: it goes by TCP, where each connection has keys of its own.
 */
export function standsRepetition({ body }: Packet): boolean {
  if (body.layer !== 'swim') return false;
  const { kind } = body.message;
  return kind !== 'join' && kind !== 'members';
}
