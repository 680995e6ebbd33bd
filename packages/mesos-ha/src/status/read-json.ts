import type { IncomingMessage } from 'node:http';

/** What was asked can't be understood; `status` is that of the answer. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MOST_BYTES = 512 * 1024;

/** The body as JSON. Rejects with {@link BadRequest}. A page of another site can't send this content type unasked. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    throw new BadRequest(415, 'The body must be JSON: send Content-Type: application/json.');
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw new BadRequest(413, `The body has more than ${MOST_BYTES} bytes.`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new BadRequest(
      400,
      'The body is no JSON: send a task, such as {"command":"sleep 60","cpus":0.1,"memoryMb":32}.',
    );
  }
}
