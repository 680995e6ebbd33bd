import type { IncomingHttpHeaders } from 'node:http';

import type { FastifyRequest } from 'fastify';
import type { Identity } from '@vibrissa/protocol';
import { readJsonBody, type JsonBody } from './json-body.ts';
import type { Query } from './query.ts';
import type { HttpRequestContext } from './request-context.ts';
import type { AuthenticatedCall } from './route.ts';

/** A request of Fastify's as a {@link Call}; becomes an {@link AuthenticatedCall} when its identity is known. */
export class HttpCall {
  readonly context: HttpRequestContext;
  identity: Identity | undefined;
  readonly #request: FastifyRequest;

  constructor(context: HttpRequestContext, request: FastifyRequest) {
    this.context = context;
    this.#request = request;
  }

  get params(): { readonly [name: string]: string | undefined } {
    return this.#request.params as { [name: string]: string | undefined };
  }

  get query(): Query {
    return this.#request.query as Query;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get bodyBytes(): number {
    return this.#body()?.length ?? 0;
  }

  readJson(): JsonBody | undefined {
    return readJsonBody(this.#body(), this.#request.headers['content-type']);
  }

  /** Routes that need credentials are only reached with an identity. */
  authenticated(): AuthenticatedCall {
    if (this.identity === undefined) throw new Error('The request was not authenticated.');
    return this as HttpCall & { readonly identity: Identity };
  }

  #body(): Buffer | undefined {
    return this.#request.body as Buffer | undefined;
  }
}
