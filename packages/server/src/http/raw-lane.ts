import type { IncomingMessage, ServerResponse } from 'node:http';

import { errorTexts } from '@vibrissa/protocol';
import { MAX_URL_LENGTH, type Edge } from './edge.ts';
import { receiveBody } from './receive-body.ts';
import { RequestError } from './request-error.ts';
import type { RawRoute, Route } from './route.ts';
import { vanityUrl } from './vanity-host.ts';

function isRaw(route: Route): route is RawRoute {
  return route.method === 'ANY';
}

/** Serves what lies below a raw route's prefix: all methods, any path, and the body as it comes. */
export class RawLane {
  readonly #edge: Edge;
  readonly #routes: readonly RawRoute[];
  readonly #vanityDomain: string | undefined;

  constructor(edge: Edge, routes: readonly Route[], vanityDomain: string | undefined) {
    this.#edge = edge;
    this.#routes = routes.filter(isRaw);
    this.#vanityDomain = vanityDomain;
  }

  /** False when it is none of these; nothing was done to it then. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const url = this.#urlOf(request);
    const route = this.#routes.find(({ except, path }) => url.startsWith(path) && !except?.test(url));
    if (route === undefined) return false;
    const exchange = this.#edge.greet(request, response);
    exchange.url = url;
    if (url.length > MAX_URL_LENGTH) {
      this.#edge.fail(new RequestError(414, errorTexts.uriTooLong(MAX_URL_LENGTH)), exchange);
      return true;
    }
    this.#edge.admit(route, exchange, () =>
      receiveBody(request, { maxBytes: route.bodyLimit.bytes, memory: this.#edge.bodies }, (body) => {
        if (body === 'too large') {
          this.#edge.fail(new RequestError(413, errorTexts.contentTooLarge), exchange);
          return;
        }
        exchange.body = body;
        this.#edge.handle(route, exchange);
      }),
    );
    return true;
  }

  #urlOf(request: IncomingMessage): string {
    const url = request.url ?? '';
    if (this.#vanityDomain === undefined) return url;
    return vanityUrl({ host: request.headers.host, url }, this.#vanityDomain) ?? url;
  }
}
