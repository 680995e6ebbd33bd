import { networkOf, portName } from './task-network.ts';
import type { HealthCheckSpec, TaskSpec } from './task-spec.ts';

/** What surrounds a task and changes its rules. */
export interface Surroundings {
  /** It is part of a task group, on the group's network (`mapped`) or the agent's. */
  readonly group?: 'agent' | 'mapped';
}

type Rule = (spec: TaskSpec, surroundings: Surroundings) => string | undefined;

function commandRule({ command, image }: TaskSpec): string | undefined {
  if (command === undefined && image === undefined) {
    return 'neither command nor image is given: Mesos would not know what to run. Give one of them, or both.';
  }
  const given = typeof image === 'object' ? image.arguments : undefined;
  return command !== undefined && given !== undefined
    ? "image.arguments are for the image's own entry point, which command replaces: give one of them."
    : undefined;
}

function runtimeRule({ image }: TaskSpec): string | undefined {
  if (typeof image !== 'object') return undefined;
  const ucr = image.runtime === 'ucr';
  if (ucr && image.network === 'bridge') {
    return "image.network is \"bridge\", which only Docker has: with the runtime 'ucr' give 'host' or {name} of a CNI network.";
  }
  if (image.routable && typeof image.network !== 'object') {
    return 'image.routable is for a named network: give image.network as {name}, or leave routable out.';
  }
  if (!ucr) return undefined;
  if (image.parameters?.length) {
    return "image.parameters are options of 'docker run', which the runtime 'ucr' does not use: leave them out.";
  }
  return image.privileged
    ? "image.privileged is an option of Docker, which the runtime 'ucr' does not have: leave it out."
    : undefined;
}

/** Such a parameter would override the network's mode behind the ports' back. */
function parametersRule({ image }: TaskSpec): string | undefined {
  const parameters = typeof image === 'object' ? (image.parameters ?? []) : [];
  const network = parameters.find(({ key }) => /^-*(net|network)$/.test(key));
  return network
    ? `image.parameters holds "${network.key}", which would override the network that the ports are mapped for: give image.network instead.`
    : undefined;
}

function groupRule({ image }: TaskSpec, { group }: Surroundings): string | undefined {
  if (group === undefined || typeof image !== 'object') return undefined;
  if (image.runtime === 'docker') {
    return 'image.runtime is "docker", but the tasks of a group share an executor of the Mesos containerizer: give \'ucr\' or leave it out.';
  }
  return image.network !== undefined || image.routable
    ? "image.network is the group's affair, because its tasks share one network: give it to the group."
    : undefined;
}

function portNamesRule({ ports = [] }: TaskSpec): string | undefined {
  const seen = new Map<string, number>();
  for (const [index, port] of ports.entries()) {
    const name = portName(port, index);
    const before = seen.get(name);
    if (before !== undefined) {
      return `ports[${index}] has the name "${name}" of ports[${before}]: endpoints are known by it, so give another one.`;
    }
    seen.set(name, index);
  }
  return undefined;
}

function containerPortsRule(spec: TaskSpec, { group }: Surroundings): string | undefined {
  const { kind } = group === undefined ? networkOf(spec) : { kind: group };
  const seen = new Map<string, number>();
  for (const [index, { containerPort = 0, protocol = 'tcp' }] of (spec.ports ?? []).entries()) {
    const at = `ports[${index}].containerPort`;
    if (kind === 'agent' && containerPort !== 0) {
      return `${at} is ${containerPort}, but the task shares the agent's network and gets a free port of it: leave it out and listen on PORT${index}.`;
    }
    if (kind === 'routable' && containerPort === 0) {
      return `${at} is missing: on a routable network no port of the agent is taken, so say where the program listens.`;
    }
    if (containerPort === 0) continue;
    const before = seen.get(`${containerPort}/${protocol}`);
    if (before !== undefined) return `${at} is the one of ports[${before}] already: give each port its own.`;
    seen.set(`${containerPort}/${protocol}`, index);
  }
  return undefined;
}

function commandCheckRule({ command, portIndex, path, scheme }: HealthCheckSpec): string | undefined {
  if (command === undefined)
    return 'healthCheck.command is missing: give the line for the shell that checks.';
  const other = Object.entries({ portIndex, path, scheme }).find(([, value]) => value !== undefined);
  return other ? `healthCheck.${other[0]} is not for type COMMAND: leave it out.` : undefined;
}

function healthCheckRule({ healthCheck, ports = [] }: TaskSpec): string | undefined {
  if (!healthCheck) return undefined;
  const { type, command, path, scheme, portIndex = 0 } = healthCheck;
  if (type === 'COMMAND') return commandCheckRule(healthCheck);
  if (command !== undefined) {
    return `healthCheck.command is for type COMMAND, not ${type}: leave it out or change the type.`;
  }
  if (type === 'TCP' && (path !== undefined || scheme !== undefined)) {
    return 'healthCheck.path and healthCheck.scheme are for type HTTP: leave them out or change the type.';
  }
  if (path !== undefined && !path.startsWith('/')) {
    return `healthCheck.path is ${JSON.stringify(path)}: it must begin with '/'.`;
  }
  const port = ports[portIndex];
  if (!port) {
    return `healthCheck checks ports[${portIndex}], but there are ${ports.length} ports: give the port, or a check of type COMMAND.`;
  }
  return port.protocol === 'udp'
    ? `healthCheck checks ports[${portIndex}], which is UDP: a ${type} check needs a TCP port.`
    : undefined;
}

/** Each of them may be nothing, but not all. */
function resourcesRule({ cpus, memoryMb, diskMb = 0, gpus = 0, ports = [] }: TaskSpec): string | undefined {
  return cpus + memoryMb + diskMb + gpus > 0 || ports.length > 0
    ? undefined
    : 'cpus and memoryMb are 0, and nothing else is asked for: Mesos refuses a task that uses no resources. Give cpus or memoryMb.';
}

const rules: readonly Rule[] = [
  resourcesRule,
  commandRule,
  groupRule,
  runtimeRule,
  parametersRule,
  portNamesRule,
  containerPortsRule,
  healthCheckRule,
];

/**
 * What is wrong with how the fields of a well-shaped spec go together, as a sentence that says how to mend it;
 * undefined when nothing is. Mesos would answer most of this with TASK_ERROR or a task that fails at once, too late.
 */
export function taskProblem(spec: TaskSpec, surroundings: Surroundings = {}): string | undefined {
  for (const rule of rules) {
    const problem = rule(spec, surroundings);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
