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

const none: readonly string[] = [];

const SERVER_PATH = /^\/(?:invokers|activation|disable)(?:[/?]|$)/;

/** The CORS headers of a path, names and values in turn. */
export function corsOf(url: string): readonly string[] {
  if (url.startsWith('/api/v1')) return apiHeaders;
  return SERVER_PATH.test(url) ? serverHeaders : none;
}

/** Those of an `OPTIONS` request, which every path answers. */
export function preflightCorsOf(url: string): readonly string[] {
  return SERVER_PATH.test(url) ? serverHeaders : apiHeaders;
}
