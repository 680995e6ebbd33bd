import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { RequestListener, Server } from 'node:http';

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { errorTexts, type Identity } from '@vibrissa/protocol';
import type { Logger } from '../base/logger.ts';
import { acceptsJson } from './accept.ts';
import { plainText, writeAnswer, type Answer } from './answer.ts';
import { answerClientError } from './client-error.ts';
import { corsOf, preflightCorsOf } from './cors.ts';
import { HttpCall } from './http-call.ts';
import { KnownPaths } from './known-paths.ts';
import { answerOf } from './map-errors.ts';
import { HttpRequestContext, type RequestContextDeps } from './request-context.ts';
import { RequestError } from './request-error.ts';
import type { Route } from './route.ts';
import { isTrusted, type Trust } from './trusted-peer.ts';

const MAX_URL_LENGTH = 8192;
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** A request has to be there in full after that. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 70_000;

/** Who is it? Values for what is expected; a promise only where the answer isn't at hand. */
export interface Authentication {
  authenticate(
    authorization: string | undefined,
  ): Identity | 'missing' | 'invalid' | Promise<Identity | 'missing' | 'invalid'>;
}

export interface HttpServerOptions extends RequestContextDeps {
  readonly trust: Trust;
  readonly routes: readonly Route[];
  readonly authentication: Authentication;
  /** PEM texts; absent: plain HTTP. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

declare module 'fastify' {
  interface FastifyRequest {
    call: HttpCall | undefined;
  }
}

const UNAUTHENTICATED = ['WWW-Authenticate', 'Basic realm="OpenWhisk secure realm",charset=UTF-8'];

/**
 * A listener of the platform: public, the administrators', or the sandboxes'. Routes say what is served, `trust` whom
 * the server's own pages are shown to.
 *
 *     const server = createServer({ routes, trust: 'loopback-peers', … });
 *     await server.listen({ host: '127.0.0.1', port: 3233 });
 *     await server.close();                        // finishes what is under way, then resolves
 */
export function createServer(options: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    serverFactory: (handler) => createListener(options, handler),
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, options.ids),
    frameworkErrors: (error, request, reply) => answerUnrouted(options, { request, reply, error }),
    routerOptions: { maxParamLength: MAX_URL_LENGTH },
  });
  const edge = new Edge(options);
  app.decorateRequest('call', undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => edge.fail(error, request, reply));
  app.setNotFoundHandler(() => {});
  app.addHook('onRequest', (request, reply, done) => {
    if (edge.greet(request, reply)) done();
  });
  for (const route of options.routes) edge.serve(app, route);
  return app;
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
  return options.tls === undefined
    ? createHttpServer(settings, handler)
    : createHttpsServer({ ...settings, ...options.tls, minVersion: 'TLSv1.2' }, handler);
}

/** Fastify could not even route it: a path that can't be decoded, for example. */
function answerUnrouted(
  options: HttpServerOptions,
  failed: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly error: Error },
): void {
  const { request, reply, error } = failed;
  const context = new HttpRequestContext(options, request.raw, reply.raw);
  reply.hijack();
  writeAnswer(reply.raw, answerOf(error, context), {
    transactionId: context.transactionId,
    cors: corsOf(request.raw.url ?? ''),
    withoutBody: request.raw.method === 'HEAD',
  });
}

/** What happens to every request of one listener before and behind its route. */
class Edge {
  readonly #options: HttpServerOptions;
  readonly #paths = new KnownPaths();
  readonly #logger: Logger;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#logger = options.logger;
  }

  /** First of all; false when the request is answered already. */
  greet(request: FastifyRequest, reply: FastifyReply): boolean {
    const call = new HttpCall(new HttpRequestContext(this.#options, request.raw, reply.raw), request);
    request.call = call;
    const url = request.raw.url ?? '';
    if (request.raw.method === 'OPTIONS') {
      reply.hijack();
      writeAnswer(reply.raw, plainText(200, 'OK'), {
        transactionId: call.context.transactionId,
        cors: preflightCorsOf(url),
        withoutBody: false,
      });
      return false;
    }
    const refusal =
      url.length > MAX_URL_LENGTH ? uriTooLong() : request.is404 ? this.#unknown(url) : undefined;
    if (refusal !== undefined) this.fail(refusal, request, reply);
    return refusal === undefined;
  }

  /** Adds a route to the listener. */
  serve(app: FastifyInstance, route: Route): void {
    this.#paths.add(route.method, route.path);
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit.bytes }),
      onRequest: (request, reply, done) => this.#admit(route, { request, reply, done }),
      handler: (request, reply) => {
        reply.hijack();
        this.#handle(route, request, reply);
      },
    });
  }

  /** Answers with what was thrown. */
  fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack();
    const call = request.call;
    this.#send(answerOf(error, call?.context ?? { transactionId: '', logger: this.#logger }), request, reply);
  }

  /** May it come in? Decided before the body is read. */
  #admit(
    route: Route,
    visit: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly done: () => void },
  ): void {
    const { request, reply, done } = visit;
    const limit = route.bodyLimit;
    const bytes = Number(request.headers['content-length'] ?? 0);
    const tooLarge = limit && bytes > limit.bytes ? new RequestError(413, limit.message(bytes)) : undefined;
    if (route.access !== 'authenticated') {
      const refusal = route.access === 'trusted' && !isTrusted(this.#options.trust, request.raw);
      if (refusal) this.fail(new RequestError(403, errorTexts.forbidden), request, reply);
      else if (tooLarge) this.fail(tooLarge, request, reply);
      else done();
      return;
    }
    const settle = (found: Identity | 'missing' | 'invalid') => {
      if (typeof found === 'string') this.fail(unauthorized(found), request, reply);
      else if (!acceptsJson(request.headers.accept)) this.fail(notAcceptable(), request, reply);
      else if (tooLarge) this.fail(tooLarge, request, reply);
      else {
        if (request.call) request.call.identity = found;
        done();
      }
    };
    const found = this.#options.authentication.authenticate(request.headers.authorization);
    if (found instanceof Promise) found.then(settle, (error: unknown) => this.fail(error, request, reply));
    else settle(found);
  }

  #handle(route: Route, request: FastifyRequest, reply: FastifyReply): void {
    try {
      const call = request.call as HttpCall;
      const answer =
        route.access === 'authenticated' ? route.handle(call.authenticated()) : route.handle(call);
      if (answer instanceof Promise) {
        answer.then(
          (ready) => this.#send(ready, request, reply),
          (error: unknown) => this.fail(error, request, reply),
        );
      } else this.#send(answer, request, reply);
    } catch (error) {
      this.fail(error, request, reply);
    }
  }

  #send(answer: Answer, request: FastifyRequest, reply: FastifyReply): void {
    writeAnswer(reply.raw, answer, {
      transactionId: request.call?.context.transactionId ?? '',
      cors: corsOf(request.raw.url ?? ''),
      withoutBody: request.raw.method === 'HEAD',
    });
  }

  #unknown(url: string): RequestError {
    const methods = this.#paths.methodsOf(url);
    if (methods.length === 0) return new RequestError(404, errorTexts.unknownPath);
    return new RequestError(405, errorTexts.methodNotAllowed(methods), ['Allow', methods.join(', ')]);
  }
}

function uriTooLong(): RequestError {
  return new RequestError(414, errorTexts.uriTooLong(MAX_URL_LENGTH));
}

function notAcceptable(): RequestError {
  return new RequestError(406, errorTexts.notAcceptable);
}

function unauthorized(why: 'missing' | 'invalid'): RequestError {
  const message = why === 'missing' ? errorTexts.unauthenticated : errorTexts.invalidCredentials;
  return new RequestError(401, message, UNAUTHENTICATED);
}
