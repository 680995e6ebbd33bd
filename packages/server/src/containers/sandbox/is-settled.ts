/**
 * Has bubblewrap made all of a sandbox's namespaces, and begun the program? Told from `/proc/PID/status`. Pure.
 *
 * Dropping all capabilities is the last thing that it does. Until then the users of the outer namespace may not be mapped,
 * and whoever enters it can't change its network. (`no_new_privs` is set long before.)
 */
export function isSettled(status: string): boolean {
  return /^CapPrm:\t0+$/m.test(status);
}
