import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { Identity } from '@vibrissa/protocol';
import { readJsonBody, type JsonBody } from './json-body.ts';
import type { Query } from './query.ts';
import { HttpRequestContext, type RequestContextDeps } from './request-context.ts';
import type { AuthenticatedCall } from './route.ts';

const nothing: { readonly [name: string]: undefined } = {};

const EXTRA_LOGGING = 'x-ow-extra-logging';

/** Takes the header away: it is for the platform alone, and no action sees it. */
function takeExtraLogging(headers: IncomingHttpHeaders): boolean {
  const value = headers[EXTRA_LOGGING];
  if (value === undefined) return false;
  delete headers[EXTRA_LOGGING];
  return typeof value === 'string' && value.toLowerCase() === 'on';
}

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
  /** Of the route that took it: a path with the names of its parameters. */
  route: string | undefined;
  /** In the trail's time. */
  authenticationBeganMs: number | undefined;
  /** The client asks for extra logging, which it may or may not have. */
  readonly wantsExtraLogging: boolean;

  constructor(deps: RequestContextDeps, request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.url = request.url ?? '';
    this.response = response;
    this.wantsExtraLogging = takeExtraLogging(request.headers);
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
