import Fastify, { type FastifyInstance } from 'fastify';

/** A name or address, with or without a port; nothing that could lead elsewhere in a Location. */
const HOST = /^(?<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const HTTPS_PORT = 443;
const IDLE_TIMEOUT_MS = 5_000;

/** Where a request to `host` (its header) and `url` (of its request line) is sent; undefined when it names no place. */
export function secureAddress(
  host: string | undefined,
  url: string | undefined,
  port: number,
): string | undefined {
  const name = HOST.exec(host ?? '')?.groups?.['name'];
  if (name === undefined || url?.startsWith('/') !== true) return undefined;
  return `https://${name}${port === HTTPS_PORT ? '' : `:${port}`}${url}`;
}

/** A listener without TLS that sends every request to the one with it, at `port` of the same host (308). */
export function createRedirect(port: number): FastifyInstance {
  const app = Fastify({ keepAliveTimeout: IDLE_TIMEOUT_MS, connectionTimeout: IDLE_TIMEOUT_MS });
  app.addHook('onRequest', (request, reply, done) => {
    const address = secureAddress(request.headers.host, request.raw.url, port);
    void reply.header('connection', 'close');
    if (address === undefined) void reply.code(400).send('The Host header or the path is wrong.\n');
    else void reply.code(308).header('location', address).send('');
    done();
  });
  return app;
}
