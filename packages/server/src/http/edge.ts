import type { IncomingMessage, ServerResponse } from 'node:http';

import { errorTexts, type Identity } from '@vibrissa/protocol';
import { acceptsJson } from './accept.ts';
import { plainText, writeAnswer, type Answer } from './answer.ts';
import { corsOf, isWebUrl, preflightCorsOf } from './cors.ts';
import { Exchange } from './exchange.ts';
import { HeldMemory } from './held-memory.ts';
import { KnownPaths } from './known-paths.ts';
import { answerOf } from './map-errors.ts';
import type { RequestContextDeps } from './request-context.ts';
import { RequestError } from './request-error.ts';
import type { Route } from './route.ts';
import { isTrusted, type Trust } from './trusted-peer.ts';
import { UnsentAnswers } from './unsent-answers.ts';

export const MAX_URL_LENGTH = 8192;
/** Of bodies that are on their way, all together. */
const MAX_BODIES_BYTES = 256 * 1024 * 1024;

/** Who is it? Values for what is expected; a promise only where the answer isn't at hand. */
export interface Authentication {
  authenticate(
    authorization: string | undefined,
  ): Identity | 'missing' | 'invalid' | Promise<Identity | 'missing' | 'invalid'>;
}

export interface EdgeOptions extends RequestContextDeps {
  readonly trust: Trust;
  readonly authentication: Authentication;
  /** Namespaces whose callers may ask for extra logging from anywhere; peers that the listener trusts always may. */
  readonly extraLoggingFor?: readonly string[] | undefined;
}

const UNAUTHENTICATED = ['WWW-Authenticate', 'Basic realm="OpenWhisk secure realm",charset=UTF-8'];

/** What happens to every request of one listener before and behind its route, whoever routes it. */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #paths = new KnownPaths();
  readonly #unsent = new UnsentAnswers();
  readonly bodies = new HeldMemory(MAX_BODIES_BYTES);

  constructor(options: EdgeOptions, routes: readonly Route[]) {
    this.#options = options;
    for (const { method, path } of routes) if (method !== 'ANY') this.#paths.add(method, path);
  }

  /** First of all: gives the request its context. */
  greet(request: IncomingMessage, response: ServerResponse): Exchange {
    return new Exchange(this.#options, request, response);
  }

  /** False when the request is answered already: by any path's `OPTIONS`, or because no route takes it. */
  pass(exchange: Exchange, isUnknown: boolean): boolean {
    const { request, response, context } = exchange;
    const url = request.url ?? '';
    if (request.method === 'OPTIONS') {
      writeAnswer(response, plainText(200, 'OK'), {
        transactionId: context.transactionId,
        cors: preflightCorsOf(url),
        withoutBody: false,
      });
      return false;
    }
    if (url.length > MAX_URL_LENGTH) this.fail(uriTooLong(), exchange);
    else if (isUnknown) this.fail(this.#unknown(url), exchange);
    else return true;
    return false;
  }

  /** May it come in? Decided before the body is read; `enter` is called when it may. */
  admit(route: Route, exchange: Exchange, enter: () => void): void {
    if (route.access !== 'authenticated') {
      if (exchange.wantsExtraLogging) this.#logExtra(exchange);
      const refused = route.access === 'trusted' && !isTrusted(this.#options.trust, exchange.request);
      if (refused) this.fail(new RequestError(403, errorTexts.forbidden), exchange);
      else this.#enterWithin(route, exchange, enter);
      return;
    }
    exchange.authenticationBeganMs = exchange.context.trail?.now();
    const found = this.#options.authentication.authenticate(exchange.headers.authorization);
    if (found instanceof Promise) {
      found.then(
        (identity) => this.#identify(route, { exchange, found: identity, enter }),
        (error: unknown) => this.fail(error, exchange),
      );
    } else this.#identify(route, { exchange, found, enter });
  }

  /** Runs the route and sends its answer. */
  handle(route: Route, exchange: Exchange): void {
    exchange.route = route.path;
    try {
      const answer =
        route.access === 'authenticated' ? route.handle(exchange.authenticated()) : route.handle(exchange);
      if (answer instanceof Promise) {
        answer.then(
          (ready) => this.#send(ready, exchange),
          (error: unknown) => this.fail(error, exchange),
        );
      } else this.#send(answer, exchange);
    } catch (error) {
      this.fail(error, exchange);
    }
  }

  /** Answers with what was thrown. */
  fail(error: unknown, exchange: Exchange): void {
    const { transactionId, logger } = exchange.context;
    this.#send(answerOf(error, { transactionId, logger, isWeb: isWebUrl(exchange.url) }), exchange);
  }

  #identify(
    route: Route,
    visit: {
      readonly exchange: Exchange;
      readonly found: Identity | 'missing' | 'invalid';
      readonly enter: () => void;
    },
  ): void {
    const { exchange, found, enter } = visit;
    if (exchange.wantsExtraLogging) this.#logExtra(exchange, found);
    const { trail } = exchange.context;
    trail?.step('authenticate', exchange.authenticationBeganMs, outcomeOf(found));
    if (typeof found === 'string') this.fail(unauthorized(found), exchange);
    else if (!acceptsJson(exchange.headers.accept)) this.fail(notAcceptable(), exchange);
    else {
      exchange.identity = found;
      this.#enterWithin(route, exchange, enter);
    }
  }

  /** A body that announces itself as too large is refused unread. */
  #enterWithin({ bodyLimit }: Route, exchange: Exchange, enter: () => void): void {
    const bytes = Number(exchange.headers['content-length'] ?? 0);
    if (bodyLimit === undefined || bytes <= bodyLimit.bytes) enter();
    else this.fail(new RequestError(413, bodyLimit.message(bytes)), exchange);
  }

  /** Whoever may not have it is served as if it had not asked. */
  #logExtra(exchange: Exchange, found?: Identity | 'missing' | 'invalid'): void {
    const { extraLoggingFor, trust } = this.#options;
    const namespace = typeof found === 'object' ? found.namespace.name : undefined;
    const isNamed = namespace !== undefined && extraLoggingFor?.includes(namespace) === true;
    if (isNamed || isTrusted(trust, exchange.request)) exchange.context.logExtra();
  }

  #send(answer: Answer, exchange: Exchange): void {
    const { request, response, context } = exchange;
    context.trail?.end({ method: request.method, route: exchange.route, status: answer.status });
    writeAnswer(response, answer, {
      transactionId: context.transactionId,
      cors: answer.cors ?? corsOf(exchange.url, request.headers),
      withoutBody: request.method === 'HEAD',
    });
    this.#unsent.add(response);
  }

  #unknown(url: string): RequestError {
    const methods = this.#paths.methodsOf(url);
    if (methods.length === 0) return new RequestError(404, errorTexts.unknownPath);
    return new RequestError(405, errorTexts.methodNotAllowed(methods), ['Allow', methods.join(', ')]);
  }
}

function outcomeOf(found: Identity | 'missing' | 'invalid'): { readonly outcome: string } {
  return { outcome: typeof found === 'string' ? found : 'known' };
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
