import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const directory = new URL('../transcripts/', import.meta.url);

interface Bytes {
  readonly data?: string;
  readonly data_b64?: string;
}

interface OnConnection {
  readonly conn: string;
}

/** One line of a transcript; `transcripts/README.md` says what each means. */
export type TranscriptLine = { readonly t: number } & (
  | { readonly kind: 'about'; readonly text: string; readonly conn?: string }
  | { readonly kind: 'note'; readonly text: string; readonly conn?: string }
  | ({ readonly kind: 'open'; readonly to: string; readonly reads?: readonly number[] } & OnConnection)
  | ({
      readonly kind: 'request';
      readonly method: string;
      readonly path: string;
      readonly headers: readonly (readonly [string, string])[];
      readonly as_sent?: true;
    } & Bytes &
      OnConnection)
  | ({ readonly kind: 'sent' } & Bytes & OnConnection)
  | ({ readonly kind: 'body' } & Bytes & OnConnection)
  | ({ readonly kind: 'record' } & Bytes & OnConnection)
  | ({
      readonly kind: 'response';
      readonly line: string;
      readonly headers: readonly (readonly [string, string])[];
    } & OnConnection)
  | ({ readonly kind: 'last' } & OnConnection)
  | ({ readonly kind: 'closed'; readonly by: string } & OnConnection)
  | { readonly kind: 'connect-error'; readonly error: string; readonly conn?: string }
  | { readonly kind: 'send-error'; readonly error: string; readonly conn?: string }
);

/** The exchanges of one scenario with a real Mesos. */
export interface Transcript {
  /** `s01-subscribe-decline-suppress-revive`, … */
  readonly name: string;
  readonly about: string;
  readonly lines: readonly TranscriptLine[];
}

/** One request on a connection and what came back. */
export interface RecordedExchange {
  readonly request?: Extract<TranscriptLine, { kind: 'request' }>;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Of a response with a length. */
  readonly body?: Buffer;
  /** Of a response in chunks. */
  readonly records: readonly Buffer[];
  /** The response came to its end, which a stream that was cut does not. */
  readonly complete: boolean;
}

export interface RecordedConnection {
  readonly label: string;
  readonly to: string;
  readonly exchanges: readonly RecordedExchange[];
  /** What the server sent, cut as the recording client's reads were. */
  readonly reads: readonly Buffer[];
  /** `peer`, `client` or an error; absent when the recording ended first. */
  readonly closedBy?: string;
}

/** All transcripts by name, in order. */
export function transcriptNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .map((file) => file.slice(0, -'.jsonl.gz'.length))
    .toSorted();
}

/** Reads one by its name or by the number that begins it: `s01`. */
export function readTranscript(name: string): Transcript {
  const full = transcriptNames().find((each) => each === name || each.startsWith(`${name}-`));
  if (!full) throw new Error(`There is no transcript ${name}.`);
  const text = gunzipSync(readFileSync(new URL(`${full}.jsonl.gz`, directory))).toString();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TranscriptLine);
  const [first] = lines;
  return { name: full, about: first?.kind === 'about' ? first.text : '', lines };
}

/** The bytes of a request's body, a record, … */
export function bytesOf(line: Bytes): Buffer {
  return line.data_b64 === undefined ? Buffer.from(line.data ?? '') : Buffer.from(line.data_b64, 'base64');
}

interface Building {
  label: string;
  to: string;
  sizes: readonly number[] | undefined;
  requests: Extract<TranscriptLine, { kind: 'request' }>[];
  exchanges: {
    request?: Extract<TranscriptLine, { kind: 'request' }>;
    status: number;
    headers: readonly (readonly [string, string])[];
    body?: Buffer;
    records: Buffer[];
    complete: boolean;
  }[];
  pieces: Buffer[];
  closedBy?: string;
}

/** The TCP connections of a transcript in the order in which they were opened. */
export function recordedConnections(transcript: Transcript): RecordedConnection[] {
  const all: Building[] = [];
  const current = new Map<string, Building>();
  for (const line of transcript.lines) {
    if (line.kind === 'open') {
      const opened: Building = {
        label: line.conn,
        to: line.to,
        sizes: line.reads,
        requests: [],
        exchanges: [],
        pieces: [],
      };
      current.set(line.conn, opened);
      all.push(opened);
    } else if (line.conn !== undefined) {
      const connection = current.get(line.conn);
      if (connection) take(connection, line);
    }
  }
  return all.map(finish);
}

function take(connection: Building, line: TranscriptLine): void {
  const exchange = connection.exchanges.at(-1);
  if (line.kind === 'request') connection.requests.push(line);
  else if (line.kind === 'response') begin(connection, line);
  else if (line.kind === 'closed') connection.closedBy = line.by;
  else if (line.kind === 'body' && exchange) {
    exchange.body = bytesOf(line);
    exchange.complete = true;
    connection.pieces.push(exchange.body);
  } else if (line.kind === 'record' && exchange) {
    const record = bytesOf(line);
    exchange.records.push(record);
    const framed = Buffer.concat([Buffer.from(`${record.length}\n`), record]);
    connection.pieces.push(Buffer.from(`${framed.length.toString(16)}\r\n`), framed, Buffer.from('\r\n'));
  } else if (line.kind === 'last' && exchange) {
    exchange.complete = true;
    connection.pieces.push(Buffer.from('0\r\n\r\n'));
  }
}

function begin(connection: Building, line: Extract<TranscriptLine, { kind: 'response' }>): void {
  const request = connection.requests.shift();
  const head = [line.line, ...line.headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  connection.exchanges.push({
    ...(request ? { request } : {}),
    status: Number(line.line.split(' ')[1]),
    headers: line.headers,
    records: [],
    complete: false,
  });
  connection.pieces.push(Buffer.from(head));
}

function finish(building: Building): RecordedConnection {
  const { label, to, exchanges, sizes, pieces, closedBy } = building;
  const reads = sizes ? cut(Buffer.concat(pieces), sizes) : pieces;
  return { label, to, exchanges, reads, ...(closedBy === undefined ? {} : { closedBy }) };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  let from = 0;
  return sizes.map((size) => bytes.subarray(from, (from += size)));
}
