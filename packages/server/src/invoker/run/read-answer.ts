import type { Answer } from './exchange.ts';

/** A head may not be longer than this, in bytes. */
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_LENGTH_DIGITS = 15;
/** The rest of a body that is cut is read and thrown away up to this length; beyond it the connection is given up. */
const MAX_DRAINED_BYTES = 8 * 1024 * 1024;
const END_OF_HEAD = '\r\n\r\n';
const NO_CONTENT = 204;
const HTTP_1_1 = /^HTTP\/1\.([01]) ([2-5]\d\d)(?: |$)/;

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  /** Content-Length. */
  readonly length: number;
  /** The container will close the connection. */
  readonly closes: boolean;
}

/**
 * Reads the head of an answer (without the empty line that ends it). A text says what is wrong with it: without
 * exactly one Content-Length it is no answer, as OpenWhisk has it.
 */
export function parseHead(head: string): AnswerHead | string {
  const lines = head.split('\r\n');
  const status = HTTP_1_1.exec(lines[0] ?? '');
  if (!status) return 'garbage instead of a status line';
  let length: number | undefined;
  let closes = status[1] === '0';
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] as string;
    const colon = line.indexOf(':');
    if (colon <= 0) return 'garbage instead of a header';
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'content-length') {
      if (length !== undefined) return 'more than one Content-Length';
      if (!/^\d+$/.test(value) || value.length > MAX_LENGTH_DIGITS) return 'a malformed Content-Length';
      length = Number(value);
    } else if (name === 'transfer-encoding') {
      return 'a Transfer-Encoding';
    } else if (name === 'connection') {
      closes = value.toLowerCase() !== 'keep-alive';
    }
  }
  if (length === undefined || Number(status[2]) === NO_CONTENT) return 'no Content-Length';
  return { status: Number(status[2]), length, closes };
}

/** How much of a body is taken. */
export interface BodyLimits {
  /** A longer body is cut. */
  readonly maxBytes: number;
  /** What is kept of one that is cut. */
  readonly keepBytes: number;
}

/**
 * Puts one answer together from what a socket brings. `push` looks at the bytes only during the call: the caller may
 * reuse its buffer.
 */
export class AnswerReader {
  #limits: BodyLimits = { maxBytes: 0, keepBytes: 0 };
  #headBytes: Buffer | undefined;
  #head: AnswerHead | undefined;
  #kept: Buffer | undefined;
  #received = 0;
  /** Answers of one container have mostly the same head, byte for byte. */
  #lastHeadText = '';
  #lastHead: AnswerHead | undefined;
  /** Why `push` said `garbage`. */
  problem = '';
  /** The answer, once `push` said `done`. */
  answer: Answer | undefined;
  /** After the answer the container closes the connection, or has sent more than the answer. */
  closes = false;
  surplus = false;

  /** Forgets the last answer and awaits the next. */
  begin(limits: BodyLimits): void {
    this.#limits = limits;
    this.#headBytes = this.#head = this.#kept = this.answer = undefined;
    this.#received = 0;
    this.closes = this.surplus = false;
  }

  push(buffer: Buffer, size: number): 'more' | 'done' | 'garbage' {
    if (this.#head) return this.#pushBody(buffer, 0, size);
    const joined = this.#headBytes !== undefined;
    const bytes = this.#headBytes ? Buffer.concat([this.#headBytes, buffer.subarray(0, size)]) : buffer;
    const total = joined ? bytes.length : size;
    const end = bytes.indexOf(END_OF_HEAD, 0, 'latin1');
    if (end < 0 || end + END_OF_HEAD.length > total) return this.#awaitHead(bytes, total);
    if (end > MAX_HEAD_BYTES) return this.#garbage('a head that is too long');
    const head = this.#parse(bytes.toString('latin1', 0, end));
    if (typeof head === 'string') return this.#garbage(head);
    this.#head = head;
    this.#headBytes = undefined;
    return this.#pushBody(bytes, end + END_OF_HEAD.length, total);
  }

  #awaitHead(bytes: Buffer, total: number): 'more' | 'garbage' {
    if (total > MAX_HEAD_BYTES) return this.#garbage('a head that is too long');
    this.#headBytes = Buffer.from(bytes.subarray(0, total));
    return 'more';
  }

  #parse(text: string): AnswerHead | string {
    if (text === this.#lastHeadText && this.#lastHead) return this.#lastHead;
    const head = parseHead(text);
    if (typeof head !== 'string') {
      this.#lastHeadText = text;
      this.#lastHead = head;
    }
    return head;
  }

  #pushBody(bytes: Buffer, from: number, to: number): 'more' | 'done' {
    const head = this.#head as AnswerHead;
    const available = to - from;
    const missing = head.length - this.#received;
    if (this.#received === 0 && available >= head.length && head.length <= this.#limits.maxBytes) {
      return this.#done(bytes.toString('utf8', from, from + head.length), available > head.length);
    }
    const keep = head.length > this.#limits.maxBytes ? this.#limits.keepBytes : head.length;
    this.#kept ??= Buffer.allocUnsafeSlow(Math.min(keep, head.length));
    if (this.#received < this.#kept.length) bytes.copy(this.#kept, this.#received, from, to);
    this.#received += Math.min(available, missing);
    if (available < missing) {
      if (head.length <= MAX_DRAINED_BYTES || this.#received < this.#kept.length) return 'more';
      this.#done(this.#kept.toString('utf8', 0, this.#kept.length), false);
      this.closes = true;
      return 'done';
    }
    return this.#done(this.#kept.toString('utf8', 0, this.#kept.length), available > missing);
  }

  #done(body: string, surplus: boolean): 'done' {
    const { status, length, closes } = this.#head as AnswerHead;
    this.answer = { outcome: 'answered', status, body, length, truncated: length > this.#limits.maxBytes };
    this.closes = closes;
    this.surplus = surplus;
    this.#head = this.#kept = undefined;
    return 'done';
  }

  #garbage(problem: string): 'garbage' {
    this.problem = problem;
    return 'garbage';
  }
}
