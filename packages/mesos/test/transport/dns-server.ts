import { createSocket, type Socket } from 'node:dgram';

export type DnsRecord =
  | { readonly type: 'A'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    };

const TYPES = { A: 1, SRV: 33 } as const;
const NAME_ERROR = 3;

/** A DNS server with a zone of its own, over UDP. Names without a record don't exist; `silent` answers nothing. */
export class DnsServer {
  readonly #socket: Socket = createSocket('udp4');
  readonly #zone: Readonly<Record<string, readonly DnsRecord[]>>;

  private constructor(zone: Readonly<Record<string, readonly DnsRecord[]>>, isSilent: boolean) {
    this.#zone = zone;
    this.#socket.on('message', (query, from) => {
      if (!isSilent) this.#socket.send(this.#answer(query), from.port, from.address);
    });
  }

  static async open(
    zone: Readonly<Record<string, readonly DnsRecord[]>>,
    isSilent = false,
  ): Promise<DnsServer> {
    const server = new DnsServer(zone, isSilent);
    await new Promise<void>((resolve) => server.#socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => void this.#socket.close(resolve));
  }

  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const records = this.#zone[labels.join('.').toLowerCase()];
    const matching = (records ?? []).filter((record) => TYPES[record.type] === type);
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | (records ? 0 : NAME_ERROR), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(matching.length, 6);
    return Buffer.concat([head, query.subarray(12, at + 5), ...matching.map(encode)]);
  }
}

function encode(record: DnsRecord): Buffer {
  const data =
    record.type === 'A' ? Buffer.from(record.address.split('.').map(Number)) : encodeService(record);
  const head = Buffer.alloc(12);
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TYPES[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(1, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeService(record: Extract<DnsRecord, { type: 'SRV' }>): Buffer {
  const numbers = Buffer.alloc(6);
  for (const [at, value] of [record.priority, record.weight, record.port].entries())
    numbers.writeUInt16BE(value, at * 2);
  const labels = record.target
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([numbers, ...labels, Buffer.of(0)]);
}
