import type { WireAttribute } from '@vibrissa/mesos/wire';
import type { AgentInfo } from '../../agent/agent-info.ts';
import type { AttributeConstraint, ConstraintGroup, OfferConstraints } from '../state/entities.ts';

/** Groups are alternatives; all constraints of a group must hold. No groups: no constraints. */
export function satisfiesConstraints(
  groups: readonly ConstraintGroup[] | undefined,
  agent: AgentInfo,
): boolean {
  if (groups === undefined || groups.length === 0) return true;
  return groups.some(({ attribute_constraints: constraints }) =>
    (constraints ?? []).every((constraint) => holds(constraint, agent)),
  );
}

/** A sentence about constraints that no master takes, or undefined. */
export function invalidConstraints(
  constraints: OfferConstraints | undefined,
  roles: ReadonlySet<string>,
): string | undefined {
  for (const [role, { groups }] of Object.entries(constraints?.role_constraints ?? {})) {
    if (!roles.has(role)) {
      return `Offer constraints specify 'role_constraints' for a role '${role}' not contained in the set of roles`;
    }
    if (groups === undefined || groups.length === 0) {
      return "'role_constraints' must have at least one group";
    }
    for (const group of groups) {
      for (const constraint of group.attribute_constraints ?? []) {
        const wrong = invalidConstraint(constraint);
        if (wrong !== undefined) return wrong;
      }
    }
  }
  return undefined;
}

function invalidConstraint({ selector, predicate }: AttributeConstraint): string | undefined {
  if (selector?.attribute_name === undefined && selector?.pseudoattribute_type === undefined) {
    return 'Exactly one of `AttributeConstraint::Selector::selector` must be set';
  }
  if (predicate === undefined || Object.keys(predicate).length !== 1) {
    return 'Exactly one of `AttributeConstraint::Predicate::predicate` must be set';
  }
  const regex = predicate['text_matches']?.regex ?? predicate['text_not_matches']?.regex;
  if (regex === undefined) return undefined;
  try {
    void new RegExp(regex, 'u');
    return undefined;
  } catch {
    return `Failed to construct regex from pattern '${regex}'`;
  }
}

/**
 * `text_*` predicates look at text only: an attribute of another type satisfies them, a missing one satisfies just the
 * negated ones.
 */
function holds({ selector, predicate }: AttributeConstraint, agent: AgentInfo): boolean {
  const values = selected(selector, agent);
  const [name, body] = Object.entries(predicate ?? {})[0] ?? [];
  const matches = (): RegExp => new RegExp(`^(?:${body?.regex ?? ''})$`, 'u');
  switch (name) {
    case 'exists':
      return values.length > 0;
    case 'not_exists':
      return values.length === 0;
    case 'text_equals':
      return values.some((value) => value === undefined || value === body?.value);
    case 'text_not_equals':
      return values.every((value) => value === undefined || value !== body?.value);
    case 'text_matches':
      return values.some((value) => value === undefined || matches().test(value));
    case 'text_not_matches':
      return values.every((value) => value === undefined || !matches().test(value));
    default:
      return false;
  }
}

/** The texts of what a selector names; undefined for one that is no text. */
function selected(
  selector: AttributeConstraint['selector'],
  agent: AgentInfo,
): readonly (string | undefined)[] {
  switch (selector?.pseudoattribute_type) {
    case 'HOSTNAME':
      return [agent.hostname];
    case 'REGION':
      return present(agent.domain?.fault_domain?.region.name);
    case 'ZONE':
      return present(agent.domain?.fault_domain?.zone.name);
    default:
      return agent.attributes.filter(({ name }) => name === selector?.attribute_name).map(textOf);
  }
}

function present(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function textOf(attribute: WireAttribute): string | undefined {
  return attribute.type === 'TEXT' ? attribute.text.value : undefined;
}
