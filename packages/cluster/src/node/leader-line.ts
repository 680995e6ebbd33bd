import { addressText, type Address } from '../membership/member.ts';
import { shortId } from './words.ts';

export interface LeaderNews {
  /** Undefined: nobody is known to lead. */
  readonly id: string | undefined;
  readonly epoch: number;
  readonly isSelf: boolean;
  readonly address: Address | undefined;
  /** Since the last sign of the former leader. */
  readonly tookMs: number | undefined;
  /** Why this instance has lost the lease of that epoch. */
  readonly lost: string | undefined;
}

/** A change of leader in a line for the log. */
export function leaderLine({ address, epoch, id, isSelf, lost, tookMs }: LeaderNews): string {
  if (lost !== undefined) return `this instance leads no more (epoch ${epoch}): ${lost}`;
  if (id === undefined) return `nobody is known to lead (after epoch ${epoch})`;
  const at = address ? ` at ${addressText(address)}` : '';
  const after = tookMs === undefined ? '' : `, ${tookMs} ms after the last sign of the former one`;
  const who = isSelf ? 'this instance' : `member ${shortId(id)}`;
  return `${who}${at} leads in epoch ${epoch}${after}`;
}
