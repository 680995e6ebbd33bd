import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a request is answered with: text, or bytes, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
  /** Empty: none is sent. */
  readonly contentType: string;
  /** Extra headers, names and values in turn. */
  readonly headers?: readonly string[];
  /** In the place of the path's usual CORS headers. */
  readonly cors?: readonly string[];
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=UTF-8';

/** JSON that is text already. */
export function jsonText(status: number, body: string, headers?: readonly string[]): Answer {
  return headers === undefined
    ? { status, body, contentType: JSON_TYPE }
    : { status, body, contentType: JSON_TYPE, headers };
}

/** A value as JSON. */
export function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value), contentType: JSON_TYPE };
}

export function plainText(status: number, body: string): Answer {
  return { status, body, contentType: TEXT_TYPE };
}

/** `{error, code}`, as every error but a failed activation's has it. */
export function errorAnswer(failure: {
  readonly status: number;
  readonly message: string;
  readonly transactionId: string;
  readonly headers?: readonly string[];
  /** Of a web action: a line for each member. */
  readonly isWeb?: boolean;
}): Answer {
  const [line, end] = failure.isWeb === true ? ['\n  ', '\n'] : ['', ''];
  const space = failure.isWeb === true ? ' ' : '';
  const body = `{${line}"error":${space}${JSON.stringify(failure.message)},${line}"code":${space}${JSON.stringify(failure.transactionId)}${end}}`;
  return jsonText(failure.status, body, failure.headers);
}

/** What every answer of one request carries besides its own headers. */
export interface Envelope {
  readonly transactionId: string;
  /** Names and values in turn. */
  readonly cors: readonly string[];
  /** HEAD and 204 have headers only. */
  readonly withoutBody: boolean;
}

/** Sends an answer, once; nothing happens when the client has gone. */
export function writeAnswer(response: ServerResponse, answer: Answer, envelope: Envelope): void {
  if (response.headersSent || response.destroyed) return;
  const headers: string[] = ['X-Request-ID', envelope.transactionId];
  // These have no content at all, and must not say how long it is.
  const isBodiless = answer.status === 204 || answer.status === 304;
  if (!isBodiless) {
    if (answer.contentType !== '') headers.push('Content-Type', answer.contentType);
    headers.push('Content-Length', String(Buffer.byteLength(answer.body)));
  }
  for (const part of envelope.cors) headers.push(part);
  if (answer.headers !== undefined) for (const part of answer.headers) headers.push(part);
  response.writeHead(answer.status, headers);
  const body = envelope.withoutBody || isBodiless ? '' : answer.body;
  if (isStillComing(response.req)) endAfterRequest(response, body);
  else response.end(body);
}

/** Refused bodies are read and forgotten up to this; who sends more has the connection cut. */
const MAX_FORGOTTEN_BYTES = 64 * 1024 * 1024;
/** A client that sends nothing for so long has heard, or is waiting for the end. */
const LINGER_MS = 1000;

function isStillComing(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/**
 * The answer leaves at once; the connection may only end when the client has sent all: closed before, with bytes unread, it is
 * reset, and the client may never see the answer.
 */
function endAfterRequest(response: ServerResponse, body: string | Buffer): void {
  const { req: request } = response;
  if (body === '') response.flushHeaders();
  else response.write(body);
  let forgotten = 0;
  const end = (): void => void response.end();
  request.on('data', (chunk: Buffer) => {
    forgotten += chunk.length;
    if (forgotten > MAX_FORGOTTEN_BYTES) request.destroy();
  });
  response.setTimeout(LINGER_MS, end);
  request.once('end', end);
  request.once('close', end);
  request.on('error', end);
  request.resume();
}
