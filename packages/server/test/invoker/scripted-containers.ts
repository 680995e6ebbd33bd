import { systemClock } from '../../src/base/clock.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SENTINEL, SENTINEL_HEADER, TOKEN_HEADER } from '@vibrissa/protocol';
import type {
  Container,
  ContainerAddress,
  ContainerExit,
  ContainerLogs,
  ContainerMemo,
  ContainerNeeds,
} from '../../src/containers/container.ts';
import type {
  ContainerFactory,
  ContainerSpec,
  RecoveredContainer,
  StartHooks,
} from '../../src/containers/container-factory.ts';
import { ScriptedFiles } from './scripted-files.ts';

/** How a container answers the `/run` of an activation; its argument `how` says so. */
export type Behaviour =
  | 'ok'
  | 'application-error'
  | 'developer-error'
  /** Says that it is about to end: the activation may run elsewhere. Only the first time. */
  | 'shutting-down'
  /** Reads the request and dies. */
  | 'dies';

interface RunBody {
  readonly value: {
    readonly how: Behaviour;
    /** Lines are `out <activation>` and `err <activation>`; no end mark follows them where this is false. */
    readonly marks?: boolean;
  };
  readonly namespace: string;
  readonly action_name: string;
  readonly activation_id: string;
}

/** A run that waits for its answer. */
export interface PendingRun {
  readonly activationId: string;
  readonly container: ScriptedContainer;
  answer(): void;
}

const bodies: { readonly [B in Behaviour]?: string } = {
  ok: reply(200, '{"ok":true}'),
  'application-error': reply(200, '{"error":"no"}'),
  'developer-error': reply(502, '{"error":"broken"}'),
};

function reply(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

interface ScriptedOptions {
  /** As on a cluster: behind TCP, with a token and log files, and they outlive the platform. */
  readonly distant?: boolean;
  /** Their logs end with bare sentinels. */
  readonly plainSentinels?: boolean;
  /** Their lines carry their times: what is on stderr is older. */
  readonly stamped?: boolean;
}

/**
 * Containers inside the test process, behind real sockets, whose every answer waits until the test lets it go. They
 * keep account of what must never happen.
 */
export class ScriptedFactory implements ContainerFactory {
  readonly technology = 'scripted';
  readonly isDistant: boolean;
  readonly isStamped: boolean;
  readonly hasPlainSentinels: () => boolean;
  /** Present where they are distant: all that are alive and idle. */
  readonly recover?: () => Promise<readonly RecoveredContainer[]>;
  /** Distant containers can't keep what they become. */
  memoFault: Error | undefined;
  /** Settles what distant containers become, where it is set. */
  memoGate: Promise<void> | undefined;
  /** Containers end only when this has, where it is set. */
  endGate: Promise<void> | undefined;
  /** What new distant containers write shows only when the test says so. */
  showsLate = false;
  readonly pending: PendingRun[] = [];
  /** How often each activation's code ran. */
  readonly runs = new Map<string, number>();
  readonly violations: string[] = [];
  /** Log lines of activations, as they are to be seen. */
  readonly lines: string[] = [];
  readonly specialised: ContainerNeeds[] = [];
  /** Containers can't get what they need beyond their specification. */
  networkFault: Error | undefined;
  /** New containers, which are distant, can be reached by nobody. */
  cutsOff = false;
  /** What the cluster has for all; more have to wait for room. */
  clusterMb = Infinity;
  /** Containers that wait for room, by name. */
  readonly lacking = new Set<string>();
  /** All that were ever made, by name. */
  readonly made: string[] = [];
  memoryMb = 0;
  highestMemoryMb = 0;
  readonly #directory: string;
  readonly #containers = new Set<ScriptedContainer>();
  readonly #unwilling = new Set<string>();
  #leftovers: ScriptedContainer[] = [];
  #whenEnded: (() => void)[] = [];
  #count = 0;

  private constructor(directory: string, options: ScriptedOptions) {
    const { distant = false, plainSentinels = false, stamped = false } = options;
    this.#directory = directory;
    this.isStamped = stamped;
    this.isDistant = distant;
    this.hasPlainSentinels = () => plainSentinels;
    if (distant) this.recover = () => this.#recover();
  }

  static async open(options: ScriptedOptions = {}): Promise<ScriptedFactory> {
    return new ScriptedFactory(await mkdtemp(join(tmpdir(), 'vbs-')), options);
  }

  get containers(): readonly ScriptedContainer[] {
    return [...this.#containers];
  }

  get idle(): readonly ScriptedContainer[] {
    return [...this.#containers].filter((container) => container.isIdle);
  }

  supports(): { readonly ok: true } {
    return { ok: true };
  }

  async create(spec: ContainerSpec, signal?: AbortSignal, hooks?: StartHooks): Promise<Container> {
    while (this.memoryMb + spec.memoryMb > this.clusterMb) {
      this.lacking.add(spec.name);
      hooks?.onNoRoom?.();
      await this.#anyEnd(signal);
      this.lacking.delete(spec.name);
      signal?.throwIfAborted();
    }
    this.memoryMb += spec.memoryMb;
    this.highestMemoryMb = Math.max(this.highestMemoryMb, this.memoryMb);
    this.made.push(spec.name);
    const container = new ScriptedContainer(this, spec);
    this.#containers.add(container);
    await container.listen(join(this.#directory, `${this.#count++}`));
    if (this.cutsOff) container.cutOff();
    return container;
  }

  #anyEnd(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEnded.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  ended(container: ScriptedContainer): void {
    if (!this.#containers.delete(container)) return;
    this.memoryMb -= container.spec.memoryMb;
    for (const resolve of this.#whenEnded.splice(0)) resolve();
  }

  /** The first attempt of such an activation is refused, the second runs. */
  refusesOnce(activationId: string): boolean {
    if (this.#unwilling.has(activationId)) return false;
    this.#unwilling.add(activationId);
    return true;
  }

  /** Those that were not recovered. */
  async removeLeftovers(): Promise<number> {
    const left = this.#leftovers.splice(0);
    for (const container of left) container.crash();
    return left.length;
  }

  async #recover(): Promise<readonly RecoveredContainer[]> {
    const idle = this.containers.filter((container) => container.canBeRecovered);
    this.#leftovers = this.containers.filter((container) => !idle.includes(container));
    for (const container of idle) container.files?.skip();
    return idle.map((container) => ({
      container,
      spec: container.spec,
      ...(container.memo && { memo: container.memo }),
    }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#containers].map((container) => container.destroy()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export class ScriptedContainer implements Container {
  readonly spec: ContainerSpec;
  readonly id: string;
  readonly logs: ContainerLogs;
  /** Of a distant one. */
  readonly files: ScriptedFiles | undefined;
  readonly remember?: (memo: ContainerMemo) => Promise<void>;
  readonly died: Promise<ContainerExit>;
  address: ContainerAddress = { socketPath: '' };
  memo: ContainerMemo | undefined;
  /** Requests that came. */
  readonly requests: string[] = [];
  readonly #factory: ScriptedFactory;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #die: (exit: ContainerExit) => void = () => {};
  #owner: string | undefined;
  #running = 0;
  #isAlive = true;

  constructor(factory: ScriptedFactory, spec: ContainerSpec) {
    this.#factory = factory;
    this.spec = spec;
    this.id = spec.name;
    this.died = new Promise((resolve) => (this.#die = resolve));
    this.#server = createServer((socket) => this.#serve(socket));
    this.files = factory.isDistant ? new ScriptedFiles(factory.isStamped) : undefined;
    if (this.files) {
      this.files.showsAtOnce = !factory.showsLate;
      this.remember = (memo) => this.#remember(memo);
    }
    this.logs = this.files ?? { listen() {} };
  }

  get isIdle(): boolean {
    return this.#owner !== undefined && this.#running === 0;
  }

  get canBeRecovered(): boolean {
    return this.#running === 0 && (this.#owner === undefined || this.memo !== undefined);
  }

  async listen(path: string): Promise<void> {
    if (!this.#factory.isDistant) {
      this.address = { socketPath: path };
      await new Promise<void>((resolve) => this.#server.listen(path, resolve));
      return;
    }
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.address = { host: '127.0.0.1', port, token: `token-of-${this.id}` };
  }

  async specialise(needs: ContainerNeeds): Promise<void> {
    if (this.#factory.networkFault) throw this.#factory.networkFault;
    this.#factory.specialised.push(needs);
  }

  async destroy(): Promise<void> {
    if (this.#factory.endGate) await this.#factory.endGate;
    this.crash();
  }

  crash(exit: ContainerExit = { outOfMemory: false }): void {
    this.#isAlive = false;
    this.files?.show();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#factory.ended(this);
    this.#die(exit);
  }

  /** Nobody can connect to it, and nobody says why. */
  cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** Its agent is gone: nothing answers any more, and no connection ends. */
  vanish(lost: string): void {
    this.#isAlive = false;
    this.files?.show();
    this.#factory.ended(this);
    this.#server.close();
    this.#die({ outOfMemory: false, lost });
  }

  async #remember(memo: ContainerMemo): Promise<void> {
    await this.#factory.memoGate;
    if (this.#factory.memoFault) throw this.#factory.memoFault;
    this.memo = memo;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString();
      const head = text.indexOf('\r\n\r\n') + 4;
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1] ?? NaN);
      if (head < 4 || text.length < head + length) return;
      const request = text;
      text = '';
      this.#onRequest(socket, request.slice(0, head), request.slice(head));
    });
  }

  #onRequest(socket: Socket, head: string, body: string): void {
    const path = head.slice(5, head.indexOf(' HTTP'));
    const { token } = this.address as { readonly token?: string };
    this.requests.push(path);
    if (headerOf(head, TOKEN_HEADER) !== token) this.#factory.violations.push(`${path} without its token`);
    if (path === '/init') this.#init(socket, body);
    else
      this.#run(socket, {
        ...(JSON.parse(body) as RunBody),
        sentinel: headerOf(head, SENTINEL_HEADER) ?? '',
      });
  }

  #init(socket: Socket, body: string): void {
    const { env } = (JSON.parse(body) as { value: { env: { [name: string]: string } } }).value;
    const { violations, isDistant } = this.#factory;
    if (this.#owner !== undefined) violations.push(`${this.id} was initialised twice`);
    if (isDistant && `/${this.memo?.action}` !== env['__OW_ACTION_NAME']) {
      violations.push(`${this.id} was initialised before that was kept`);
    }
    this.#owner = `${env['__OW_NAMESPACE']} ${env['__OW_ACTION_NAME']}`;
    socket.write(reply(200, '{"ok":true}'));
  }

  #run(socket: Socket, { value, sentinel, ...run }: RunBody & { readonly sentinel: string }): void {
    const { how, marks = true } = value;
    const asker = `${run.namespace} ${run.action_name}`;
    if (asker !== this.#owner) this.#factory.violations.push(`${asker} ran in a container of ${this.#owner}`);
    const refuses = how === 'shutting-down' && this.#factory.refusesOnce(run.activation_id);
    if (!refuses) {
      this.#factory.runs.set(run.activation_id, (this.#factory.runs.get(run.activation_id) ?? 0) + 1);
    }
    this.#running += 1;
    const answer = () => {
      this.#running -= 1;
      if (!refuses && this.#isAlive)
        this.#write(run.activation_id, marks && how !== 'dies' ? sentinel : undefined);
      if (how === 'dies') this.crash();
      else socket.write(refuses ? reply(503, '{}') : (bodies[how] ?? reply(200, '{}')));
    };
    this.#factory.pending.push({ activationId: run.activation_id, container: this, answer });
  }

  #write(activationId: string, token: string | undefined): void {
    const mark = this.#factory.hasPlainSentinels() ? SENTINEL : `${SENTINEL} ${token}`;
    const end = token === undefined ? '' : `${mark}\n`;
    this.#factory.lines.push(`stdout: out ${activationId}`, `stderr: err ${activationId}`);
    const second = (systemClock.epochNs() / 1_000_000_000n) * 1_000_000_000n;
    const stamp = (ns: bigint) => (this.#factory.isStamped ? `\u001e${second + ns} ` : '');
    this.files?.write('stdout', `${stamp(2n)}out ${activationId}\n${end}`);
    this.files?.write('stderr', `${stamp(1n)}err ${activationId}\n${end}`);
  }
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, 'm').exec(head)?.[1];
}
