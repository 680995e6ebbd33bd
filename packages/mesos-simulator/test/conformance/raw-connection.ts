import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One response. A stream's `body` stays absent; its records stand in the connection's `records`. */
export interface RawAnswer {
  readonly line: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  body?: Buffer;
  /** The last chunk or the last byte of the body came. */
  complete: boolean;
}

/** One RecordIO record; `claimed` once the player has found its recorded counterpart. */
export interface RawRecord {
  readonly bytes: Buffer;
  claimed: boolean;
}

/** A TCP connection that sends bytes as they were recorded and reads HTTP answers without any leniency. */
export class RawConnection {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  readonly answers: RawAnswer[] = [];
  readonly records: RawRecord[] = [];
  /** What is wrong with the framing of what came. */
  readonly faults: string[] = [];
  closedByPeer = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('close', () => (this.closedByPeer = true));
    socket.on('error', () => (this.closedByPeer = true));
  }

  /** Rejects when nobody listens. */
  static async open(host: string, port: number): Promise<RawConnection> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#advance());
  }

  #advance(): boolean {
    const answer = this.answers.at(-1);
    if (!answer || answer.complete) return this.#readHead();
    return header(answer, 'transfer-encoding') === 'chunked'
      ? this.#readChunk(answer)
      : this.#readBody(answer);
  }

  #readHead(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [line = '', ...lines] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = lines.map((each): [string, string] => {
      const colon = each.indexOf(':');
      return [each.slice(0, colon), each.slice(colon + 1).trim()];
    });
    this.#bytes = this.#bytes.subarray(end + 4);
    this.answers.push({ line, status: Number(line.split(' ')[1]), headers, complete: false });
    return true;
  }

  #readBody(answer: RawAnswer): boolean {
    const length = Number(header(answer, 'content-length') ?? 0);
    if (this.#bytes.length < length) return false;
    answer.body = this.#bytes.subarray(0, length);
    answer.complete = true;
    this.#bytes = this.#bytes.subarray(length);
    return true;
  }

  #readChunk(answer: RawAnswer): boolean {
    const lineEnd = this.#bytes.indexOf('\r\n');
    if (lineEnd < 0) return false;
    const size = Number.parseInt(this.#bytes.subarray(0, lineEnd).toString('latin1'), 16);
    const next = lineEnd + 2 + size + 2;
    if (this.#bytes.length < next) return false;
    const chunk = this.#bytes.subarray(lineEnd + 2, lineEnd + 2 + size);
    this.#bytes = this.#bytes.subarray(next);
    if (size === 0) answer.complete = true;
    else this.#takeRecord(chunk);
    return true;
  }

  /** A real master writes one record in each chunk. */
  #takeRecord(chunk: Buffer): void {
    const newline = chunk.indexOf('\n');
    const bytes = chunk.subarray(newline + 1);
    if (chunk.subarray(0, newline).toString() !== String(bytes.length)) {
      this.faults.push(`a chunk is not one record: ${chunk.subarray(0, 60).toString()}…`);
    }
    this.records.push({ bytes, claimed: false });
  }
}

/** A header's value by its lower-case name. */
export function header(answer: Pick<RawAnswer, 'headers'>, name: string): string | undefined {
  return answer.headers.find(([each]) => each.toLowerCase() === name)?.[1];
}
