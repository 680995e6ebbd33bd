import type { WireCommandInfo, WireEnvironment, WireUri } from '../wire/index.ts';
import { imageOf, listeningPort, portName } from './task-network.ts';
import type { StoredTaskSpec } from './task-record.ts';
import type { FetchSpec } from './task-spec.ts';

/**
 * `PORT0`, `PORT1`, … and `PORT_<NAME>`: where the program is to listen; `PORT` is the first. A variable that the
 * spec gives itself wins.
 */
function portVariables(spec: StoredTaskSpec, hostPorts: readonly number[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const listening = String(listeningPort(port, hostPorts[index]));
    if (index === 0) variables['PORT'] = listening;
    variables[`PORT${index}`] = listening;
    variables[`PORT_${portName(port, index).toUpperCase().replaceAll('-', '_')}`] = listening;
  }
  return variables;
}

function buildEnvironment(spec: StoredTaskSpec, hostPorts: readonly number[]): WireEnvironment | undefined {
  const variables = { ...portVariables(spec, hostPorts), ...spec.env };
  const entries = Object.entries(variables);
  return entries.length === 0 ? undefined : { variables: entries.map(([name, value]) => ({ name, value })) };
}

function buildUri(fetch: FetchSpec): WireUri {
  return {
    value: fetch.uri,
    ...(fetch.extract !== undefined && { extract: fetch.extract }),
    ...(fetch.executable !== undefined && { executable: fetch.executable }),
    ...(fetch.cache !== undefined && { cache: fetch.cache }),
    ...(fetch.outputFile !== undefined && { output_file: fetch.outputFile }),
  };
}

/**
 * What is run. The Mesos containerizer hands `arguments` to exec as they are, so that the first one is the program's
 * own name; the Docker containerizer puts them behind `value` on Docker's command line. An image's own entry point
 * is `shell: false` without a value, and its arguments never hold a name.
 */
function buildProgram(spec: StoredTaskSpec): Pick<WireCommandInfo, 'shell' | 'value' | 'arguments'> {
  const image = imageOf(spec);
  const { command } = spec;
  if (typeof command === 'string') return { shell: true, value: command };
  if (command === undefined) {
    return { shell: false, ...(image?.arguments?.length && { arguments: image.arguments }) };
  }
  const given = command.arguments ?? [];
  const list = image && image.runtime !== 'ucr' ? given : [command.program, ...given];
  return { shell: false, value: command.program, ...(list.length > 0 && { arguments: list }) };
}

/** The CommandInfo of a task: program, environment, user and what is fetched before it starts. */
export function buildCommand(spec: StoredTaskSpec, hostPorts: readonly number[]): WireCommandInfo {
  const environment = buildEnvironment(spec, hostPorts);
  return {
    ...buildProgram(spec),
    ...(spec.user !== undefined && { user: spec.user }),
    ...(environment && { environment }),
    ...(spec.fetch?.length && { uris: spec.fetch.map(buildUri) }),
  };
}
