import type { Fault, FaultPlace, FaultRule } from './fault.ts';

/** A message as far as rules look at it. */
export interface FaultSubject {
  readonly on: FaultPlace;
  readonly type: string;
  readonly frameworkId?: string;
  readonly agent?: number;
}

/** A rule that is in force. */
export interface ActiveRule {
  readonly id: number;
  readonly rule: FaultRule;
  /** How often it has struck. */
  readonly struck: number;
}

interface Entry {
  readonly id: number;
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

function matches(rule: FaultRule, subject: FaultSubject): boolean {
  return (
    rule.on === subject.on &&
    (rule.type === undefined || rule.type === subject.type) &&
    (rule.frameworkId === undefined || rule.frameworkId === subject.frameworkId) &&
    (rule.agent === undefined || rule.agent === subject.agent)
  );
}

/** The rules in force. The first that matches a message and isn't used up strikes; the others don't count it. */
export class FaultRules {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  add(rule: FaultRule): number {
    const id = ++this.#lastId;
    this.#entries.set(id, { id, rule, seen: 0, struck: 0 });
    return id;
  }

  /** False: there was none with that number. */
  remove(id: number): boolean {
    return this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }

  list(): ActiveRule[] {
    return [...this.#entries.values()].map(({ id, rule, struck }) => ({ id, rule, struck }));
  }

  /** What happens to this message; undefined: nothing. */
  strike(subject: FaultSubject): Fault | undefined {
    for (const entry of this.#entries.values()) {
      const { rule } = entry;
      if (entry.struck >= (rule.times ?? Infinity) || !matches(rule, subject)) continue;
      if (entry.seen++ < (rule.skip ?? 0)) continue;
      entry.struck++;
      return rule.fault;
    }
    return undefined;
  }
}
