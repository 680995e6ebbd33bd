import type { Address, Json, Member, MemberMeta } from './member.ts';

/** What all messages of gossip bring along. */
export interface SwimCarry {
  /** News of members, freshest first, as many as fit a datagram. */
  readonly news: readonly Member[];
  /** Of the suspects among the news: who has found them silent itself. The more they are, the sooner they are dead. */
  readonly doubts?: Readonly<Record<string, readonly string[]>>;
  /** The newest that the sender knows of matters above gossip (who leads); small, opaque here. */
  readonly hint?: Json;
}

/** What instances say to each other about who is alive. `probe` numbers are the sender's. */
export type SwimMessage = SwimCarry &
  (
    | { readonly kind: 'ping'; readonly probe: number; readonly to: string }
    | { readonly kind: 'ack'; readonly probe: number; readonly from: string }
    /** Ask a third one for me. */
    | { readonly kind: 'ping-request'; readonly probe: number; readonly target: string; readonly at: Address }
    /** All that I know, for one that begins; answered by `members`. Does not fit a datagram, perhaps. */
    | { readonly kind: 'join'; readonly self: Member }
    | { readonly kind: 'members'; readonly members: readonly Member[] }
    /** Only what it carries: what is new is passed on faster than probes would. */
    | { readonly kind: 'news' }
  );

export type SwimInput =
  | { readonly type: 'start'; readonly seeds: readonly Address[] }
  /** Further addresses at which others may be found; asked as long as nobody has answered. */
  | { readonly type: 'seeds'; readonly seeds: readonly Address[] }
  | {
      readonly type: 'received';
      readonly from: Address;
      /** Who has sent the packet: it may be another instance than the one that is known at its address. */
      readonly sender: { readonly id: string; readonly generation: number };
      readonly message: SwimMessage;
    }
  | { readonly type: 'meta'; readonly meta: MemberMeta }
  | { readonly type: 'hint'; readonly hint: Json }
  /** Says goodbye to as many as a round reaches. */
  | { readonly type: 'leave' }
  | { readonly type: 'tick' };

export type SwimEffect =
  /** `reliable`: by TCP, else in one datagram. */
  | {
      readonly type: 'send';
      readonly to: Address;
      readonly message: SwimMessage;
      readonly reliable: boolean;
    }
  /** A member that is new, or says something new, or is seen in another state. */
  | { readonly type: 'member'; readonly member: Member; readonly before?: Member }
  | { readonly type: 'hint'; readonly from: string; readonly hint: Json };
