import type { WireFrameworkInfo } from '@vibrissa/mesos/wire';
import { invalidConstraints } from '../allocator/offer-constraints.ts';
import { rolesOf } from '../state/framework.ts';
import type { OfferConstraints } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { invalidId } from '../tasks/validate-id.ts';

export interface FrameworkClaim {
  readonly info: WireFrameworkInfo;
  readonly suppressedRoles: readonly string[];
  readonly offerConstraints: OfferConstraints | undefined;
}

/** Durations are 64 bit nanoseconds. */
const longestSeconds = 9_223_372_036;

/** A sentence about what the master itself does not take, or undefined. SUBSCRIBE tells it as an ERROR event. */
export function invalidFramework(master: MasterState, claim: FrameworkClaim): string | undefined {
  const { info, suppressedRoles } = claim;
  const roles = rolesOf(info);
  return (
    invalidRoles(info) ??
    notWhitelisted(master, roles) ??
    notAllowedRoot(master, info) ??
    invalidFailoverTimeout(info) ??
    (info.id === undefined ? undefined : invalidId(info.id.value)) ??
    invalidSuppression(roles, suppressedRoles) ??
    invalidConstraints(claim.offerConstraints, roles)
  );
}

function invalidRoles(info: WireFrameworkInfo): string | undefined {
  const multi = info.capabilities?.some(({ type }) => type === 'MULTI_ROLE') ?? false;
  const roles = info.roles ?? [];
  if (!multi && roles.length > 0) {
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
  }
  if (multi && info.role !== undefined) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  }
  const doubled = [...new Set(roles.filter((role, index) => roles.indexOf(role) !== index))];
  if (doubled.length > 0) return `'FrameworkInfo.roles' contains duplicate items: { ${doubled.join(', ')} }`;
  for (const role of rolesOf(info)) {
    const wrong = invalidRole(role);
    if (wrong !== undefined) {
      return multi
        ? `'FrameworkInfo.roles' contains invalid role: ${wrong}`
        : `'FrameworkInfo.role' is not a valid role: ${wrong}`;
    }
  }
  return undefined;
}

function invalidRole(role: string): string | undefined {
  if (role === '*') return undefined;
  if (role === '') return 'Empty role name is invalid';
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  for (const part of role.split('/')) {
    if (part === '') return `Role '${role}' cannot contain two adjacent slashes`;
    if (part === '.' || part === '..' || part === '*') {
      return `Role component '${part}' is invalid because it is a reserved name`;
    }
    if (part.startsWith('-')) return `Role component '${part}' is invalid because it starts with a dash`;
    if (/[\s\b]/.test(part)) {
      return `Role component '${part}' is invalid because it contains backspace or whitespace`;
    }
  }
  return undefined;
}

function notWhitelisted(master: MasterState, roles: ReadonlySet<string>): string | undefined {
  const allowed = master.options.roles;
  if (allowed === undefined) return undefined;
  const refused = [...roles].filter((role) => role !== '*' && !allowed.includes(role));
  return refused.length === 0
    ? undefined
    : `Roles { ${refused.join(', ')} } are not present in the master's --roles`;
}

function notAllowedRoot(master: MasterState, info: WireFrameworkInfo): string | undefined {
  if (master.options.rootSubmissions || info.user !== 'root') return undefined;
  return "User 'root' is not allowed to run frameworks without --root_submissions set";
}

function invalidFailoverTimeout({ failover_timeout: seconds = 0 }: WireFrameworkInfo): string | undefined {
  return Math.abs(seconds) > longestSeconds
    ? `The framework failover_timeout (${String(seconds)}) is invalid`
    : undefined;
}

function invalidSuppression(roles: ReadonlySet<string>, suppressed: readonly string[]): string | undefined {
  const foreign = suppressed.filter((role) => !roles.has(role));
  return foreign.length === 0
    ? undefined
    : `Suppressed roles { ${foreign.join(', ')} } are not contained in the set of roles`;
}
