import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { Identity } from '@vibrissa/protocol';
import { readJsonBody, type JsonBody } from './json-body.ts';
import type { Query } from './query.ts';
import { HttpRequestContext, type RequestContextDeps } from './request-context.ts';
import type { AuthenticatedCall } from './route.ts';

const nothing: { readonly [name: string]: undefined } = {};

/** One request and its answer; what the edge learns of it is added on its way to the route. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: HttpRequestContext;
  /** Path and query; a namespace's own host has given it those of its web actions. */
  url: string;
  params: { readonly [name: string]: string | undefined } = nothing;
  query: Query = nothing;
  body: Buffer | undefined;
  identity: Identity | undefined;

  constructor(deps: RequestContextDeps, request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.url = request.url ?? '';
    this.response = response;
    this.context = new HttpRequestContext(deps, request, response);
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  readJson(): JsonBody | undefined {
    return readJsonBody(this.body, this.request.headers['content-type']);
  }

  /** Routes that need credentials are only reached with an identity. */
  authenticated(): AuthenticatedCall {
    if (this.identity === undefined) throw new Error('The request was not authenticated.');
    return this as Exchange & { readonly identity: Identity };
  }
}
