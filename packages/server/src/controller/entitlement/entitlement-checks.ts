import type { Identity, Privilege, SystemLimits } from '@vibrissa/protocol';
import type { Entitlement, Resource } from './entitlement.ts';

/** What whoever serves a caller asks before it does so. */
export interface EntitlementChecks {
  check(identity: Identity, privilege: Privilege, resource: Resource): Entitlement | Promise<Entitlement>;
  /** Counts an invocation against the namespace's rate, and looks at what it has in flight. */
  checkThrottles(identity: Identity): Entitlement;
  /** The latter alone, for who had to wait since. */
  checkConcurrency(identity: Identity): Entitlement;
  kindAllowed(identity: Identity, kind: string): Entitlement;
  effectiveLimits(identity: Identity): SystemLimits;
}
