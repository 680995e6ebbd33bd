import type { PlacementRequest } from './placement.ts';
import { amountsOf, SCALAR_NAMES } from './resource-amounts.ts';

/** `FrameworkInfo.offer_filters`, by role. */
export type WireOfferFilters = Readonly<
  Record<
    string,
    {
      readonly min_allocatable_resources: {
        readonly quantities: readonly {
          readonly quantities: Readonly<Record<string, { readonly value: number }>>;
        }[];
      };
    }
  >
>;

/**
 * The least that an offer must hold to be of use to any waiting request of its role; needs Mesos 1.8. Rests that are
 * too small are not offered but collected by the master until they are enough. Undefined: anything is of use.
 */
export function offerFiltersOf(waiting: readonly PlacementRequest[]): WireOfferFilters | undefined {
  const least = new Map<string, readonly number[]>();
  for (const { role, units } of waiting) {
    const need = amountsOf(units);
    const before = least.get(role) ?? need;
    least.set(
      role,
      before.map((amount, dimension) => Math.min(amount, need[dimension] ?? 0)),
    );
  }
  const filters = [...least].flatMap(([role, amounts]) => {
    const quantities = SCALAR_NAMES.map((name, dimension) => ({ name, milli: amounts[dimension] ?? 0 }))
      .filter(({ milli }) => milli > 0)
      .map(({ name, milli }) => [name, { value: milli / 1000 }] as const);
    if (quantities.length === 0) return [];
    return [
      [
        role,
        { min_allocatable_resources: { quantities: [{ quantities: Object.fromEntries(quantities) }] } },
      ] as const,
    ];
  });
  return filters.length === 0 ? undefined : Object.fromEntries(filters);
}
