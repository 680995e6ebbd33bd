import type { WireOfferConstraints } from '../wire/index.ts';
import type { CompiledConstraint } from './constraints.ts';
import type { PlacementRequest } from './placement.ts';

/**
 * The master refuses the whole SUBSCRIBE for a regular expression that takes more than `--offer_constraints_re2_max_mem`
 * (default 4 KiB, some 35 instructions of RE2) or `…_max_program_size` (default 100). What might be near stays here.
 */
const MAX_RE2_SIZE = 24;

const PSEUDO_ATTRIBUTES: Readonly<Record<string, string>> = {
  hostname: 'HOSTNAME',
  '@region': 'REGION',
  '@zone': 'ZONE',
};

/**
 * What all waiting requests of a role ask of an agent, in the words of Mesos 1.11, so that useless offers are never
 * made. It never excludes an agent that one of the requests would take: the master lets attributes through that are no
 * text. Undefined: nothing is common. It is complete: what a former one said and this one doesn't is to be withdrawn.
 */
export function offerConstraintsOf(waiting: readonly PlacementRequest[]): WireOfferConstraints | undefined {
  const constraints: Record<string, unknown> = {};
  for (const [role, common] of commonConstraints(waiting)) {
    const translated = common.map(translate).filter((constraint) => constraint !== undefined);
    // The master refuses a role without groups and a group without constraints.
    if (translated.length > 0) constraints[role] = { groups: [{ attribute_constraints: translated }] };
  }
  return Object.keys(constraints).length === 0 ? undefined : { role_constraints: constraints };
}

function commonConstraints(waiting: readonly PlacementRequest[]): Map<string, readonly CompiledConstraint[]> {
  const common = new Map<string, readonly CompiledConstraint[]>();
  for (const { role, constraints } of waiting) {
    const keys = new Set(constraints.map(({ key }) => key));
    const before = common.get(role) ?? constraints;
    common.set(
      role,
      before.filter(({ key }) => keys.has(key)),
    );
  }
  return common;
}

function translate({ constraint, pattern }: CompiledConstraint): unknown {
  const { attribute, operator, value = '' } = constraint;
  const pseudo = Object.hasOwn(PSEUDO_ATTRIBUTES, attribute) ? PSEUDO_ATTRIBUTES[attribute] : undefined;
  const selector = pseudo === undefined ? { attribute_name: attribute } : { pseudoattribute_type: pseudo };
  if (operator === 'EXISTS') return { selector, predicate: { exists: {} } };
  const literal = operator === 'EQUALS' ? value : pattern?.literal;
  const not = operator === 'UNLIKE' ? '_not' : '';
  if (literal !== undefined) return { selector, predicate: { [`text${not}_equals`]: { value: literal } } };
  if (pattern === undefined || pattern.re2Size > MAX_RE2_SIZE) return undefined;
  // The master, too, matches the whole text.
  return { selector, predicate: { [`text${not}_matches`]: { regex: value } } };
}
