import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Longer than the server lets a request wait, so that it is the server that gives up. */
const SILENCE_MS = 120_000;

/** A request, ready to be sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly insecure: boolean;
  /** PEM text of a client's certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** An answer, whatever its status. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as it came, for what is no text. */
  readonly bytes: Buffer;
}

const certificateErrors = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function hintsFor(code: string, url: URL): string[] {
  if (certificateErrors.has(code)) {
    return [
      'To trust this host without checking its certificate, add -i (--insecure).',
      'To trust the certificate in a file: NODE_EXTRA_CA_CERTS=FILE wsk …',
    ];
  }
  if (code === 'ECONNRESET' && url.protocol === 'http:') {
    return [
      `If it speaks TLS: wsk property set --apihost https://${url.host}`,
      'Is it the platform? See which host is configured with: wsk property get --apihost',
    ];
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return [`If it speaks plain HTTP: wsk property set --apihost http://${url.host}`];
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return ['Is the name right? See it with: wsk property get --apihost'];
  }
  return [
    'Is the platform running there? Start it with: npm start',
    'See which host is configured with: wsk property get --apihost',
  ];
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before an answer came',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
  ETIMEDOUT: 'no answer within the time limit',
  EPROTO: 'it does not speak TLS (a host without http:// means https)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS (a host without http:// means https)',
};

/** Why a host cannot be reached, and what to do about it. */
export function networkError(error: unknown, url: URL): CliError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = plainWords[code] ?? (error instanceof Error ? error.message : String(error));
  return new CliError(`Cannot reach ${url.protocol}//${url.host}: ${reason}`, {
    exitCode: exitCodes.network,
    hints: hintsFor(code, url),
    cause: error,
  });
}

/** What is wrong with a client's certificate or its key, in plain words where they are known. */
function unfitCertificate(error: unknown): CliError {
  const said = error instanceof Error ? error.message : String(error);
  let reason = said;
  if (said.includes('no start line')) reason = 'one of them is no PEM file';
  if (said.includes('key values mismatch')) reason = 'they do not belong together';
  return new CliError(`Unable to use the client certificate and its key: ${reason}.`, {
    hints: ['See the configured ones with: wsk property get --cert --key'],
    cause: error,
  });
}

function requestOptions(request: HttpRequest): RequestOptions {
  const { method, headers, signal, insecure, cert, key } = request;
  const tls =
    request.url.protocol === 'https:'
      ? {
          rejectUnauthorized: !insecure,
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
        }
      : {};
  return { method, headers, ...(signal && { signal }), ...tls };
}

/** Throws where the certificate or the key is none. */
function begin(
  transport: Pick<typeof import('node:https'), 'request'>,
  request: HttpRequest,
  receive: (incoming: IncomingMessage) => void,
): ClientRequest {
  try {
    return transport.request(request.url, requestOptions(request), receive);
  } catch (error) {
    throw request.cert === undefined && request.key === undefined ? error : unfitCertificate(error);
  }
}

/** Sends a request and reads the whole answer. Throws {@link CliError} with exit code 3 where none comes. */
export async function sendRequest(request: HttpRequest): Promise<HttpReply> {
  const transport =
    request.url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(networkError(error, request.url));
    const receive = (incoming: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, bytes });
      });
    };
    const outgoing = begin(transport, request, receive);
    outgoing.on('error', fail);
    outgoing.setTimeout(SILENCE_MS, () => {
      outgoing.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
    });
    outgoing.end(request.body);
  });
}
