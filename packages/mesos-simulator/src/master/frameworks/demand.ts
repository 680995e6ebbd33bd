import { allocate } from '../allocator/allocate.ts';
import type { Framework } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';

/** Brings the index of who wants offers up to date: after any change of stream, roles or suppression. */
export function updateDemand(
  master: MasterState,
  framework: Framework,
  formerRoles?: ReadonlySet<string>,
): void {
  for (const role of formerRoles ?? []) if (!framework.roles.has(role)) withdraw(master, framework, role);
  for (const role of framework.roles) {
    const wants = framework.stream !== undefined && !framework.suppressed.has(role);
    if (!wants) withdraw(master, framework, role);
    else if (master.demand.has(role)) master.demand.get(role)?.add(framework);
    else master.demand.set(role, new Set([framework]));
  }
}

/** Somebody wants more: every agent with something left is looked at, at once. */
export function offerAtOnce(master: MasterState): void {
  master.candidates.addAll();
  allocate(master);
}

function withdraw(master: MasterState, framework: Framework, role: string): void {
  const frameworks = master.demand.get(role);
  frameworks?.delete(framework);
  if (frameworks?.size === 0) master.demand.delete(role);
}
