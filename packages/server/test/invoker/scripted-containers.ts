import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, ContainerExit, ContainerNeeds } from '../../src/containers/container.ts';
import type { ContainerFactory, ContainerSpec } from '../../src/containers/container-factory.ts';

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
  readonly value: { readonly how: Behaviour };
  readonly namespace: string;
  readonly action_name: string;
  readonly activation_id: string;
}

/** A run that waits for its answer. */
export interface PendingRun {
  readonly activationId: string;
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

/**
 * Containers inside the test process, behind real sockets, whose every answer waits until the test lets it go. They
 * keep account of what must never happen.
 */
export class ScriptedFactory implements ContainerFactory {
  readonly technology = 'scripted';
  readonly pending: PendingRun[] = [];
  /** How often each activation's code ran. */
  readonly runs = new Map<string, number>();
  readonly violations: string[] = [];
  readonly specialised: ContainerNeeds[] = [];
  /** Containers can't get what they need beyond their specification. */
  networkFault: Error | undefined;
  memoryMb = 0;
  highestMemoryMb = 0;
  readonly #directory: string;
  readonly #containers = new Set<ScriptedContainer>();
  readonly #unwilling = new Set<string>();
  #count = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<ScriptedFactory> {
    return new ScriptedFactory(await mkdtemp(join(tmpdir(), 'vbs-')));
  }

  get idle(): readonly ScriptedContainer[] {
    return [...this.#containers].filter((container) => container.isIdle);
  }

  supports(): { readonly ok: true } {
    return { ok: true };
  }

  async create(spec: ContainerSpec): Promise<Container> {
    this.memoryMb += spec.memoryMb;
    this.highestMemoryMb = Math.max(this.highestMemoryMb, this.memoryMb);
    const container = new ScriptedContainer(this, spec);
    this.#containers.add(container);
    await container.listen(join(this.#directory, `${this.#count++}`));
    return container;
  }

  ended(container: ScriptedContainer): void {
    if (this.#containers.delete(container)) this.memoryMb -= container.spec.memoryMb;
  }

  /** The first attempt of such an activation is refused, the second runs. */
  refusesOnce(activationId: string): boolean {
    if (this.#unwilling.has(activationId)) return false;
    this.#unwilling.add(activationId);
    return true;
  }

  async removeLeftovers(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#containers].map((container) => container.destroy()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

class ScriptedContainer implements Container {
  readonly spec: ContainerSpec;
  readonly id: string;
  readonly logs = { listen() {} };
  readonly died: Promise<ContainerExit>;
  address = { socketPath: '' };
  readonly #factory: ScriptedFactory;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #die: (exit: ContainerExit) => void = () => {};
  #owner: string | undefined;
  #running = 0;

  constructor(factory: ScriptedFactory, spec: ContainerSpec) {
    this.#factory = factory;
    this.spec = spec;
    this.id = spec.name;
    this.died = new Promise((resolve) => (this.#die = resolve));
    this.#server = createServer((socket) => this.#serve(socket));
  }

  get isIdle(): boolean {
    return this.#owner !== undefined && this.#running === 0;
  }

  async listen(path: string): Promise<void> {
    this.address = { socketPath: path };
    await new Promise<void>((resolve) => this.#server.listen(path, resolve));
  }

  async specialise(needs: ContainerNeeds): Promise<void> {
    if (this.#factory.networkFault) throw this.#factory.networkFault;
    this.#factory.specialised.push(needs);
  }

  async destroy(): Promise<void> {
    this.crash();
  }

  crash(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#factory.ended(this);
    this.#die({ outOfMemory: false });
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
      const [path, body] = [text.slice(5, text.indexOf(' HTTP')), text.slice(head)];
      text = '';
      if (path === '/init') this.#init(socket, body);
      else this.#run(socket, JSON.parse(body) as RunBody);
    });
  }

  #init(socket: Socket, body: string): void {
    const { env } = (JSON.parse(body) as { value: { env: { [name: string]: string } } }).value;
    if (this.#owner !== undefined) this.#factory.violations.push(`${this.id} was initialised twice`);
    this.#owner = `${env['__OW_NAMESPACE']} ${env['__OW_ACTION_NAME']}`;
    socket.write(reply(200, '{"ok":true}'));
  }

  #run(socket: Socket, { value: { how }, ...run }: RunBody): void {
    const asker = `${run.namespace} ${run.action_name}`;
    if (asker !== this.#owner) this.#factory.violations.push(`${asker} ran in a container of ${this.#owner}`);
    const refuses = how === 'shutting-down' && this.#factory.refusesOnce(run.activation_id);
    if (!refuses) {
      this.#factory.runs.set(run.activation_id, (this.#factory.runs.get(run.activation_id) ?? 0) + 1);
    }
    this.#running += 1;
    const answer = () => {
      this.#running -= 1;
      if (how === 'dies') this.crash();
      else socket.write(refuses ? reply(503, '{}') : (bodies[how] ?? reply(200, '{}')));
    };
    this.#factory.pending.push({ activationId: run.activation_id, answer });
  }
}
