// A minimal keep-alive HTTP/1.1 client on `net`: the same, cheap client stands before everything that is measured.
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** One connection; one request at a time. `target` is `{ port }` or `{ path }` of a Unix socket. */
export class Connection {
  #socket;
  #received = Buffer.alloc(0);
  #waiting;
  #closed = false;
  #usedAtMs = performance.now();

  static open(target) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(
        target.path ? { path: target.path } : { host: '127.0.0.1', port: target.port },
      );
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** Sends a ready request text; resolves with `{ status, body }`, the body as a Buffer. */
  send(requestText) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error('connection closed'));
      this.#waiting = { resolve, reject };
      this.#usedAtMs = performance.now();
      this.#socket.write(requestText);
    });
  }

  /** Whether the server has closed it, or may do so at any moment: node:http ends what was idle for 5 s. */
  get isStale() {
    return this.#closed || performance.now() - this.#usedAtMs > 2000;
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #fail(error) {
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #take(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.latin1Slice(0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    const chunked = !length && /\r\ntransfer-encoding: *chunked/i.test(head);
    const bodyStart = end + 4;
    let body;
    if (length) {
      const bodyEnd = bodyStart + Number(length[1]);
      if (this.#received.length < bodyEnd) return;
      body = this.#received.subarray(bodyStart, bodyEnd);
      this.#received = this.#received.subarray(bodyEnd);
    } else if (chunked) {
      if (!this.#received.latin1Slice(bodyStart).endsWith('0\r\n\r\n')) return;
      body = joinChunks(this.#received.subarray(bodyStart));
      this.#received = Buffer.alloc(0);
    } else {
      body = Buffer.alloc(0);
      this.#received = this.#received.subarray(bodyStart);
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

function joinChunks(bytes) {
  const parts = [];
  let position = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', position);
    const size = Number.parseInt(bytes.latin1Slice(position, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
}

/** The text of a request with a JSON body. */
export function requestText({ method = 'POST', path, body = '', headers = {} }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${type}Content-Length: ${Buffer.byteLength(body)}\r\n${lines.join('')}\r\n${body}`;
}

/** One request on a connection of its own. */
export async function once(target, request) {
  const connection = await Connection.open(target);
  try {
    return await connection.send(requestText(request));
  } finally {
    connection.close();
  }
}
