import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

import { errorTexts } from '@vibrissa/protocol';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerClientError } from './client-error.ts';
import { Edge, MAX_URL_LENGTH, type EdgeOptions } from './edge.ts';
import { Exchange } from './exchange.ts';
import { FastLane } from './fast-lane.ts';
import type { Query } from './query.ts';
import { ClientGoneError } from './request-context.ts';
import { RawLane } from './raw-lane.ts';
import { receiveBody } from './receive-body.ts';
import { RequestError } from './request-error.ts';
import type { OpenRoute, AuthenticatedRoute, Route } from './route.ts';

const MAX_HEADER_BYTES = 32 * 1024;
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** A request has to be there in full after that. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 70_000;

export interface HttpServerOptions extends EdgeOptions {
  readonly routes: readonly Route[];
  /** Below it each namespace has a host of its own, which shows its web actions; absent: none has. */
  readonly vanityDomain?: string | undefined;
  /** Connections beyond these are closed at once; absent: as many as come. */
  readonly maxConnections?: number;
  /** PEM texts; absent: plain HTTP. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange | undefined;
  }
}

/**
 * A listener of the platform: public, the administrators', or the sandboxes'. Routes say what is served, `trust` whom
 * the server's own pages are shown to.
 *
 *     const server = createServer({ routes, trust: 'loopback-peers', … });
 *     await server.listen({ host: '127.0.0.1', port: 3233 });
 *     await server.close();                        // finishes what is under way, then resolves
 */
export function createServer(options: HttpServerOptions): FastifyInstance {
  const edge = new Edge(options, options.routes);
  const lane = new FastLane(edge, options.routes);
  const rawLane = new RawLane(edge, options.routes, options.vanityDomain);
  // Only where namespaces have hosts of their own may the path of a hot route mean something else.
  const [first, second] = options.vanityDomain === undefined ? [lane, rawLane] : [rawLane, lane];
  const app = Fastify({
    serverFactory: (handler) =>
      createListener(options, (request, response) => {
        if (!first.serve(request, response) && !second.serve(request, response)) handler(request, response);
      }),
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, options.ids),
    frameworkErrors: (error, request, reply) => {
      reply.hijack();
      edge.fail(error, greet(edge, request, reply));
    },
    routerOptions: { maxParamLength: MAX_URL_LENGTH },
  });
  app.decorateRequest('exchange', undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    payload.once('error', done);
    receiveBody(payload, { maxBytes: request.routeOptions.bodyLimit, memory: edge.bodies }, (body) => {
      payload.removeListener('error', done);
      if (body === 'too large') done(new RequestError(413, errorTexts.contentTooLarge));
      else done(null, body);
    });
  });
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    // A body that breaks off is its client's doing: nothing has failed here.
    const cause = request.raw.readableAborted ? new ClientGoneError() : error;
    edge.fail(cause, request.exchange ?? greet(edge, request, reply));
  });
  app.addHook('onRequest', (request, reply, done) => {
    const exchange = greet(edge, request, reply);
    if (edge.pass(exchange, request.is404)) done();
  });
  for (const route of options.routes) if (route.method !== 'ANY') addRoute(app, edge, route);
  return app;
}

function greet(edge: Edge, request: FastifyRequest, reply: FastifyReply): Exchange {
  const exchange = edge.greet(request.raw, reply.raw);
  request.exchange = exchange;
  return exchange;
}

function addRoute(app: FastifyInstance, edge: Edge, route: OpenRoute | AuthenticatedRoute): void {
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit.bytes }),
    onRequest: (request, _reply, done) => {
      const exchange = request.exchange as Exchange;
      exchange.params = request.params as Exchange['params'];
      exchange.query = request.query as Query;
      edge.admit(route, exchange, done);
    },
    handler: (request, reply) => {
      // From here on the answer is the edge's to write.
      reply.hijack();
      const exchange = request.exchange as Exchange;
      exchange.body = request.body as Buffer | undefined;
      edge.handle(route, exchange);
    },
  });
}

function createListener(options: HttpServerOptions, handler: RequestListener): Server {
  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    connectionsCheckingInterval: 5_000,
    noDelay: true,
  };
  const server =
    options.tls === undefined
      ? createHttpServer(settings, handler)
      : createHttpsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, handler);
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  return server;
}
