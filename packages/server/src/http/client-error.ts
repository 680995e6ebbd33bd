import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { errorTexts } from '@vibrissa/protocol';
import type { Ids } from '../base/ids.ts';
import { errorAnswer } from './answer.ts';

/** The parser's refusals that are not plain bad syntax. */
const statuses = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** Where node keeps the response that the connection is waiting for. */
type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** May the error be answered? Not when it would be taken for the answer of a request before it. */
function isFree(socket: HttpSocket): boolean {
  const pending = socket._httpMessage;
  // A request that is still arriving is the broken one: its answer is this error.
  return !pending || (!pending.headersSent && !pending.req.complete);
}

/**
 * Answers what the HTTP parser refused (conflicting lengths, bare line feeds, over-long headers, …) and closes the
 * connection: nothing behind a broken request may be read as a request.
 */
export function answerClientError(error: Error & { code?: string }, socket: HttpSocket, ids: Ids): void {
  if (!socket.writable || !isFree(socket) || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statuses.get(error.code ?? '') ?? 400;
  const transactionId = ids.transactionId();
  const { body } = errorAnswer({ status, message: errorTexts.badSyntax, transactionId });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-ID: ${transactionId}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
