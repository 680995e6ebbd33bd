import type { FrameworkCapability, WireFrameworkInfo } from '@vibrissa/mesos/wire';
import type { Framework } from './entities.ts';

export function newFramework(id: string, info: WireFrameworkInfo, epochMs: number): Framework {
  return {
    id,
    info,
    stream: undefined,
    recovered: false,
    roles: rolesOf(info),
    suppressed: new Set(),
    offerConstraints: undefined,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executorAgents: new Set(),
    offers: new Set(),
    inverseOffers: new Set(),
    filters: new Map(),
    inverseFilters: new Map(),
    operations: new Map(),
    registeredMs: epochMs,
    reregisteredMs: epochMs,
    unregisteredMs: undefined,
  };
}

export function can(framework: Framework, capability: FrameworkCapability): boolean {
  return framework.info.capabilities?.some(({ type }) => type === capability) ?? false;
}

/** `roles` of a MULTI_ROLE framework, else its one `role`, `*` by default. */
export function rolesOf(info: WireFrameworkInfo): ReadonlySet<string> {
  const multi = info.capabilities?.some(({ type }) => type === 'MULTI_ROLE') ?? false;
  return new Set(multi ? (info.roles ?? []) : [info.role ?? '*']);
}
