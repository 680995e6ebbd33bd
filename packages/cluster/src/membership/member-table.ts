import { addressText, type Address, type Member } from './member.ts';
import { isLive } from './member-state.ts';

/** Many times what a cluster has; an instance that makes up members by the thousand fills nobody's memory. */
const MOST_MEMBERS = 2_000;

interface MemberRecord {
  readonly member: Member;
  /** Since when it is in this state. */
  readonly sinceMs: number;
}

/** All others that are known of, by id, and the live ones by address. */
export class MemberTable {
  readonly #records = new Map<string, MemberRecord>();
  readonly #living = new Map<string, Set<string>>();

  get(id: string): Member | undefined {
    return this.#records.get(id)?.member;
  }

  /** Nobody new fits until somebody who has ended is forgotten. */
  get isFull(): boolean {
    return this.#records.size >= MOST_MEMBERS;
  }

  *all(): Generator<Member> {
    for (const { member } of this.#records.values()) yield member;
  }

  put(member: Member, nowMs: number): void {
    this.#unlist(member.id);
    this.#records.set(member.id, { member, sinceMs: nowMs });
    if (!isLive(member)) return;
    const at = addressText(member.address);
    const ids = this.#living.get(at);
    if (ids) ids.add(member.id);
    else this.#living.set(at, new Set([member.id]));
  }

  /** More than one only until one of them has answered. */
  livingAt(address: Address): readonly string[] {
    return [...(this.#living.get(addressText(address)) ?? [])];
  }

  /** Those that are alive, and those that ended after this moment. */
  *recent(afterMs: number): Generator<Member> {
    for (const { member, sinceMs } of this.#records.values()) {
      if (isLive(member) || sinceMs > afterMs) yield member;
    }
  }

  /** Those that ended before this moment are as if they had never been. */
  forget(beforeMs: number): void {
    for (const [id, { member, sinceMs }] of this.#records) {
      if (!isLive(member) && sinceMs < beforeMs) this.#records.delete(id);
    }
  }

  #unlist(id: string): void {
    const member = this.get(id);
    if (!member) return;
    const at = addressText(member.address);
    const ids = this.#living.get(at);
    ids?.delete(id);
    if (ids?.size === 0) this.#living.delete(at);
  }
}
