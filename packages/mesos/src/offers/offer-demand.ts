import type { SessionCall, WireFilters } from '../wire/index.ts';
import { RoleDemand, type DemandTimes } from './role-demand.ts';

export interface DemandOptions extends Partial<DemandTimes> {
  /** The framework's. */
  readonly roles: readonly string[];
  /** For how long an offer is refused while tasks wait, which it didn't fit; default 5,000. */
  readonly refuseWaitingMs?: number;
  /** For how long while none waits; default 3,600,000. A REVIVE ends it. */
  readonly refuseIdleMs?: number;
}

const DEFAULTS: Required<Omit<DemandOptions, 'roles'>> = {
  reviveIntervalMs: 5_000,
  repeatReviveMs: 10_000,
  maxRepeatReviveMs: 300_000,
  suppressAfterMs: 5_000,
  refuseWaitingMs: 5_000,
  refuseIdleMs: 3_600_000,
};

/**
 * Decides when the master is asked for offers and when it is told to send none. A role without work is suppressed,
 * so that its share goes to others; new work revives it, which also ends all refusals. Calls of the same moment are
 * joined; a burst of submissions makes one REVIVE.
 *
 *     demand.wants('web', 3, nowMs);
 *     for (const call of demand.due(nowMs)) send(call);   // and again at demand.nextDeadlineMs
 */
export class OfferDemand {
  readonly #options: typeof DEFAULTS;
  readonly #roles = new Map<string, RoleDemand>();
  /** What the last SUBSCRIBE has said. */
  #suppressedBySubscribe: ReadonlySet<string> = new Set();
  #subscribed = false;

  constructor({ roles, ...options }: DemandOptions) {
    this.#options = { ...DEFAULTS, ...options };
    for (const role of roles) this.#roleOf(role);
  }

  /** Roles without work, for a SUBSCRIBE that is sent now. */
  suppressedRoles(): readonly string[] {
    const idle = [...this.#roles].filter(([, demand]) => demand.isIdle).map(([role]) => role);
    this.#suppressedBySubscribe = new Set(idle);
    return idle;
  }

  /** Roles that the master was told to send nothing to, for an UPDATE_FRAMEWORK that leaves that as it is. */
  get suppressed(): readonly string[] {
    return [...this.#roles].filter(([, demand]) => demand.isSuppressed).map(([role]) => role);
  }

  /** Suppression is what the SUBSCRIBE said; refusals may outlive a take-over, so roles with work are revived. */
  onSubscribed(nowMs: number): void {
    this.#subscribed = true;
    for (const [role, demand] of this.#roles) {
      demand.onSubscribed(this.#suppressedBySubscribe.has(role), nowMs);
    }
  }

  /** No calls until the next subscription. */
  onLost(): void {
    this.#subscribed = false;
  }

  /** How much waits for offers of the role now: tasks, and offers that are to be held in advance. */
  wants(role: string, waiting: number, nowMs: number): void {
    this.#roleOf(role).wants(waiting, nowMs);
  }

  /** Offers of the role have come: the master has not forgotten it. */
  offered(role: string, nowMs: number): void {
    this.#roles.get(role)?.offered(nowMs);
  }

  /** The filters of a DECLINE that is sent now: how long the same is not offered again. */
  refuse(role: string): WireFilters {
    const waits = this.#roles.get(role)?.refuse() ?? false;
    return { refuse_seconds: (waits ? this.#options.refuseWaitingMs : this.#options.refuseIdleMs) / 1000 };
  }

  /** The calls to send now. */
  due(nowMs: number): readonly SessionCall[] {
    if (!this.#subscribed) return [];
    const revive: string[] = [];
    const suppress: string[] = [];
    for (const [role, demand] of this.#roles) {
      const verb = demand.due(nowMs);
      if (verb === 'revive') revive.push(role);
      if (verb === 'suppress') suppress.push(role);
    }
    const calls: SessionCall[] = [];
    if (revive.length > 0) calls.push({ type: 'REVIVE', revive: { roles: revive } });
    if (suppress.length > 0) calls.push({ type: 'SUPPRESS', suppress: { roles: suppress } });
    return calls;
  }

  get nextDeadlineMs(): number | undefined {
    if (!this.#subscribed) return undefined;
    let earliestMs = Infinity;
    for (const demand of this.#roles.values()) earliestMs = Math.min(earliestMs, demand.dueAtMs ?? Infinity);
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  #roleOf(role: string): RoleDemand {
    const demand = this.#roles.get(role) ?? new RoleDemand(this.#options);
    this.#roles.set(role, demand);
    return demand;
  }
}
