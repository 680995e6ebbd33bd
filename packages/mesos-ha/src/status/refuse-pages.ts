import type { IncomingMessage } from 'node:http';

import { BadRequest } from './read-json.ts';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Keeps out pages of a browser that can reach this port. One whose name has become this machine's address (DNS rebinding)
 * is of the same origin, but its Host is no loopback one. Browsers say where a page is from that changes something, and
 * nothing else does. Throws {@link BadRequest}.
 */
export function refusePages({ headers, method, socket }: IncomingMessage): void {
  const isLocal = LOOPBACK.test(socket.localAddress ?? '');
  if (isLocal && !LOOPBACK_HOST.test(headers.host ?? '')) {
    throw new BadRequest(403, 'On this machine the Host of a request is localhost or 127.0.0.1.');
  }
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new BadRequest(
    403,
    'A page in a browser may not change tasks. Ask with a program, for example curl.',
  );
}
