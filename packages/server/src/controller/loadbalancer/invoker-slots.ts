import { ANY_USABLE, FreeMemory } from './free-memory.ts';
import type { FreeCapacity, Need } from './schedule.ts';

/** Activations of one action that share containers on one invoker. */
interface SharedContainers {
  used: number;
  containers: number;
}

interface InvokerAccount {
  capacityMb: number;
  usedMb: number;
  usable: boolean;
  /** By action key; only actions with a concurrency above 1. */
  shared: Map<string, SharedContainers> | undefined;
}

/**
 * What each invoker has left, as this controller sees it. Memory is taken by container: an action that allows several
 * activations in one container takes more memory only when all its containers are full.
 */
export class InvokerSlots implements FreeCapacity {
  readonly #accounts: InvokerAccount[] = [];
  readonly #free = new FreeMemory();

  get count(): number {
    return this.#accounts.length;
  }

  /** Sets what an invoker has in all and whether it may be chosen. Unknown invokers up to it are added, unusable. */
  setInvoker(invoker: number, capacityMb: number, usable: boolean): void {
    while (this.#accounts.length <= invoker) {
      this.#accounts.push({ capacityMb: 0, usedMb: 0, usable: false, shared: undefined });
    }
    this.#free.grow(this.#accounts.length);
    const account = this.#account(invoker);
    account.capacityMb = capacityMb;
    account.usable = usable;
    this.#publish(invoker, account);
  }

  /** Of all that may be chosen, together; looks at each of them. */
  totals(): { readonly capacityMb: number; readonly usedMb: number } {
    const usable = this.#accounts.filter((account) => account.usable);
    const sum = (of: (account: InvokerAccount) => number) =>
      usable.reduce((total, account) => total + of(account), 0);
    return { capacityMb: sum(({ capacityMb }) => capacityMb), usedMb: sum(({ usedMb }) => usedMb) };
  }

  grants(invoker: number, need: Need): boolean {
    if (this.#free.get(invoker) >= need.memoryMb) return true;
    if (need.concurrency === 1 || !this.#free.usable(invoker)) return false;
    const shared = this.#account(invoker).shared?.get(need.actionKey);
    return shared !== undefined && shared.used < shared.containers * need.concurrency;
  }

  firstWith(from: number, needMb: number, to: number): number {
    return from < to ? this.#free.firstWith(from, needMb, to) : -1;
  }

  firstUsable(from: number, to: number): number {
    return from < to ? this.#free.firstWith(from, ANY_USABLE, to) : -1;
  }

  /** Takes a place, also where there is none (overload): free memory may fall below zero. */
  take(invoker: number, need: Need): void {
    const account = this.#account(invoker);
    if (need.concurrency > 1) {
      account.shared ??= new Map();
      let shared = account.shared.get(need.actionKey);
      if (!shared) {
        shared = { used: 0, containers: 0 };
        account.shared.set(need.actionKey, shared);
      }
      shared.used += 1;
      if (shared.used <= shared.containers * need.concurrency) return;
      shared.containers += 1;
    }
    account.usedMb += need.memoryMb;
    this.#publish(invoker, account);
  }

  /** Gives a place back; to be called once for each `take`. */
  release(invoker: number, need: Need): void {
    const account = this.#account(invoker);
    if (need.concurrency > 1) {
      const shared = account.shared?.get(need.actionKey);
      if (!shared) return;
      shared.used -= 1;
      if (shared.used > (shared.containers - 1) * need.concurrency) return;
      shared.containers -= 1;
      if (shared.containers === 0) account.shared?.delete(need.actionKey);
    }
    account.usedMb -= need.memoryMb;
    this.#publish(invoker, account);
  }

  /** Megabytes that are taken on an invoker. */
  usedMb(invoker: number): number {
    return this.#account(invoker).usedMb;
  }

  #account(invoker: number): InvokerAccount {
    const account = this.#accounts[invoker];
    if (!account) throw new RangeError(`There is no invoker ${invoker}`);
    return account;
  }

  #publish(invoker: number, account: InvokerAccount): void {
    if (account.usable) this.#free.set(invoker, account.capacityMb - account.usedMb);
    else this.#free.disable(invoker);
  }
}
