'use strict';
/**
 * A small, strict HTTP/1.1 server for `POST /init`, `/run` and `/status`: kept-alive, pipelined requests one after another,
 * every answer with a Content-Length. On `net`, because loading `http` costs a cold start a millisecond or two.
 *
 * User code runs in the same process and may replace methods of built-in objects. So what is needed after start is
 * captured here at start, and heads are read as bytes.
 *
 * With an access token a request that doesn't show it is refused when its head is there, before its body is kept: others
 * than the platform can connect to a container in a cluster. `POST /prove` alone needs none: who answers it, knows it.
 */
const net = require('node:net');
const { unlinkSync } = require('node:fs');
const { parseHead } = require('./http-head.js');

const MAX_HEAD_BYTES = 16 * 1024;
/** OpenWhisk's Node runtime takes bodies of up to 48 MB. */
const MAX_BODY_BYTES = 48 * 1024 * 1024;
/** What a client may send ahead while a request is being answered. */
const MAX_AHEAD_BYTES = 1024 * 1024;
/** Of proofs that a client asks for and does not read. */
const MAX_UNREAD_BYTES = 64 * 1024;
const BAD_REQUEST = '{"error":"Bad request."}';
/** Of 32 bytes in base64url. */
const NONCE_LENGTH = 43;
const FORBIDDEN = '{"error":"The access token of this container is missing or wrong."}';
/** How long what a refused client still sends is read, so that it sees the answer and not a reset. */
const LINGER_MS = 1000;

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

/** `unbind(method)(self, ...args)`, whatever becomes of the prototype later. */
const unbind = Function.prototype.bind.bind(Function.prototype.call);
const { byteLength, concat } = Buffer;
const indexOf = unbind(Buffer.prototype.indexOf);
const utf8Slice = unbind(Buffer.prototype.utf8Slice);
const subarray = unbind(Buffer.prototype.subarray);
const charCodeAt = unbind(String.prototype.charCodeAt);
const slice = unbind(Array.prototype.slice);
const write = unbind(net.Socket.prototype.write);
const end = unbind(net.Socket.prototype.end);
const pause = unbind(net.Socket.prototype.pause);
const resume = unbind(net.Socket.prototype.resume);
const destroy = unbind(net.Socket.prototype.destroy);
const later = setTimeout;

/** Takes as long whichever character is wrong. */
function isSame(given, expected) {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= charCodeAt(given, i) ^ charCodeAt(expected, i);
  return difference === 0;
}

/** One client; also the request that it currently waits for (`route`, `sentinel`, `body`). */
class Exchange {
  /** Path of a POST; `''` for any other method. */
  route = '';
  /** Token of the header `X-Vibrissa-Sentinel`. */
  sentinel = undefined;
  body = '';

  #socket;
  #onRequest;
  #access;
  /** Of a request for a proof. */
  #nonce = undefined;
  /** Bytes not yet used, `#held` of them in `#count` chunks. */
  #chunks = [];
  #count = 0;
  #held = 0;
  /** Bytes of the request's head and body; 0 until its head is complete. */
  #needed = 0;
  #headBytes = 0;
  #busy = false;
  #pumping = false;
  /** The client asked for the connection to end after this request. */
  #last = false;
  #closing = false;
  #refused = false;

  constructor(socket, onRequest, access) {
    this.#socket = socket;
    this.#onRequest = onRequest;
    this.#access = access;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', () => destroy(socket));
  }

  /** Sends the one answer to the current request. `text` is JSON. A second answer is ignored. */
  reply(status, text) {
    if (!this.#busy) return;
    this.#busy = false;
    const socket = this.#socket;
    const tail = this.#closing ? '\r\nConnection: close\r\n\r\n' : '\r\n\r\n';
    const head = `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: application/json\r\nContent-Length: `;
    if (!socket.destroyed) write(socket, head + byteLength(text) + tail + text);
    if (this.#closing) end(socket);
    else if (this.#held > 0) this.#next();
  }

  /** Answers what no route and no parser understands. */
  badRequest() {
    this.reply(500, BAD_REQUEST);
  }

  #receive(chunk) {
    if (this.#refused) return;
    this.#chunks[this.#count++] = chunk;
    this.#held += chunk.length;
    if (!this.#busy) this.#pump();
    else if (this.#held > MAX_AHEAD_BYTES) pause(this.#socket);
  }

  #ended() {
    if (this.#busy) this.#closing = true;
    else end(this.#socket);
  }

  #next() {
    resume(this.#socket);
    // an answer given within the request handler is followed by the loop that called the handler
    if (!this.#pumping) this.#pump();
  }

  #pump() {
    this.#pumping = true;
    while (!this.#busy && !this.#refused && !this.#closing && this.#held > 0 && this.#readRequest()) {
      if (this.#nonce === undefined) this.#onRequest(this);
      else this.#prove();
    }
    this.#pumping = false;
  }

  /** Strangers can ask for it: who doesn't read the answers is let go, as they would be kept here. */
  #prove() {
    this.reply(200, this.#access.prove(this.#nonce));
    if (this.#socket.writableLength <= MAX_UNREAD_BYTES) return;
    this.#refused = true;
    destroy(this.#socket);
  }

  /** True when a whole request is there. */
  #readRequest() {
    if (this.#needed === 0 && !this.#readHead()) return false;
    if (this.#held < this.#needed) return false;
    const bytes = this.#joined();
    const needed = this.#needed;
    this.body = utf8Slice(bytes, this.#headBytes, needed);
    this.#held -= needed;
    this.#count = this.#held > 0 ? 1 : 0;
    this.#chunks[0] = this.#held > 0 ? subarray(bytes, needed) : undefined;
    this.#needed = 0;
    this.#busy = true;
    if (this.#last) this.#closing = true;
    return true;
  }

  #readHead() {
    const bytes = this.#joined();
    const blank = indexOf(bytes, '\r\n\r\n', 0, 'latin1');
    if (blank === -1 || blank > MAX_HEAD_BYTES) {
      if (blank !== -1 || bytes.length > MAX_HEAD_BYTES) this.#refuse(500, BAD_REQUEST);
      return false;
    }
    const head = parseHead(bytes, blank + 2);
    if (head === undefined || head.contentLength > MAX_BODY_BYTES) {
      this.#refuse(500, BAD_REQUEST);
      return false;
    }
    if (!this.#admits(head)) return false;
    this.route = head.route;
    this.sentinel = head.sentinel;
    this.#last = head.close;
    this.#headBytes = blank + 4;
    this.#needed = this.#headBytes + head.contentLength;
    if (head.expectsContinue && this.#held < this.#needed)
      write(this.#socket, 'HTTP/1.1 100 Continue\r\n\r\n');
    return true;
  }

  #admits(head) {
    this.#nonce = undefined;
    if (this.#access === undefined) return true;
    if (head.route === '/prove') {
      this.#nonce = head.nonce;
      if (head.nonce?.length === NONCE_LENGTH && head.contentLength === 0) return true;
      this.#refuse(500, BAD_REQUEST);
      return false;
    }
    if (isSame(head.token ?? '', this.#access.token)) return true;
    this.#refuse(403, FORBIDDEN);
    return false;
  }

  #joined() {
    if (this.#count === 1) return this.#chunks[0];
    const bytes = concat(slice(this.#chunks, 0, this.#count), this.#held);
    this.#chunks = [bytes];
    this.#count = 1;
    return bytes;
  }

  /** Nothing more is taken from this client: answers, reads and forgets the rest, and closes. */
  #refuse(status, text) {
    const socket = this.#socket;
    this.#refused = true;
    this.#closing = true;
    this.#busy = true;
    this.#chunks = [];
    this.#count = 0;
    this.#held = 0;
    this.reply(status, text);
    later(() => destroy(socket), LINGER_MS).unref();
  }
}

/**
 * Serves on the inherited descriptor, the Unix socket or the port that the settings name, in this order.
 * `onRequest(exchange)` must lead to one `exchange.reply`.
 */
function serve(settings, onRequest) {
  const { token } = settings;
  const access = token === undefined ? undefined : { token, prove: openProver(token) };
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    attach(socket, onRequest, access);
  });
  server.on('error', (error) => {
    process.stderr.write(`The runtime can't listen: ${error.message}\n`);
    process.exit(1);
  });
  if (settings.listenFd !== undefined) server.listen({ fd: Number(settings.listenFd) });
  else if (settings.listenSocket !== undefined) {
    removeStaleSocket(settings.listenSocket);
    server.listen(settings.listenSocket);
  } else server.listen(Number(settings.port ?? 8080));
}

/** Answers the requests of one client; those that show `access.token`, if there is one. */
function attach(socket, onRequest, access) {
  new Exchange(socket, onRequest, access);
}

function openProver(token) {
  return require('./access-proof.js').openProver(token);
}

function removeStaleSocket(path) {
  try {
    unlinkSync(path);
  } catch {
    // usually there is none; if it can't be removed, listening says why
  }
}

module.exports = { serve, attach };
