import type { UpdateFrameworkCall } from '@vibrissa/mesos/wire';
import { removeOffersOf } from '../allocator/recover-resources.ts';
import { refuse, type Refusal } from '../call/read-body.ts';
import { rolesOf } from '../state/framework.ts';
import type { Framework, OfferConstraints } from '../state/entities.ts';
import type { MasterState } from '../state/master-state.ts';
import { updateDemand } from './demand.ts';
import { frameworkInfoOf } from './framework-info.ts';
import { invalidFramework } from './validate-framework.ts';
import { scheduleAllocation } from '../allocator/allocate.ts';

/** All or nothing; offers of dropped roles are rescinded. Undefined: it was applied (200). */
export function updateFramework(
  master: MasterState,
  framework: Framework,
  { update_framework: body }: UpdateFrameworkCall,
): Refusal | undefined {
  const info = frameworkInfoOf(body.framework_info);
  const suppressedRoles = body.suppressed_roles ?? [];
  const offerConstraints = body.offer_constraints as OfferConstraints | undefined;
  const wrong =
    changedImmutable(framework, info) ??
    invalidFramework(master, { info, suppressedRoles, offerConstraints });
  if (wrong !== undefined) return refuse(400, `FrameworkInfo update is not valid: ${wrong}`);
  const formerRoles = framework.roles;
  framework.info = info;
  framework.roles = rolesOf(info);
  framework.suppressed = new Set(suppressedRoles);
  framework.offerConstraints = offerConstraints;
  for (const role of formerRoles) {
    if (framework.roles.has(role)) continue;
    removeOffersOf(master, framework, { rescind: true, role });
    framework.filters.delete(role);
  }
  updateDemand(master, framework, formerRoles);
  master.candidates.addAll();
  scheduleAllocation(master);
  return undefined;
}

function changedImmutable(framework: Framework, info: Framework['info']): string | undefined {
  const { user, checkpoint = false, principal } = framework.info;
  if (info.user !== user) {
    return `Updating 'FrameworkInfo.user' is unsupported; attempted to update from '${user}' to '${info.user}'`;
  }
  if ((info.checkpoint ?? false) !== checkpoint) {
    return `Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from '${checkpoint}' to '${!checkpoint}'`;
  }
  return info.principal === principal ? undefined : "Changing framework's principal is not allowed.";
}
