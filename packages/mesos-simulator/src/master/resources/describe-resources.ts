import type { WireReservation, WireResource } from '@vibrissa/mesos/wire';

/** As a master prints resources in its messages: `cpus(allocated: *):8; ports(allocated: *):[31000-32000]`. */
export function describeResources(resources: readonly WireResource[], role: string): string {
  return resources
    .map((resource) => {
      const owner = resource.allocation_info?.role ?? role;
      return `${resource.name}(allocated: ${owner})${describeReservations(resource)}:${describeValue(resource)}`;
    })
    .join('; ');
}

/** Without the allocation: as `cpus:-1`. */
export function describeResource(resource: WireResource): string {
  return `${resource.name}${describeReservations(resource)}:${describeValue(resource)}`;
}

function describeValue(resource: WireResource): string {
  if (resource.type === 'SCALAR') return String(resource.scalar.value);
  if (resource.type === 'SET') return `{${resource.set.item.join(', ')}}`;
  return `[${resource.ranges.range.map(({ begin, end }) => `${begin}-${end}`).join(', ')}]`;
}

function describeReservations({ reservations, role }: WireResource): string {
  if (reservations !== undefined && reservations.length > 0) {
    return `(reservations: [${reservations.map(describeReservation).join(',')}])`;
  }
  return role === undefined || role === '*' ? '' : `(reservations: [(STATIC,${role})])`;
}

function describeReservation({ type, role, principal, labels }: WireReservation): string {
  const parts = [type ?? 'STATIC', role ?? ''];
  if (principal !== undefined) parts.push(principal);
  if (labels !== undefined) {
    parts.push(`{${labels.labels.map(({ key, value }) => `${key}: ${value ?? ''}`).join(', ')}}`);
  }
  return `(${parts.join(',')})`;
}
