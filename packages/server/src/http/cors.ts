import type { IncomingHttpHeaders } from 'node:http';

/** Of the management API: any origin may call it, with a key of its own. */
const apiHeaders = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Headers',
  'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
  'Access-Control-Allow-Methods',
  'GET, DELETE, POST, PUT, HEAD',
] as const;

/** Of the server's own pages; they are refused to requests with an `Origin` all the same. */
const serverHeaders = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Headers',
  'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
  'Access-Control-Allow-Methods',
  'OPTIONS, GET, POST',
] as const;

/** Of web actions that don't say themselves who may read them. */
const webHeaders = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH',
] as const;

const ALLOW_HEADERS = 'Access-Control-Allow-Headers';
const USUAL_HEADERS = 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent';

const plainWebHeaders = [...webHeaders, ALLOW_HEADERS, USUAL_HEADERS];

const none: readonly string[] = [];

const SERVER_PATH = /^\/(?:invokers|activation|disable)(?:[/?]|$)/;

/** Is it below the addresses of web actions? */
export function isWebUrl(url: string): boolean {
  return url.startsWith('/api/v1/web/');
}

/** Those of a web action: any origin, and the headers that the browser asked for. */
export function webCorsOf(headers: IncomingHttpHeaders): readonly string[] {
  const asked = headers['access-control-request-headers'];
  return typeof asked === 'string' ? [...webHeaders, ALLOW_HEADERS, asked] : plainWebHeaders;
}

/** The CORS headers of a path, names and values in turn. */
export function corsOf(url: string, headers: IncomingHttpHeaders): readonly string[] {
  if (isWebUrl(url)) return webCorsOf(headers);
  if (url.startsWith('/api/v1')) return apiHeaders;
  return SERVER_PATH.test(url) ? serverHeaders : none;
}

/** Those of an `OPTIONS` request, which every path answers. */
export function preflightCorsOf(url: string): readonly string[] {
  return SERVER_PATH.test(url) ? serverHeaders : apiHeaders;
}
