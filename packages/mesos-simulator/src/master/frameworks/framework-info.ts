import type { WireFrameworkInfo } from '@vibrissa/mesos/wire';

/** The fields of a FrameworkInfo, as a master shows them; others are dropped, and so are capabilities it doesn't know. */
const fields = [
  'user',
  'name',
  'id',
  'failover_timeout',
  'checkpoint',
  'role',
  'roles',
  'hostname',
  'principal',
  'webui_url',
  'capabilities',
  'labels',
  'offer_filters',
] as const satisfies readonly (keyof WireFrameworkInfo)[];

export function frameworkInfoOf(given: WireFrameworkInfo): WireFrameworkInfo {
  const kept = Object.fromEntries(
    fields.flatMap((field) => (isPresent(given[field]) ? [[field, given[field]]] : [])),
  );
  const capabilities = given.capabilities?.filter(({ type }) => (type as string | undefined) !== undefined);
  return {
    ...(kept as unknown as WireFrameworkInfo),
    ...(isPresent(capabilities) ? { capabilities } : {}),
  };
}

/** Empty lists and absent ones are the same. */
function isPresent<Value>(value: Value | undefined): value is Value {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** What a resubscription can't change: user and checkpoint are ignored silently. */
export function immutableFields(info: WireFrameworkInfo): Partial<WireFrameworkInfo> {
  return { user: info.user, checkpoint: info.checkpoint ?? false };
}
