import type { WireResource } from '@vibrissa/mesos';

/** Of a processor: the master takes no task with less. */
export const LEAST_CPUS = 0.01;
const THOUSANDTHS = 1000;

/** Whose it is: the role of the last reservation, `*` where there is none. */
function ownerOf({ reservations, role }: WireResource): string {
  return reservations?.at(-1)?.role ?? role ?? '*';
}

/** A scalar's amount among resources; with a role only of what that role may use. */
export function amountIn(
  resources: readonly WireResource[] | undefined,
  name: string,
  role?: string,
): number {
  let milli = 0;
  for (const resource of resources ?? []) {
    if (resource.type !== 'SCALAR' || resource.name !== name) continue;
    const owner = ownerOf(resource);
    if (role !== undefined && owner !== '*' && owner !== role) continue;
    milli += Math.round(resource.scalar.value * THOUSANDTHS);
  }
  return milli / THOUSANDTHS;
}
