import type { IncomingMessage } from 'node:http';

/**
 * Whom a listener shows the server's own pages: `loopback-peers` (public and administrators' TCP listeners),
 * `every-peer` (a socket file that only its owner may open), `no-peer` (the socket of the sandboxes).
 */
export type Trust = 'loopback-peers' | 'every-peer' | 'no-peer';

const LOOPBACK_ADDRESS = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const LOOPBACK_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * May this request see the server's own pages? Beyond the address: a page in a browser on this machine is no
 * administrator (`Origin`; a foreign name in `Host` that was bent to this address), and neither is who comes through a
 * proxy on this machine.
 */
export function isTrusted(trust: Trust, request: IncomingMessage): boolean {
  if (trust !== 'loopback-peers') return trust === 'every-peer';
  const address = request.socket.remoteAddress ?? '';
  if (address !== '::1' && !LOOPBACK_ADDRESS.test(address)) return false;
  const { headers } = request;
  if (headers.origin !== undefined || headers.forwarded !== undefined) return false;
  if (headers['x-forwarded-for'] !== undefined || headers['x-real-ip'] !== undefined) return false;
  return LOOPBACK_HOST.test(headers.host ?? '');
}
