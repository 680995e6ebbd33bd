import { MesosSimulator } from '../../src/index.ts';
import { FakeDockerEngine } from './fake-docker-engine.ts';
import type { Plan } from './plans.ts';
import type { PlayedCluster } from './player.ts';

/** Resources and attributes of the recorded agents. */
const resources = 'cpus:8;mem:16384;disk:10000;ports:[31000-32000]';

type Simulator = Awaited<ReturnType<typeof MesosSimulator.open>>;
type Act = (simulator: Simulator, number: number) => unknown;

/** What notes ask for, beside what the client does itself. */
const acts: readonly (readonly [note: RegExp, act: Act])[] = [
  [/^let (\d+) ms of real time pass$/, (_, ms) => new Promise((resolve) => setTimeout(resolve, ms))],
  [/^SIGKILL agent (\d)(?! with a running task)/, ({ control }, number) => control.killAgent(number)],
  [/^start agent (\d) again/, ({ control }, number) => control.startAgent(number)],
  [/^SIGUSR1 to agent (\d)/, ({ control }, number) => control.leaveAgent(number)],
  [/^cut off agent (\d)/, ({ control }, number) => control.partitionAgent(number)],
  [/^reach agent (\d)/, ({ control }, number) => control.healAgent(number)],
  [/^(?:SIGKILL the master|stop\.sh(?: -9)? master)$/, ({ control }) => control.killMaster(1)],
  [/^(?:start the master|start\.sh master)$/, ({ control }) => control.startMaster(1)],
  [/^SIGKILL the leading master$/, ({ control }) => control.killLeader()],
  [/^kill the third master: quorum lost/, ({ control }) => control.killMaster(1)],
  [/^master (\d) leads$/, ({ control }, number) => control.electMaster(number)],
  [/^start master (\d)$/, ({ control }, number) => control.startMaster(number)],
  [
    /^kill the leader as well, start the other two$/,
    async ({ control }) => {
      await control.killLeader();
      await control.startMaster(1);
      await control.startMaster(2);
    },
  ],
];

/** A real simulator, set up as the recorded cluster was, on other ports. */
export class SimulatedCluster implements PlayedCluster {
  readonly #simulator: Simulator;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #docker: FakeDockerEngine | undefined;

  private constructor(
    simulator: Simulator,
    addresses: ReadonlyMap<string, string>,
    docker: FakeDockerEngine | undefined,
  ) {
    this.#simulator = simulator;
    this.#addresses = addresses;
    this.#docker = docker;
  }

  static async open(plan: Plan): Promise<SimulatedCluster> {
    const hosts = plan.agents ?? ['127.0.0.1', '127.0.0.2'];
    const agents = hosts.map((host, index) => ({
      resources,
      // Three masters were recorded with another agent, which has none.
      attributes: plan.masters ? '' : `rack:r${index + 1};zone:z1`,
      host,
    }));
    const docker = plan.needsDocker ? await FakeDockerEngine.open() : undefined;
    const simulator = await MesosSimulator.open({
      agents,
      cluster: 'test',
      ...(docker ? { dockerSocket: docker.socketPath } : {}),
      ...plan.simulator,
    });
    const masters = simulator.urls.map((url, index): [string, string] => [
      plan.masters?.[index] ?? '127.0.0.1:5050',
      new URL(url).host,
    ]);
    const addresses = simulator.agents.map(({ url }, index): [string, string] => [
      `${hosts[index]}:505${index + 1}`,
      new URL(url).host,
    ]);
    return new SimulatedCluster(simulator, new Map([...masters, ...addresses]), docker);
  }

  nowMs(): number {
    return this.#simulator.control.status().now;
  }

  advance(byMs: number): Promise<void> {
    return this.#simulator.control.advanceClock(byMs);
  }

  address(recorded: string): { readonly host: string; readonly port: number } {
    const [host = '', port = ''] = (this.#addresses.get(recorded) ?? recorded).split(':');
    return { host, port: Number(port) };
  }

  get names(): readonly (readonly [string, string])[] {
    const directories = this.#simulator.agents.map(({ number }): [string, string] => [
      `/var/lib/mesos/agent-${number}`,
      `${this.#simulator.workDirectory}/agent-${number}`,
    ]);
    const docker: [string, string] = [
      '/usr/local/bin/docker -H unix:///var/run/mesos-docker.sock',
      `docker -H unix://${this.#docker?.socketPath}`,
    ];
    return [...this.#addresses, ...directories, docker];
  }

  async act(note: string): Promise<void> {
    if (note === 'docker kill') return this.#docker?.killLast();
    for (const [pattern, act] of acts) {
      const match = pattern.exec(note);
      if (match) await act(this.#simulator, Number(match[1]));
    }
  }

  async close(): Promise<void> {
    await this.#simulator.stop();
    await this.#docker?.close();
  }
}
