import type { WireUrl } from '../wire/index.ts';

/** Which sandbox: an executor's, or below it that of a task of a group. */
export interface SandboxPlace {
  /** The agent's address, as an offer names it. */
  readonly agentUrl: WireUrl;
  readonly frameworkId: string;
  /** Of a task that is not in a group: its Mesos task id. */
  readonly executorId: string;
  /** Of a task in a group: its Mesos task id. */
  readonly groupTaskId?: string;
}

/**
 * Where the agent's HTTP server listens. The path of an offer's URL (`/slave(1)`) names the agent's process, not a
 * prefix of its files. A certificate is for a name, so TLS dials the name; otherwise an address needs no resolver.
 */
export function agentOrigin({ scheme, address }: WireUrl): string {
  const { ip, hostname, port } = address;
  const host = (scheme === 'https' ? hostname || ip : ip || hostname) ?? '';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * The path under which an agent serves a file of a sandbox. `latest` is the executor's last run, so that the agent
 * need not be asked for the directory; it holds for tasks that have ended, too (Mesos 1.5 and later).
 */
export function sandboxPath(place: SandboxPlace, file: string): string {
  const run = `/frameworks/${place.frameworkId}/executors/${place.executorId}/runs/latest`;
  const directory = place.groupTaskId === undefined ? run : `${run}/tasks/${place.groupTaskId}`;
  return file === '' ? directory : `${directory}/${file}`;
}
