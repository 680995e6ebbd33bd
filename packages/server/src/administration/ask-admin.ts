import { request } from 'node:http';

const TIMEOUT_MS = 10_000;

/** Errors that say that nobody listens on the socket. */
const nobody = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

export interface AdminReply {
  readonly status: number;
  /** JSON. */
  readonly text: string;
}

/** One request to the admin socket: a GET, or a POST of `body` as JSON. Undefined when nobody listens there. */
export function askAdmin(
  socketPath: string,
  { path, body }: { readonly path: string; readonly body?: object },
): Promise<AdminReply | undefined> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    sent === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(sent) };
  return new Promise((resolve, reject) => {
    const method = sent === undefined ? 'GET' : 'POST';
    const call = request({ socketPath, method, path, headers, timeout: TIMEOUT_MS }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') });
      });
    });
    call.on('timeout', () => call.destroy(new Error('The platform did not answer within 10 s.')));
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (nobody.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
    call.end(sent);
  });
}
