import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPort } from '@vibrissa/testkit';
import zookeeper from 'node-zookeeper-client';

const JAR = '/usr/share/java/zookeeper.jar';

/** Debian's package `zookeeper`, with a Java that runs it. */
export const hasZooKeeper = existsSync(JAR) && existsSync('/usr/bin/java');

/** Sessions are counted in these: the shortest that a client may ask for is two. */
const TICK_MS = 200;

/** A real ZooKeeper server in a process of its own, with its data in a temporary directory. */
export class ZooKeeperServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mesos-zookeeper-'));
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** At a port of its own: nobody else is given it, also while it is down. */
  static async open(): Promise<ZooKeeperServer> {
    const server = new ZooKeeperServer(await ownPort());
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link kill}, with the data that it had. */
  async start(): Promise<void> {
    const config = join(this.#directory, 'zoo.cfg');
    const lines = [
      `tickTime=${TICK_MS}`,
      `dataDir=${this.#directory}`,
      `clientPort=${this.port}`,
      'clientPortAddress=127.0.0.1',
      'maxSessionTimeout=40000',
      'admin.enableServer=false',
      'syncEnabled=false',
      '4lw.commands.whitelist=conf,cons,dump',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    const options = [
      '-Xmx128m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Dzookeeper.jmx.log4j.disable=true',
    ];
    const running = spawn('/usr/bin/java', [...options, '-cp', JAR, main, config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = running;
    let complaints = '';
    for (const output of [running.stdout, running.stderr])
      output.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    // It is this one that answers, and not one of another test.
    while (!(await this.command('conf')).includes(this.#directory)) {
      if (running.exitCode !== null || running.signalCode !== null)
        throw new Error(`ZooKeeper has ended instead of starting: ${complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The ids of sessions that are connected. */
  async sessions(): Promise<Set<string>> {
    return new Set((await this.command('cons')).match(/sid=0x[1-9a-f]\w*/g));
  }

  /** The ids of sessions that it has not forgotten, connected or not. */
  async remembered(): Promise<Set<string>> {
    return new Set((await this.command('dump')).match(/0x[1-9a-f]\w*/g));
  }

  /** Asks one of ZooKeeper's four-letter words; '' when nobody answers. */
  command(word: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(this.port, '127.0.0.1', () => socket.write(word));
      socket.setTimeout(1000, () => socket.destroy());
      socket.setEncoding('utf8').on('data', (data: string) => (text += data));
      socket.on('error', () => resolve('')).on('close', () => resolve(text));
    });
  }
}

interface Acl {
  readonly all: unknown;
}

/** The part of the client library with which masters write. */
interface WritingClient {
  connect(): void;
  close(): void;
  getState(): { readonly name: string };
  readonly connectionManager: { readonly socket?: Socket };
  once(event: 'connected' | 'disconnected', run: () => void): void;
  mkdirp(path: string, done: (error: unknown) => void): void;
  create(path: string, data: Buffer, ...rest: [...unknown[], (error: unknown, path: string) => void]): void;
  remove(path: string, done: (error: unknown) => void): void;
}

const library = zookeeper as unknown as {
  createClient(hosts: string): WritingClient;
  readonly CreateMode: { readonly EPHEMERAL_SEQUENTIAL: number };
  readonly ACL: new (permission: number, id: unknown) => Acl;
  readonly Id: new (scheme: string, id: string) => unknown;
  readonly Permission: { readonly ALL: number };
};

/** Registers masters as Mesos masters do, one session each. */
export class Contender {
  readonly #client: WritingClient;
  readonly #path: string;

  private constructor(client: WritingClient, path: string) {
    this.#client = client;
    this.#path = path;
  }

  static async open(address: string, path: string): Promise<Contender> {
    const client = library.createClient(address);
    const connected = new Promise<void>((resolve) => client.once('connected', resolve));
    client.connect();
    await connected;
    return new Contender(client, path);
  }

  makeGroup(): Promise<unknown> {
    return settled((done) => this.#client.mkdirp(this.#path, done));
  }

  /** A node that only `user:password` may read. `digest` is Base64 of their SHA-1. */
  makeGuardedGroup(digest: string): Promise<unknown> {
    const acl = [new library.ACL(library.Permission.ALL, new library.Id('digest', digest))];
    return settled((done) => this.#client.create(this.#path, Buffer.alloc(0), acl, done));
  }

  /** Contends with a znode of this data; the name is Mesos's unless another is given. */
  contend(data: string | object, name = 'json.info_'): Promise<unknown> {
    const bytes = Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
    const mode = library.CreateMode.EPHEMERAL_SEQUENTIAL;
    return settled((done) => this.#client.create(`${this.#path}/${name}`, bytes, mode, done));
  }

  /**
   * Resolves when there is a connection. A server that is just starting may take one and say nothing, and the library
   * would wait for ever.
   */
  async connected(): Promise<void> {
    for (let waitedMs = 0; this.#client.getState().name !== 'SYNC_CONNECTED'; waitedMs += 50) {
      if (waitedMs > 0 && waitedMs % 3000 === 0) this.#client.connectionManager.socket?.destroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Its session ends, as that of a master that dies does, and its znodes go. */
  async close(): Promise<void> {
    await this.connected();
    const gone = new Promise<void>((resolve) => this.#client.once('disconnected', resolve));
    this.#client.close();
    await gone;
  }
}

/** A way to a server that a test can interrupt. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  connections = 0;
  /** So many connections are taken and nothing is ever said on them. */
  mute = 0;

  private constructor(target: number) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      if (this.#isCut) return socket.destroy();
      if (this.mute-- > 0) return this.#keep(socket);
      const onward = connect(target, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) {
        this.#keep(end);
        end.on('close', () => (socket.destroy(), onward.destroy()));
      }
    });
  }

  static async open(target: number): Promise<Wire> {
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function settled(run: (done: (error: unknown, result?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    run((error, result) =>
      error ? reject(error instanceof Error ? error : new Error('refused')) : resolve(result),
    );
  });
}
