import { join } from 'node:path';

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { ProcessGuard } from '../executor/process-guard.ts';
import { AdjustableClock } from '../faults/adjustable-clock.ts';
import { FaultRules } from '../faults/fault-rules.ts';
import { notFound } from '../http/answer.ts';
import { HttpListener } from '../http/http-listener.ts';
import { RouteTable } from '../http/route-table.ts';
import type { Marathon } from '../marathon/marathon.ts';
import { openMarathon } from '../marathon/open-marathon.ts';
import type { MasterOptions } from '../master/master-options.ts';
import { Registry } from '../master/registry.ts';
import { addLogRoute } from '../page/log-route.ts';
import { addPageRoute } from '../page/page-route.ts';
import { AgentHost } from './agent-host.ts';
import { checkOptions, InvalidOption } from './check-options.ts';
import { Cluster } from './cluster.ts';
import { SimulatorControl, type SimulatorStatus } from './control.ts';
import { addControlRoutes } from './control-routes.ts';
import { MasterHost } from './master-host.ts';
import { takePortShare, type PortShare } from './port-share.ts';
import {
  addresses,
  agentInfo,
  agentList,
  workDirectory,
  type SimulatorOptions,
  type WorkDirectory,
} from './simulator-options.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_ELECTION_MS = 8000;
const DEFAULT_VERSION = '1.12.0';
const DEFAULT_DOCKER_SOCKET = '/var/run/docker.sock';

/** What the parts of a simulator share. */
interface Foundation {
  readonly options: SimulatorOptions;
  readonly directory: WorkDirectory;
  readonly clock: AdjustableClock;
  readonly rules: FaultRules;
  readonly cluster: Cluster;
  readonly control: SimulatorControl;
  readonly guard: ProcessGuard;
  readonly ports: PortShare;
  readonly additions: Additions;
}

/** What there is only when it was asked for. */
interface Additions {
  controlListener?: HttpListener | undefined;
  marathon?: Marathon | undefined;
}

/**
 * A simulated Mesos cluster that listens on real ports and runs tasks as real processes.
 *
 *     const simulator = await MesosSimulator.open({ agents: 3 });
 *     const scheduler = await MesosScheduler.open({ masters: simulator.url, … });
 *     await simulator.control.killAgent(2);
 *     await simulator.stop();
 */
export class MesosSimulator {
  /** Makes things go wrong. */
  readonly control: SimulatorControl;
  /** Absolute; sandboxes are below `agent-<number>`. */
  readonly workDirectory: string;
  readonly #foundation: Foundation;
  #stopped: Promise<void> | undefined;

  private constructor(foundation: Foundation) {
    this.#foundation = foundation;
    this.control = foundation.control;
    this.workDirectory = foundation.directory.path;
  }

  /**
   * Starts masters and agents; resolves when the first master leads and every agent was told of it. Rejects with node's
   * error when a port is taken, and with an `InvalidOption` or `InvalidNotation` when an option is unknown or makes no
   * sense; nothing is left behind then.
   */
  static async open(options: SimulatorOptions = {}): Promise<MesosSimulator> {
    const foundation = await lay(options);
    const { additions } = foundation;
    try {
      await raiseMasters(foundation);
      await raiseAgents(foundation);
      additions.controlListener = await openControl(foundation);
      additions.marathon = await raiseMarathon(foundation);
      return new MesosSimulator(foundation);
    } catch (error) {
      await tearDown(foundation);
      throw error;
    }
  }

  /** Of the first master. */
  get url(): string {
    return this.urls[0] ?? '';
  }

  /** Of all masters. */
  get urls(): readonly string[] {
    return this.#foundation.cluster.masters.map((master) => master.url);
  }

  get agents(): SimulatorStatus['agents'] {
    return this.control.status().agents;
  }

  /** Where `/simulator/…` is served whatever becomes of masters; absent without a `controlPort`. */
  get controlUrl(): string | undefined {
    const { host = DEFAULT_HOST } = this.#foundation.options;
    const { controlListener } = this.#foundation.additions;
    return controlListener && `http://${host}:${controlListener.port}`;
  }

  /** The Marathon on these masters. Throws an {@link InvalidOption} when none was asked for. */
  get marathon(): Marathon {
    const { marathon } = this.#foundation.additions;
    if (!marathon)
      throw new InvalidOption('This simulator has no Marathon: open it with { marathon: true } to have one.');
    return marathon;
  }

  /** Ends everything: ports, tasks, and the work directory unless it was given. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= tearDown(this.#foundation);
    return this.#stopped;
  }

  /** As {@link stop}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function lay(options: SimulatorOptions): Promise<Foundation> {
  checkOptions(options);
  const directory = await workDirectory(options.workDirectory);
  const clock = new AdjustableClock(options.clock ?? systemClock);
  const rules = new FaultRules();
  const additions: Additions = {};
  const cluster = new Cluster(clock, options.electionMs ?? DEFAULT_ELECTION_MS);
  return {
    options,
    directory,
    clock,
    rules,
    cluster,
    additions,
    control: new SimulatorControl({ cluster, rules, clock, marathon: () => additions.marathon }),
    guard: await ProcessGuard.open(directory),
    ports: await takePortShare(),
  };
}

function masterSettings(options: SimulatorOptions): Omit<MasterOptions, 'address'> {
  const {
    agents: _agents,
    masters: _masters,
    host: _host,
    port: _port,
    agentPort: _agentPort,
    controlPort: _controlPort,
    registry: _registry,
    credentials: _credentials,
    electionMs: _electionMs,
    images: _images,
    marathon: _marathon,
    dockerSocket: _dockerSocket,
    workDirectory: _workDirectory,
    clock: _clock,
    random: _random,
    ...settings
  } = options;
  return settings;
}

async function raiseMasters({ options, clock, rules, cluster, control, ports }: Foundation): Promise<void> {
  const { host = DEFAULT_HOST, port = 0, masters: count = 1, registry = 'in_memory', credentials } = options;
  const shared = new Registry();
  const hosts = await addresses(host, count);
  for (const [index, address] of hosts.entries()) {
    const isAlone = index > 0 && address === hosts[0];
    const master = new MasterHost({
      number: index + 1,
      host: address,
      port: port === 0 ? await ports.lasting(address) : isAlone ? port + index : port,
      settings: masterSettings(options),
      flags: {
        registry,
        quorum: String(Math.floor(count / 2) + 1),
        authenticate_http_frameworks: String(credentials !== undefined),
      },
      credentials: new Map(Object.entries(credentials ?? {})),
      registry: () => (registry === 'in_memory' ? new Registry() : shared),
      clock,
      random: options.random ?? systemRandom,
      rules,
      addRoutes: (table, self) => {
        addPageRoute(table, {
          snapshot: () => self.snapshot(),
          leaderUrl: () => cluster.leader?.url,
          agents: () => control.status().agents,
          faults: () => rules.list(),
          now: () => clock.now(),
        });
        addControlRoutes(table, control);
      },
      onExit: (self) => cluster.masterEnded(self),
    });
    cluster.masters.push(master);
    await cluster.startMaster(master);
  }
}

async function raiseAgents({
  options,
  directory,
  clock,
  rules,
  cluster,
  control,
  guard,
  ports,
}: Foundation): Promise<void> {
  const { host = DEFAULT_HOST, agentPort = 0, version = DEFAULT_VERSION, images = {} } = options;
  const agents = agentList(options);
  const hosts = await addresses(host, agents.length);
  for (const [index, agent] of agents.entries()) {
    const { port = agentPort === 0 ? 0 : agentPort + index } = agent;
    const address = agent.host ?? hosts[index] ?? DEFAULT_HOST;
    const host = new AgentHost({
      number: index + 1,
      host: address,
      port: port === 0 ? await ports.lasting(address) : port,
      info: agentInfo(agent, { index, count: agents.length, ports }, version),
      ...(agent.hostname === undefined ? {} : { hostname: agent.hostname }),
      workDirectory: join(directory.path, `agent-${index + 1}`),
      images: new Map(Object.entries(images)),
      dockerSocket: options.dockerSocket ?? DEFAULT_DOCKER_SOCKET,
      guard,
      clock,
      machineClock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      rules,
      leader: () => cluster.leader,
      addRoutes: (table, files) => {
        addLogRoute(table, files);
        addControlRoutes(table, control);
      },
    });
    cluster.agents.push(host);
    await host.start();
  }
}

async function openControl({ options, clock, control }: Foundation): Promise<HttpListener | undefined> {
  const { controlPort, host = DEFAULT_HOST } = options;
  if (controlPort === undefined) return undefined;
  const table = new RouteTable();
  addControlRoutes(table, control);
  return HttpListener.open({
    host,
    port: controlPort,
    clock,
    handle: (exchange) => {
      const handler = table.find(exchange.path);
      if (handler) void handler(exchange);
      else exchange.answer(notFound);
    },
  });
}

async function raiseMarathon(foundation: Foundation): Promise<Marathon | undefined> {
  const { options, clock, cluster, ports } = foundation;
  const { marathon = false, host = DEFAULT_HOST, random = systemRandom, credentials = {} } = options;
  if (marathon === false) return undefined;
  const [first] = Object.entries(credentials);
  const given = marathon === true ? {} : marathon;
  const port = given.port ? given.port : await ports.lasting(given.host ?? host);
  return openMarathon(
    { ...given, port },
    {
      host,
      clock,
      random,
      leaderUrl: () => cluster.leader?.url,
      ...(first ? { credential: { principal: first[0], secret: first[1] } } : {}),
    },
  );
}

async function tearDown({ cluster, guard, ports, additions }: Foundation): Promise<void> {
  await additions.marathon?.close();
  await additions.controlListener?.close();
  await cluster.close();
  await guard.close();
  await ports.close();
}
