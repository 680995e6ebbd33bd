import { AgentCore } from '../agent/agent-core.ts';
import type { AgentInfo } from '../agent/agent-info.ts';
import type { AgentEffect, AgentInput } from '../agent/messages.ts';
import type { AgentToMaster, MasterToAgent } from '../agent/link.ts';
import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import { Containers } from '../executor/containers.ts';
import type { ProcessGuard } from '../executor/process-guard.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import { VirtualFiles } from '../files/virtual-files.ts';
import { HttpListener } from '../http/http-listener.ts';
import { RouteTable } from '../http/route-table.ts';
import { AgentLedger } from '../operator/agent-ledger.ts';
import { addAgentRoutes } from '../operator/agent-routes.ts';
import type { AgentPicture } from '../operator/agent-views.ts';
import { AgentLink } from './agent-link.ts';
import type { MasterHost } from './master-host.ts';
import { StepLoop } from './step-loop.ts';

export interface AgentHostOptions {
  /** Counted from 1. */
  readonly number: number;
  readonly host: string;
  /** 0: any free one, which it keeps over restarts. */
  readonly port: number;
  readonly info: Pick<AgentInfo, 'resources' | 'attributes' | 'domain' | 'version'>;
  /** Default: the address. */
  readonly hostname?: string;
  /** Of this agent alone, absolute. */
  readonly workDirectory: string;
  readonly images: ReadonlyMap<string, string>;
  readonly dockerSocket: string;
  readonly guard: ProcessGuard;
  /** Of agents; processes live in `machineClock`. */
  readonly clock: Clock;
  readonly machineClock: Clock;
  readonly random: RandomSource;
  readonly rules: FaultRules;
  /** Where the leading master is. */
  readonly leader: () => MasterHost | undefined;
  /** Adds what isn't Mesos's own. */
  readonly addRoutes: (table: RouteTable, files: VirtualFiles) => void;
}

interface Life {
  readonly loop: StepLoop<AgentInput, AgentEffect>;
  readonly listener: HttpListener;
  readonly startTime: number;
}

/** An agent's process, and the machine below it: containers and sandboxes, which outlive the process. */
export class AgentHost {
  readonly #options: AgentHostOptions;
  readonly #containers: Containers;
  readonly #files = new VirtualFiles();
  readonly #ledger = new AgentLedger();
  readonly #core: { last?: AgentCore } = {};
  #life: Life | undefined;
  #link: AgentLink | undefined;
  #linkedTo: MasterHost | undefined;
  #links = 0;
  #port: number;
  #agentId = '';
  #isPartitioned = false;

  constructor(options: AgentHostOptions) {
    this.#options = options;
    this.#port = options.port;
    const { workDirectory, images, dockerSocket, guard, machineClock } = options;
    this.#containers = new Containers({
      workDirectory,
      images,
      dockerSocket,
      guard,
      clock: machineClock,
      place: () => ({ ip: options.host, port: this.#port }),
      tell: (fact) => this.#life?.loop.take(fact),
    });
  }

  get number(): number {
    return this.#options.number;
  }

  /** Empty until a master has registered it. */
  get agentId(): string {
    return this.#agentId;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  get isPartitioned(): boolean {
    return this.#isPartitioned;
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#port}`;
  }

  get info(): AgentInfo {
    const { info, host, hostname = host } = this.#options;
    return { ...info, hostname, ip: host, port: this.#port };
  }

  /** Where it keeps its sandboxes. */
  get workDirectory(): string {
    return this.#options.workDirectory;
  }

  /** Rejects with node's error when its port is taken. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#life) return;
    const { host, clock, random } = this.#options;
    const table = new RouteTable();
    const listener = await HttpListener.open({
      host,
      port: this.#port,
      clock,
      handle: (exchange) => void table.serve(exchange),
    });
    this.#port = listener.port;
    addAgentRoutes(table, { picture: () => this.#picture(), files: this.#files });
    this.#options.addRoutes(table, this.#files);
    const checkpoint = this.#core.last?.checkpoint();
    const core = new AgentCore({ info: this.info, ...(checkpoint ? { checkpoint } : {}) }, random);
    this.#core.last = core;
    const loop = new StepLoop<AgentInput, AgentEffect>({
      clock,
      stepper: core,
      tick: { type: 'tick' },
      execute: (effect) => this.#execute(effect),
    });
    this.#life = { loop, listener, startTime: clock.now() / 1000 };
    loop.take({ type: 'start', containers: this.#containers.running() });
    this.connect();
  }

  /** As SIGKILL: no goodbye, and tasks of checkpointing frameworks go on. */
  async kill(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.loop.close();
    this.#link?.close('agent');
    this.#link = undefined;
    this.#containers.agentDied();
    await life.listener.close();
  }

  /** As SIGUSR1: it unregisters, kills what it runs, and ends. */
  leave(): void {
    this.#life?.loop.take({ type: 'leave' });
  }

  /** Ends its process and everything that it runs. */
  async close(): Promise<void> {
    await this.kill();
    this.#containers.close();
  }

  /** To whoever leads now; what it is connected with otherwise is left. */
  connect(): void {
    const life = this.#life;
    const master = this.#options.leader();
    if (!life || (this.#link && this.#linkedTo === master)) return;
    this.#disconnect();
    if (!master || this.#isPartitioned) return;
    this.#link = this.#newLink(master);
    this.#linkedTo = master;
    life.loop.take({ type: 'master-connected' });
  }

  /** Nothing passes between it and its master any more, and neither is told. */
  partition(): void {
    this.#isPartitioned = true;
    this.#link?.partition();
  }

  /** It notices that its connection was broken, and makes a new one. */
  heal(): void {
    this.#isPartitioned = false;
    this.#disconnect();
    this.connect();
  }

  #disconnect(): void {
    if (!this.#link) return;
    this.#link.close('agent');
    this.#link = undefined;
    this.#life?.loop.take({ type: 'master-disconnected' });
  }

  #newLink(master: MasterHost): AgentLink {
    const { clock, rules, number } = this.#options;
    const name = `agent-${number}-${++this.#links}`;
    const link: AgentLink = new AgentLink({
      agent: number,
      clock,
      rules,
      toMaster: (message) => master.agentMessage(name, message),
      toAgent: (message) => this.#hear(message),
      onClosed: (by) => {
        if (by === 'agent') master.agentDisconnected(name);
        else if (this.#link === link) this.#lostMaster();
      },
    });
    master.connectAgent(name, {
      send: (message) => link.sendToAgent(message),
      closed: () => link.close('master'),
    });
    return link;
  }

  #lostMaster(): void {
    this.#link = undefined;
    this.#life?.loop.take({ type: 'master-disconnected' });
  }

  #hear(message: MasterToAgent): void {
    if (message.type === 'registered' || message.type === 'reregistered') this.#agentId = message.agentId;
    this.#ledger.heard(message);
    this.#life?.loop.take({ type: 'master-message', message });
  }

  #execute(effect: AgentEffect): void {
    switch (effect.type) {
      case 'to-master':
        return this.#tell(effect.message);
      case 'launch-container':
        return this.#launch(effect);
      case 'signal-container':
        return this.#containers.signal(effect);
      case 'probe-container':
        return this.#probe(effect);
      case 'executor-message':
        // No built-in executor understands any.
        return;
      case 'exit':
        void this.#exit();
    }
  }

  #tell(message: AgentToMaster): void {
    this.#ledger.told(message);
    this.#link?.sendToMaster(message);
  }

  #launch({ container }: Extract<AgentEffect, { type: 'launch-container' }>): void {
    const sandbox = this.#containers.launch(container);
    this.#ledger.launched(container, sandbox);
    const { executorDirectory } = sandbox;
    const { frameworkId, executorId } = container;
    const latest = `${executorDirectory.slice(0, executorDirectory.lastIndexOf('/'))}/latest`;
    this.#files.attach(executorDirectory, executorDirectory);
    this.#files.attach(latest, executorDirectory);
    this.#files.attach(`/frameworks/${frameworkId}/executors/${executorId}/runs/latest`, executorDirectory);
  }

  #probe({ containerId, probe, check, timeoutMs }: Extract<AgentEffect, { type: 'probe-container' }>): void {
    void this.#containers.probe(containerId, check, timeoutMs).then((result) => {
      this.#life?.loop.take({ type: 'probe-result', containerId, probe, result });
    });
  }

  async #exit(): Promise<void> {
    this.#containers.close();
    await this.kill();
  }

  #picture(): AgentPicture {
    const { clock, workDirectory } = this.#options;
    const { info } = this;
    const master = this.#options.leader();
    return {
      agentId: this.#agentId,
      info,
      ledger: this.#ledger,
      flags: {
        hostname: info.hostname,
        ip: info.ip,
        port: String(info.port),
        containerizers: 'mesos,docker',
        sandbox_directory: '/mnt/mesos/sandbox',
        work_dir: workDirectory,
      },
      startTime: this.#life?.startTime ?? 0,
      now: clock.now() / 1000,
      ...(master ? { masterHostname: master.address.hostname } : {}),
    };
  }
}
