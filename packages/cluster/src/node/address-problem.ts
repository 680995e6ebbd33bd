import type { Address } from '../membership/member.ts';

const MOST_PORT = 65_535;
/** Where one can listen, and nobody can be reached. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);

/** What keeps an instance from listening there, or others from reaching it; undefined: nothing that can be seen here. */
export function addressProblem({
  advertise,
  listen,
}: {
  readonly advertise?: Address;
  readonly listen: Address;
}): string | undefined {
  const problem = problemOf('listen', listen) ?? (advertise && problemOf('advertise', advertise));
  if (problem !== undefined) return problem;
  const { host } = advertise ?? listen;
  return WILDCARDS.has(host)
    ? `\`${advertise ? 'advertise' : 'listen'}.host\` is ${host}, where no other instance can reach this one. Give \`advertise\`: this machine's address as the others see it, and the port.`
    : undefined;
}

/** Port 0 is any: the system chooses it. */
function problemOf(name: string, address: Partial<Address> | null | undefined): string | undefined {
  const { host, port } = address ?? {};
  if (typeof host !== 'string' || host.trim() === '')
    return `\`${name}.host\` is missing. Give \`${name}\` as { host: '10.0.0.3', port: 7946 }.`;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > MOST_PORT)
    return `\`${name}.port\` is ${shown(port)}. Give a whole number from 1 to ${MOST_PORT}.`;
  return undefined;
}

function shown(port: unknown): string {
  return typeof port === 'string' ? JSON.stringify(port) : String(port);
}
