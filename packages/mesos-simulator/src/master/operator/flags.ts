import type { ResolvedMasterOptions } from '../master-options.ts';

/** The flags that mean something to this master, as `mesos-master` prints them. */
export function masterFlags(options: ResolvedMasterOptions): Readonly<Record<string, string>> {
  const { address, cluster, offerTimeoutMs, roles } = options;
  return {
    agent_ping_timeout: seconds(options.agentPingTimeoutMs),
    agent_reregister_timeout: seconds(options.agentReregisterTimeoutMs),
    allocation_interval: seconds(options.allocationIntervalMs),
    allocator: 'hierarchical',
    ...(cluster === undefined ? {} : { cluster }),
    framework_sorter: 'drf',
    hostname: address.hostname,
    ip: address.ip,
    max_agent_ping_timeouts: String(options.maxAgentPingTimeouts),
    max_completed_frameworks: String(options.maxCompletedFrameworks),
    max_completed_tasks_per_framework: String(options.maxCompletedTasks),
    max_unreachable_tasks_per_framework: String(options.maxCompletedTasks),
    ...(offerTimeoutMs === undefined ? {} : { offer_timeout: seconds(offerTimeoutMs) }),
    port: String(address.port),
    role_sorter: 'drf',
    ...(roles === undefined ? {} : { roles: roles.join(',') }),
    root_submissions: String(options.rootSubmissions),
    version: 'false',
  };
}

/** `15secs`, `10mins`. */
function seconds(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}mins`;
  return ms >= 1000 ? `${ms / 1000}secs` : `${ms}ms`;
}
