import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SandboxPlace } from '../../src/agent/sandbox-path.ts';

/** The part of an agent's HTTP server that serves files, as the transcripts show it. */
export class AgentServer {
  readonly #server: Server;
  #port = 0;
  /** By virtual path. Bytes that are no UTF-8 are fine, as they are for Mesos. */
  readonly files = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** Turns connections away, as an agent that restarts. */
  isDown = false;
  /** Writes U+FFFD for bytes that are no UTF-8, as servers do whose JSON library knows text only. */
  replaces = false;
  /** Whether `POST /api/v1` knows READ_FILE. */
  knowsReadFile = true;
  /** Instead of everything else. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Called before each answer. */
  before: (() => void) | undefined;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      if (this.isDown) socket.destroy();
    });
  }

  static async open(): Promise<AgentServer> {
    const agent = new AgentServer();
    await new Promise<void>((resolve) => agent.#server.listen(0, '127.0.0.1', resolve));
    agent.#port = (agent.#server.address() as AddressInfo).port;
    return agent;
  }

  get port(): number {
    return this.#port;
  }

  get place(): SandboxPlace {
    const address = { hostname: 'localhost', ip: '127.0.0.1', port: this.port };
    return {
      agentUrl: { scheme: 'http', address, path: '/slave(1)' },
      frameworkId: 'F',
      executorId: 'T',
    };
  }

  get connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  write(name: string, text: string | Buffer): void {
    this.files.set(`/frameworks/F/executors/T/runs/latest/${name}`, Buffer.from(text));
  }

  append(name: string, text: string | Buffer): void {
    const path = `/frameworks/F/executors/T/runs/latest/${name}`;
    this.files.set(path, Buffer.concat([this.files.get(path) ?? Buffer.alloc(0), Buffer.from(text)]));
  }

  goDown(): void {
    this.isDown = true;
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    this.requests.push(`${request.method} ${request.url}`);
    this.before?.();
    if (this.isDown) return void request.socket.destroy();
    if (this.answer) return this.answer(request, response);
    const url = new URL(request.url ?? '', 'http://agent');
    if (url.pathname === '/files/read') return this.#filesRead(url.searchParams, response);
    if (url.pathname === '/api/v1') return this.#readFile(Buffer.concat(pieces).toString(), response);
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 Not Found.');
  }

  #filesRead(query: URLSearchParams, response: ServerResponse): void {
    const file = this.files.get(query.get('path') ?? '');
    if (!file) return void response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end();
    const offset = Number(query.get('offset') ?? -1);
    const length = Math.min(Number(query.get('length') ?? 65_536), 65_536);
    if (offset < 0) return json(response, Buffer.from(`{"data":"","offset":${file.length}}`));
    const bytes = file.subarray(offset, offset + length);
    // Latin 1 both ways: bytes stay as they are, and what JSON must escape is escaped.
    const data = this.replaces
      ? Buffer.from(JSON.stringify(bytes.toString()))
      : Buffer.from(JSON.stringify(bytes.toString('latin1')), 'latin1');
    json(response, Buffer.concat([Buffer.from('{"data":'), data, Buffer.from(`,"offset":${offset}}`)]));
  }

  #readFile(body: string, response: ServerResponse): void {
    const call = JSON.parse(body) as { read_file: { path: string; offset: number; length: number } };
    const { path, offset, length } = call.read_file;
    const file = this.files.get(path);
    if (!file || !this.knowsReadFile) return void response.writeHead(file ? 501 : 404).end();
    const data = file.subarray(offset, offset + length).toString('base64');
    json(
      response,
      Buffer.from(JSON.stringify({ type: 'READ_FILE', read_file: { size: file.length, data } })),
    );
  }
}

function json(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'Content-Length': body.length, 'Content-Type': 'application/json' }).end(body);
}
