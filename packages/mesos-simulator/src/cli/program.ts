import { Command, Option } from 'commander';

import type { MarathonOptions } from '../marathon/marathon-options.ts';
import type { AgentOptions, SimulatorOptions } from '../simulator/simulator-options.ts';
import {
  collect,
  parseCount,
  parseCredential,
  parseDuration,
  parseImage,
  parsePort,
  parseWeights,
} from './parse-option.ts';

/** What the command line gives; names are commander's. */
interface Given {
  readonly agents: number;
  readonly masters: number;
  readonly host: string;
  readonly port: number;
  readonly agentPort?: number;
  readonly control?: number;
  readonly resources?: readonly string[];
  readonly attributes?: readonly string[];
  readonly roles?: string;
  readonly weights?: Readonly<Record<string, number>>;
  readonly credential?: Readonly<Record<string, string>>;
  readonly image?: Readonly<Record<string, string>>;
  readonly dockerSocket?: string;
  /** True: at its usual port. */
  readonly marathon?: number | true;
  readonly marathonCredential?: Readonly<Record<string, string>>;
  readonly marathonToken?: string;
  readonly offerTimeout?: number;
  readonly allocationInterval?: number;
  readonly agentPingTimeout?: number;
  readonly maxAgentPingTimeouts?: number;
  readonly agentReregisterTimeout?: number;
  readonly electionTimeout?: number;
  readonly registry: 'in_memory' | 'replicated_log';
  readonly cluster?: string;
  readonly workDir?: string;
}

const MARATHON_PORT = 8080;

const examples = `
Examples:
  $ mesos-simulator --agents 3
  $ mesos-simulator --agents 2 --resources 'cpus:4;mem:8192;ports:[31000-31100]' --attributes rack:r1 --attributes rack:r2
  $ mesos-simulator --masters 3 --registry replicated_log --control 5000
  $ mesos-simulator --agents 3 --marathon
  $ mesos-simulator --image alpine=/srv/roots/alpine --credential app:secret
`;

function toMilliseconds(flags: string, description: string): Option {
  return new Option(`${flags} <duration>`, description).argParser(parseDuration);
}

/** The command; `start` gets what was asked for. */
export function buildProgram(version: string, start: (options: SimulatorOptions) => Promise<void>): Command {
  return new Command('mesos-simulator')
    .description(
      'Simulates an Apache Mesos cluster: the real HTTP API, tasks as real processes of this machine.',
    )
    .version(version)
    .option('--agents <number>', 'how many agents', parseCount, 1)
    .option('--masters <number>', 'how many masters; one leads', parseCount, 1)
    .option('--host <address>', 'where they listen', '127.0.0.1')
    .option('--port <port>', 'of the first master', parsePort, 5050)
    .option(
      '--agent-port <port>',
      'of the first agent, the others after it (default: after the master’s)',
      parsePort,
    )
    .option(
      '--control <port>',
      'serve /simulator on a port of its own as well, which no kill of a master takes away',
      parsePort,
    )
    .option(
      '--resources <text>',
      'of agents, as cpus:8;mem:16384;ports:[31000-32000]; several times: one agent each',
      collect,
    )
    .option('--attributes <text>', 'of agents, as rack:r1;zone:z1; several times: one agent each', collect)
    .option('--roles <names>', 'the only ones that frameworks may have, with commas')
    .option('--weights <list>', 'of roles, as a=2,b=0.5', parseWeights)
    .option(
      '--credential <principal:secret>',
      'frameworks have to authenticate; may be given several times',
      parseCredential,
    )
    .option(
      '--image <name=directory>',
      'the root of tasks with this image; may be given several times',
      parseImage,
    )
    .option('--docker-socket <path>', 'of the Docker Engine for Docker tasks (default: /var/run/docker.sock)')
    .option(
      '--marathon [port]',
      `a Marathon on these masters, its API on this port (default: ${MARATHON_PORT})`,
      parsePort,
    )
    .option(
      '--marathon-credential <user:password>',
      'the Marathon’s API asks who calls; may be given several times',
      parseCredential,
    )
    .option('--marathon-token <token>', 'the Marathon’s API takes Authorization: token=<token>')
    .addOption(toMilliseconds('--offer-timeout', 'offers held longer are rescinded (default: never)'))
    .addOption(toMilliseconds('--allocation-interval', 'between two allocations (default: 1secs)'))
    .addOption(toMilliseconds('--agent-ping-timeout', 'between two pings of an agent (default: 15secs)'))
    .option(
      '--max-agent-ping-timeouts <number>',
      'so many lost pings make an agent unreachable (default: 5)',
      parseCount,
    )
    .addOption(
      toMilliseconds('--agent-reregister-timeout', 'for agents, after a new leader began (default: 10mins)'),
    )
    .addOption(
      toMilliseconds('--election-timeout', 'from the death of a leader to the next one (default: 8secs)'),
    )
    .addOption(
      new Option('--registry <kind>', 'what a master that starts again remembers')
        .choices(['in_memory', 'replicated_log'])
        .default('in_memory'),
    )
    .option('--cluster <name>', 'shown in the state and on the page')
    .option('--work-dir <directory>', 'for sandboxes (default: a new one, removed at the end)')
    .addHelpText('after', examples)
    .showHelpAfterError('Run with --help to see what it takes.')
    .action((given: Given) => start(toOptions(given)));
}

/** One text for all agents, or one for each. */
function agentsOf({ agents, resources = [], attributes = [] }: Given): readonly AgentOptions[] {
  const pick = (list: readonly string[], index: number) => (list.length === 1 ? list[0] : list[index]);
  return Array.from({ length: Math.max(agents, resources.length, attributes.length) }, (_, index) => {
    const own = pick(resources, index);
    const about = pick(attributes, index);
    return {
      ...(own === undefined ? {} : { resources: own }),
      ...(about === undefined ? {} : { attributes: about }),
    };
  });
}

/** A credential or a token asks for a Marathon, too. */
function marathonOf({
  marathon,
  marathonCredential: credentials,
  marathonToken: token,
}: Given): MarathonOptions | undefined {
  if (marathon === undefined && credentials === undefined && token === undefined) return undefined;
  return {
    port: typeof marathon === 'number' ? marathon : MARATHON_PORT,
    ...(credentials === undefined ? {} : { credentials }),
    ...(token === undefined ? {} : { token }),
  };
}

function toOptions(given: Given): SimulatorOptions {
  const all = {
    masters: given.masters,
    host: given.host,
    port: given.port,
    agentPort: given.agentPort ?? given.port + (given.port === 0 ? 0 : 1),
    agents: agentsOf(given),
    registry: given.registry,
    controlPort: given.control,
    roles: given.roles?.split(','),
    weights: given.weights,
    credentials: given.credential,
    images: given.image,
    dockerSocket: given.dockerSocket,
    marathon: marathonOf(given),
    offerTimeoutMs: given.offerTimeout,
    allocationIntervalMs: given.allocationInterval,
    agentPingTimeoutMs: given.agentPingTimeout,
    maxAgentPingTimeouts: given.maxAgentPingTimeouts,
    agentReregisterTimeoutMs: given.agentReregisterTimeout,
    electionMs: given.electionTimeout,
    cluster: given.cluster,
    workDirectory: given.workDir,
  };
  // What was not given is to keep its default.
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as SimulatorOptions;
}
