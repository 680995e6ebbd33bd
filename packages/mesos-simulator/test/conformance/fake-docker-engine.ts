import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The one image that the recorded agent had. */
const image = 'busybox:local';

interface Container {
  readonly id: string;
  readonly name: string;
  readonly body: {
    readonly Entrypoint?: string[];
    readonly Cmd?: string[];
    readonly HostConfig: { Binds: string[] };
  };
  process?: ChildProcess;
  exited?: Promise<number>;
  /** All that it has written until its end. */
  logs?: Promise<Buffer>;
}

/**
 * As much of a Docker Engine as the recorded tasks need, where there is none: its containers are processes of this
 * machine, without any isolation. As the first process of a container would, they ignore SIGTERM.
 */
export class FakeDockerEngine {
  readonly socketPath: string;
  readonly #server: Server;
  readonly #directory: string;
  readonly #containers = new Map<string, Container>();

  private constructor(directory: string, server: Server) {
    this.#directory = directory;
    this.#server = server;
    this.socketPath = join(directory, 'docker.sock');
    server.on('request', (request, response) => {
      void this.#serve(request, response).catch((error: Error) => response.destroy(error));
    });
  }

  static async open(): Promise<FakeDockerEngine> {
    const directory = await mkdtemp(join(tmpdir(), 'fake-docker-'));
    const server = createServer();
    const engine = new FakeDockerEngine(directory, server);
    server.listen(engine.socketPath);
    await once(server, 'listening');
    return engine;
  }

  /** As `docker kill` of the container that was started last. */
  killLast(): void {
    const last = [...this.#containers.values()].at(-1);
    if (last) signal(last, 'SIGKILL');
  }

  async close(): Promise<void> {
    for (const container of this.#containers.values()) signal(container, 'SIGKILL');
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://docker');
    const [, , kind = '', name = '', action = ''] = url.pathname.split('/');
    if (kind === 'images') return answer(response, this.#image(request.method, url));
    if (name === 'create') return answer(response, await this.#create(request, url));
    const container = [...this.#containers.values()].find((each) => each.id === name || each.name === name);
    if (!container) return answer(response, [404, { message: `No such container: ${name}` }]);
    if (action === 'start') return answer(response, start(container));
    if (action === 'json') return answer(response, [200, { Id: container.id, Name: `/${container.name}` }]);
    if (action === 'wait') return answer(response, [200, { StatusCode: await container.exited }]);
    if (action === 'logs') return void response.end(await container.logs);
    if (action === 'kill') signal(container, url.searchParams.get('signal') ?? 'SIGKILL');
    else this.#containers.delete(container.id);
    return answer(response, [204, undefined]);
  }

  #image(method: string | undefined, url: URL): Answer {
    if (method === 'POST') {
      const registry = 'Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused';
      return [200, { error: registry }];
    }
    const isKnown = url.pathname.includes(`/images/${image}/`);
    return isKnown ? [200, {}] : [404, { message: 'No such image' }];
  }

  async #create(request: IncomingMessage, url: URL): Promise<Answer> {
    let text = '';
    for await (const piece of request as AsyncIterable<Buffer>) text += piece.toString();
    const id = `${this.#containers.size}`.padStart(64, '0');
    const name = url.searchParams.get('name') ?? id;
    this.#containers.set(id, { id, name, body: JSON.parse(text) as Container['body'] });
    return [201, { Id: id }];
  }
}

type Answer = readonly [status: number, body: unknown];

function answer(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Paths of volumes become those of the directories that they are. */
function start(container: Container): Answer {
  const { Entrypoint: entrypoint = [], Cmd: command = [], HostConfig: host } = container.body;
  const [program = 'true', ...args] = [...entrypoint, ...command].map((word) =>
    host.Binds.map((bind) => bind.split(':')).reduce(
      (moved, [from = '', to = '']) => moved.replaceAll(`${to}/`, `${from}/`),
      word,
    ),
  );
  const started = launch(program, args);
  container.process = started;
  container.exited = once(started, 'exit').then(([code]) => (code as number | null) ?? 137);
  container.logs = logsOf(started);
  return [204, undefined];
}

function launch(program: string, args: readonly string[]) {
  return spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

function signal({ process: started }: Container, name: string): void {
  if (name !== 'SIGKILL' || started?.pid === undefined || started.exitCode !== null) return;
  try {
    process.kill(-started.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Each piece after eight bytes that tell which output it is of and how long it is. */
async function logsOf({ stdout, stderr }: ReturnType<typeof launch>): Promise<Buffer> {
  const outputs = [stdout, stderr].map(async (output, index) => {
    const pieces: Buffer[] = [];
    for await (const piece of output as AsyncIterable<Buffer>) pieces.push(piece);
    const text = Buffer.concat(pieces);
    const head = Buffer.from([index + 1, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(text.length, 4);
    return text.length === 0 ? text : Buffer.concat([head, text]);
  });
  return Buffer.concat(await Promise.all(outputs));
}
