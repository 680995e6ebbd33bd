import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { AddressInfo, Socket } from 'node:net';
import { root } from '../examples/run-story.ts';

/** A request as it came. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What is answered to a request; a status of 0 cuts the connection. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** What a client has sent so far, without a frame that has not come whole. */
function readFrames(
  bytes: Buffer,
): { readonly opcode: number; readonly isMasked: boolean; readonly text: string }[] {
  const frames = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = bytes[at + 1]! & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (at + head + 4 > bytes.length) break;
    const length =
      short === 127
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : short;
    const mask = bytes.subarray(at + head, at + head + 4);
    const from = at + head + 4;
    if (from + length > bytes.length) break;
    const body = bytes.subarray(from, from + length).map((byte, index) => byte ^ mask[index % 4]!);
    frames.push({
      opcode: bytes[at]! & 0x0f,
      isMasked: (bytes[at + 1]! & 0x80) !== 0,
      text: Buffer.from(body).toString(),
    });
    at = from + length;
  }
  return frames;
}

/** The rest of the world: a server that answers as a test says, and takes websockets save at `/absent` and, with a wrong proof, at `/liar`. */
export class OutsideWorld {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly received: Received[] = [];
  readonly messages: { readonly isMasked: boolean; readonly text: string }[] = [];
  answer: (request: Received) => Answer = () => ({ status: 200 });

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const received = { method, url, headers, body: Buffer.concat(parts).toString() };
        this.received.push(received);
        const { status, body } = this.answer(received);
        if (status === 0) return void request.socket.destroy();
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    server.on('upgrade', (request, socket: Socket) => this.#upgrade(request, socket));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(host: string): Promise<OutsideWorld> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new OutsideWorld(server);
  }

  get host(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #upgrade({ headers, url }: IncomingMessage, socket: Socket): void {
    socket.on('error', () => {});
    if (url === '/absent') return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    const key = url === '/liar' ? 'another key' : String(headers['sec-websocket-key']);
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    let bytes = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part]);
      const frames = readFrames(bytes);
      if (!frames.some(({ opcode }) => opcode === 8)) return;
      for (const { opcode, isMasked, text } of frames)
        if (opcode === 1) this.messages.push({ isMasked, text });
      socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]));
    });
  }
}

/**
 * Where a server of the test's has to listen so that actions reach it, and how the platform is started for it: through
 * the sandbox's filter where this machine can give sandboxes a network, and otherwise with plain processes.
 */
export function wayOut(): { readonly host: string; readonly args: (host: string) => string[] } {
  const doctor = spawnSync(
    process.execPath,
    [`${root}packages/server/bin/vibrissa.js`, 'doctor', '--port', '0'],
    { encoding: 'utf8' },
  );
  const outer = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return outer && /OK.*internet for actions/.test(doctor.stdout)
    ? { host: outer.address, args: (host) => ['--set', `containers.sandbox.allow=${host}`] }
    : { host: '127.0.0.1', args: () => ['--containers', 'process'] };
}
