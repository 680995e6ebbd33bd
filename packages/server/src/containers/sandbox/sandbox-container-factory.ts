import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Container } from '../container.ts';
import { type ContainerFactory, type ContainerSpec, ContainerStartError } from '../container-factory.ts';
import { ApiRelay } from './api-relay.ts';
import type { SandboxView } from './bwrap-arguments.ts';
import { removeCgroup } from './cgroup-files.ts';
import { type Cgroups, missingProtections } from './cgroup-plan.ts';
import type { DiscoveredRuntimes } from './discover-runtimes.ts';
import { type FifoPair, FifoStock } from './fifo-stock.ts';
import { waitingOn } from './go-on.ts';
import { type Launch, plainLaunch, sandboxLaunch, sandboxPrefix } from './launch-plan.ts';
import { type AllowedDestination, networkRules, parseDestination } from './network-rules.ts';
import { openCgroups } from './open-cgroups.ts';
import {
  knowsSizes,
  missingNetworkParts,
  networkTools,
  preflight,
  type PreflightReport,
} from './preflight.ts';
import { type MachineProbes, probeMachine } from './probe-machine.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { makeRootTemplate, type RootTemplate } from './root-template.ts';
import type { RuntimeCommand } from './runtime-command.ts';
import type { SandboxConfig } from './sandbox-config.ts';
import { SandboxContainer } from './sandbox-container.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { SpawnerClient } from './spawner-client.ts';
import { LINE_FD } from './spawner-protocol.ts';
import { openStateDirectory, removeStateDirectory, type StateDirectory } from './state-directory.ts';
import { UidPool, usableUidRange } from './uid-pool.ts';

export interface SandboxDeps {
  /** The platform's `runtimes` directory. */
  readonly runtimeDir: string;
  /** Names the platform's leftovers; without it nothing survives this factory. */
  readonly dataDir?: string;
  /** The Unix socket of the platform's API; may appear later, but before the first container. */
  readonly apiSocketPath?: string;
  /** The port under which code in a sandbox finds that API on its own loopback. */
  readonly apiPort: number;
  readonly runtimes: DiscoveredRuntimes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: SandboxConfig;
  readonly metrics: Metrics;
  /** How the machine is looked at; a test may pretend that something is missing. */
  readonly probe?: () => Promise<MachineProbes>;
}

/** What `open` found and made. */
interface Ground {
  readonly machine: MachineProbes;
  readonly report: PreflightReport;
  readonly state: StateDirectory;
  readonly template: RootTemplate;
  readonly cgroups: Cgroups | undefined;
  readonly uids: UidPool | undefined;
  readonly seccompFile: string | undefined;
}

/** What sandboxes of one kind have in common. */
interface Prefix {
  readonly prefix: string[];
  readonly view: SandboxView;
  readonly command: RuntimeCommand;
}

const SECCOMP_FD = 4;
/** A shell that becomes the runtime when the spawner says so. */
const whenTold = `${waitingOn(LINE_FD)}; exec "$@" ${LINE_FD}>&-`;

function prepareGround(deps: SandboxDeps, machine: MachineProbes): Ground {
  const state = openStateDirectory(deps.dataDir);
  const { cgroups, problems } = openCgroups(state.baseName);
  const report = preflight({
    machine,
    plain: deps.config.plain,
    missingProtections: missingProtections(cgroups),
    cgroupProblems: problems,
    kinds: [...deps.runtimes.commands.keys()],
  });
  const range = machine.root
    ? usableUidRange(readFileSync('/proc/self/uid_map', 'utf8'), deps.config.uids)
    : undefined;
  const template = makeRootTemplate({
    root: state.root,
    runtimeDir: deps.runtimeDir,
    commands: deps.runtimes.commands.values(),
    ownUsers: range !== undefined,
  });
  return {
    machine,
    report,
    state,
    template,
    cgroups,
    uids: range === undefined ? undefined : new UidPool(range),
    seccompFile: writeFilter(state, machine),
  };
}

function writeFilter(state: StateDirectory, { architecture }: MachineProbes): string | undefined {
  if (architecture !== 'x64' && architecture !== 'arm64') return undefined;
  const file = join(state.path, 'seccomp.bpf');
  writeFileSync(file, seccompFilter(architecture));
  return file;
}

/**
 * Sandboxes on this machine: bubblewrap, cgroups, seccomp. Where it can't make them, or the settings say so, plain
 * processes under the same spawner; `report` says which, and who opens the factory has to heed it.
 */
export class SandboxContainerFactory implements ContainerFactory {
  readonly technology = 'sandbox';
  readonly report: PreflightReport;
  readonly #deps: SandboxDeps;
  readonly #ground: Ground;
  readonly #fifos: FifoStock;
  readonly #containers = new Map<
    string,
    { readonly container: SandboxContainer; readonly uid: number | undefined }
  >();
  readonly #prefixes = new Map<string, Prefix>();
  #relay: ApiRelay | undefined;
  #spawner: SpawnerClient;
  #counter = 0;
  #closing = false;

  private constructor(deps: SandboxDeps, ground: Ground) {
    this.#deps = deps;
    this.#ground = ground;
    this.report = ground.report;
    this.#spawner = this.#openSpawner();
    this.#fifos = new FifoStock(ground.state.sockets, `fifo${process.pid}_`, (names) =>
      this.#spawner.makeFifos(names),
    );
    deps.metrics.gauge('gauge_sandbox_containers_counter', () => this.#containers.size);
  }

  /** Probes the machine (some tens of milliseconds), prepares its directory and starts the spawner. */
  static async open(deps: SandboxDeps): Promise<SandboxContainerFactory> {
    const ground = prepareGround(deps, await (deps.probe ?? probeMachine)());
    const factory = new SandboxContainerFactory(deps, ground);
    if (ground.uids !== undefined && deps.apiSocketPath !== undefined)
      factory.#relay = await ApiRelay.open(join(ground.state.path, 'api.sock'), deps.apiSocketPath);
    return factory;
  }

  supports(kind: string, image: string | undefined): { ok: true } | { ok: false; reason: string } {
    if (image !== undefined && kind === 'blackbox' && !/^openwhisk\/dockerskeleton(?::[\w.-]+)?$/.test(image))
      return {
        ok: false,
        reason: `The image '${image}' needs the container factory 'mesos'; this platform runs actions in local sandboxes, which take no images.`,
      };
    if (this.#deps.runtimes.commands.has(kind)) return { ok: true };
    const known = [...this.#deps.runtimes.commands.keys()].join(', ');
    return { ok: false, reason: `The kind '${kind}' has no runtime on this machine (there are: ${known}).` };
  }

  async create(spec: ContainerSpec, signal?: AbortSignal): Promise<Container> {
    const command = this.#commandFor(spec);
    signal?.throwIfAborted();
    if (this.#closing) throw new ContainerStartError('platform', 'The platform is stopping.');
    if (!this.#spawner.alive) this.#spawner = this.#openSpawner();
    const fifos = await this.#takeFifos();
    const container = await this.#start(spec, command, fifos);
    if (signal?.aborted) {
      await container.destroy();
      signal.throwIfAborted();
    }
    return container;
  }

  async removeLeftovers(): Promise<number> {
    const { state, cgroups } = this.#ground;
    return removeLeftovers(
      {
        cgroupBases: cgroups?.bases ?? [],
        sockets: state.sockets,
        root: state.root,
        hasLiving: this.#containers.size > 0,
        isAlive: (name) =>
          this.#containers.has(name.replace(/\.(?:sock|new)$/, '')) || this.#fifos.owns(name),
      },
      this.#deps.clock,
    );
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#containers.values()].map(({ container }) => container.destroy()));
    await this.#spawner.close();
    await this.#relay?.close();
    await this.#removeBases();
    removeStateDirectory(this.#ground.state);
  }

  /** Empty by now; the kernel may need a moment to see it so. */
  async #removeBases(): Promise<void> {
    for (const base of this.#ground.cgroups?.bases ?? [])
      for (let waitMs = 1; !removeCgroup(base) && waitMs < 500; waitMs *= 2)
        await this.#deps.clock.sleep(waitMs);
  }

  #commandFor(spec: ContainerSpec): RuntimeCommand {
    const supported = this.supports(spec.kind, spec.image);
    const command = this.#deps.runtimes.commands.get(spec.kind);
    if (!supported.ok) throw new ContainerStartError('developer', supported.reason);
    if (command === undefined) throw new ContainerStartError('platform', `no command for ${spec.kind}`);
    return command;
  }

  async #takeFifos(): Promise<FifoPair> {
    try {
      return await this.#fifos.take();
    } catch (error) {
      throw new ContainerStartError('platform', 'The output pipes of a sandbox could not be made.', {
        cause: error,
      });
    }
  }

  async #start(spec: ContainerSpec, command: RuntimeCommand, fifos: FifoPair): Promise<SandboxContainer> {
    const { state, cgroups, uids, seccompFile, report } = this.#ground;
    const id = this.#nextId(spec.name);
    const uid = uids?.take();
    const plan = cgroups?.plan(id, this.#limits(spec));
    const socket = `${id}.sock`;
    const container = new SandboxContainer({
      id,
      socketPath: join(state.sockets, socket),
      fifos,
      ...(plan?.freezer === undefined ? {} : { freezer: plan.freezer }),
      host: {
        clock: this.#deps.clock,
        kill: (name) => this.#spawner.kill(name),
        attachNetwork: (name) => this.#attachNetwork(name),
      },
    });
    this.#containers.set(id, { container, uid });
    try {
      await this.#spawner.start({
        name: id,
        ...this.#launch(spec, command),
        sandboxed: report.isolation !== 'none',
        ...(uid === undefined ? {} : { uid }),
        ...(plan === undefined ? {} : { cgroups: plan }),
        socket,
        stdout: fifos.stdout,
        stderr: fifos.stderr,
        ...(seccompFile === undefined || report.isolation === 'none' ? {} : { seccompFile }),
      });
      container.started();
      return container;
    } catch (error) {
      this.#forget(id);
      container.failed();
      throw new ContainerStartError('platform', 'The sandbox could not be started.', { cause: error });
    }
  }

  #limits(spec: ContainerSpec): Parameters<Cgroups['plan']>[1] {
    const { pids, cpuCores } = this.#deps.config;
    const { memoryMb, cpuShares } = spec;
    return { memoryMb, cpuShares, pids, ...(cpuCores === undefined ? {} : { cpuCores }) };
  }

  #launch(spec: ContainerSpec, command: RuntimeCommand): Launch {
    const { machine, template, report } = this.#ground;
    const { apiPort } = this.#deps;
    if (report.isolation === 'none') {
      const setpriv = machine.setpriv === undefined ? {} : { setpriv: machine.setpriv };
      return plainLaunch({ command, template, apiPort, ...setpriv }, spec);
    }
    const known = this.#prefixes.get(command.kind) ?? this.#makePrefix(command);
    return sandboxLaunch(known.prefix, { view: known.view, command: known.command, apiPort }, spec);
  }

  /** The argument vector up to the runtime, made once per kind. */
  #makePrefix(command: RuntimeCommand): Prefix {
    const { machine, template, seccompFile } = this.#ground;
    const { config, apiPort, apiSocketPath } = this.#deps;
    const apiSocket = this.#relay?.path ?? apiSocketPath;
    const view: SandboxView = {
      bwrap: machine.bwrap?.path ?? 'bwrap',
      root: template.path,
      binds: [...template.binds, ...template.bindsOf(command.kind)],
      ...(apiSocket === undefined || !existsSync(apiSocket) ? {} : { apiSocket }),
      tmpMb: config.tmpMb,
      actionDirMb: config.actionDirMb,
      sharedMemoryMb: config.sharedMemoryMb,
      sizes: knowsSizes(machine),
      ...(seccompFile === undefined ? {} : { seccompFd: SECCOMP_FD }),
    };
    const waiting = { ...command, argv: ['/bin/sh', '-c', whenTold, 'sh', ...command.argv] };
    const made = { prefix: sandboxPrefix({ view, command, apiPort }), view, command: waiting };
    this.#prefixes.set(command.kind, made);
    return made;
  }

  async #attachNetwork(name: string): Promise<void> {
    const tools = networkTools(this.#ground.machine);
    if (!this.#deps.config.internet)
      throw new ContainerStartError(
        'developer',
        'Internet access for actions is switched off on this platform.',
      );
    if (this.#ground.report.isolation === 'none') return;
    if (tools === undefined)
      throw new ContainerStartError(
        'developer',
        `This platform can give actions no internet access: ${missingNetworkParts(this.#ground.machine).join(', ')} missing. Its operator can install it with 'apt-get install slirp4netns nftables'.`,
      );
    try {
      const rules = networkRules(await this.#allowedDestinations(), hostAddresses());
      await this.#spawner.attachNetwork({ name, rules, tools });
    } catch (error) {
      throw new ContainerStartError('platform', 'The network of a sandbox could not be attached.', {
        cause: error,
      });
    }
  }

  /** Names are looked up each time: what an operator allows by name may move. */
  async #allowedDestinations(): Promise<AllowedDestination[]> {
    const found: AllowedDestination[] = [];
    for (const text of this.#deps.config.allowedDestinations) {
      const destination = parseDestination(text);
      if (destination === undefined) throw new Error(`'${text}' is no host:port`);
      for (const { address } of await lookup(destination.host, { family: 4, all: true }))
        found.push({ address, port: destination.port });
    }
    return found;
  }

  #openSpawner(): SpawnerClient {
    const forget = (name: string) => this.#forget(name);
    return SpawnerClient.open(
      this.#ground.state.sockets,
      {
        exit: (name, exit) => this.#containers.get(name)?.container.exited(exit),
        gone: (name) => {
          const known = this.#containers.get(name);
          forget(name);
          known?.container.gone();
        },
        ended: () => void this.#lostSpawner(),
      },
      this.#deps.logger,
    );
  }

  /** Its sandboxes died with it; their groups and sockets are still there. */
  async #lostSpawner(): Promise<void> {
    const lost = [...this.#containers];
    this.#containers.clear();
    if (!this.#closing)
      this.#deps.logger.error({ containers: lost.length }, 'the spawner has ended unexpectedly');
    for (const [, { container }] of lost) container.exited({ code: null, signal: 'SIGKILL', oomKills: 0 });
    if (!this.#closing || lost.length > 0)
      await this.removeLeftovers().catch((error: Error) =>
        this.#deps.logger.error({ error: error.message }, 'remains of sandboxes could not be removed'),
      );
    for (const [, { container, uid }] of lost) {
      if (uid !== undefined) this.#ground.uids?.giveBack(uid);
      container.gone();
    }
  }

  #forget(id: string): void {
    const uid = this.#containers.get(id)?.uid;
    this.#containers.delete(id);
    if (uid !== undefined) this.#ground.uids?.giveBack(uid);
    rmSync(join(this.#ground.state.sockets, `${id}.sock`), { force: true });
  }

  /** Short enough for a socket's path, readable, and unlike any name of an earlier life on this data directory. */
  #nextId(name: string): string {
    const readable = name.replace(/\W/g, '_').slice(0, 20);
    return `${readable}_${process.pid.toString(36)}_${(this.#counter++).toString(36)}`;
  }
}

function hostAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map(({ address }) => address),
  );
}
