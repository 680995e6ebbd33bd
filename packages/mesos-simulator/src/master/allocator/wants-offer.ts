import type { Resources } from '../resources/resources.ts';
import type { Agent, Framework } from '../state/entities.ts';
import { can } from '../state/framework.ts';
import type { MasterState } from '../state/master-state.ts';
import { satisfiesConstraints } from './offer-constraints.ts';

export interface Candidate {
  readonly master: MasterState;
  readonly framework: Framework;
  readonly role: string;
  readonly agent: Agent;
  readonly offered: Resources;
}

/** Whether a framework may and wants to be offered this. Suppressed roles are not in the demand at all. */
export function wantsOffer({ framework, role, agent, offered }: Candidate): boolean {
  if (agent.total.scalarMilli('gpus') > 0 && !can(framework, 'GPU_RESOURCES')) return false;
  if (!can(framework, 'RESERVATION_REFINEMENT') && hasRefinedReservations(offered)) return false;
  if (!satisfiesConstraints(framework.offerConstraints?.role_constraints?.[role]?.groups, agent.info)) {
    return false;
  }
  if (!isWorthwhile(framework, role, offered)) return false;
  for (const { refused } of framework.filters.get(role)?.get(agent.id) ?? []) {
    if (refused.contains(offered)) return false;
  }
  return true;
}

/** What the old format of resources can't express. */
function hasRefinedReservations(offered: Resources): boolean {
  return offered.entries.some(({ resource }) => (resource.reservations?.length ?? 0) > 1);
}

interface OfferFilters {
  readonly [role: string]: {
    readonly min_allocatable_resources?: {
      readonly quantities?: readonly {
        readonly quantities?: Readonly<Record<string, { readonly value?: number }>>;
      }[];
    };
  };
}

/** `offer_filters`: one of the sets of quantities has to be there. */
function isWorthwhile(framework: Framework, role: string, offered: Resources): boolean {
  const filters = framework.info.offer_filters as OfferFilters | undefined;
  const sets = filters?.[role]?.min_allocatable_resources?.quantities;
  if (sets === undefined || sets.length === 0) return true;
  return sets.some(({ quantities }) =>
    Object.entries(quantities ?? {}).every(
      ([name, { value }]) => offered.scalarMilli(name) >= (value ?? 0) * 1000,
    ),
  );
}
