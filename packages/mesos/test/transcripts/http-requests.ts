/** A request as a scripted server sees it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads requests from the bytes of one connection; only what a client of Mesos sends: bodies with a length or in chunks. */
export class RequestReader {
  #bytes = Buffer.alloc(0);

  push(bytes: Buffer): SeenRequest[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const requests: SeenRequest[] = [];
    for (let next = this.#next(); next; next = this.#next()) requests.push(next);
    return requests;
  }

  #next(): SeenRequest | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
    const [method = '', path = ''] = first.split(' ');
    const headers = Object.fromEntries(lines.map(nameAndValue));
    const body = headers['transfer-encoding']
      ? chunkedBody(this.#bytes, end + 4)
      : lengthBody(this.#bytes, end + 4, Number(headers['content-length'] ?? 0));
    if (!body) return undefined;
    this.#bytes = this.#bytes.subarray(body.end);
    return { method, path, headers, body: body.text };
  }
}

function nameAndValue(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function lengthBody(bytes: Buffer, from: number, length: number): { text: string; end: number } | undefined {
  if (bytes.length < from + length) return undefined;
  return { text: bytes.subarray(from, from + length).toString(), end: from + length };
}

function chunkedBody(bytes: Buffer, from: number): { text: string; end: number } | undefined {
  const pieces: Buffer[] = [];
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { text: Buffer.concat(pieces).toString(), end: next };
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
