import type { IncomingHttpHeaders } from 'node:http';

import type { Identity } from '@vibrissa/protocol';
import type { RequestContext } from '../base/request-context.ts';
import type { Answer } from './answer.ts';
import type { JsonBody } from './json-body.ts';
import type { Operation } from './operation.ts';
import type { Query } from './query.ts';

/** One request, as a route sees it. */
export interface Call {
  readonly context: RequestContext;
  /** Path parameters, decoded. */
  readonly params: { readonly [name: string]: string | undefined };
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body as JSON: undefined when it is empty; throws 400 and 415. */
  readJson(): JsonBody | undefined;
}

/** One request as it came, for a route that reads all of it itself. */
export interface RawCall extends Call {
  readonly method: string;
  /** Path and query, with their escapes. */
  readonly url: string;
  /** Undefined when there is none. */
  readonly body: Buffer | undefined;
}

/** One request whose credentials were right. */
export interface AuthenticatedCall extends Call {
  readonly identity: Identity;
}

interface RouteBase {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** `/a/:name`; a path with and without a slash at its end are two paths. */
  readonly path: string;
  /** How the API's documents show it; absent where they don't. */
  readonly operation?: Operation;
  /** Served on the shortest way: for the route that carries the load. */
  readonly hot?: true;
  /** Largest body in bytes, and what to say of a larger one. */
  readonly bodyLimit?: { readonly bytes: number; readonly message: (bytes: number) => string };
}

/** `public`: for everybody. `trusted`: for peers that the listener trusts. */
export interface OpenRoute extends RouteBase {
  readonly access: 'public' | 'trusted';
  handle(call: Call): Answer | Promise<Answer>;
}

/** Needs credentials; answers JSON only. */
export interface AuthenticatedRoute extends RouteBase {
  readonly access: 'authenticated';
  handle(call: AuthenticatedCall): Answer | Promise<Answer>;
}

/** For everybody; every request whose URL begins with `path`, whatever its method, and its body unread. */
export interface RawRoute extends Omit<RouteBase, 'method' | 'bodyLimit' | 'hot' | 'operation'> {
  readonly method: 'ANY';
  readonly access: 'public';
  /** Addresses below it that are others'. */
  readonly except?: RegExp;
  readonly operation?: never;
  readonly hot?: never;
  readonly bodyLimit: NonNullable<RouteBase['bodyLimit']>;
  handle(call: RawCall): Answer | Promise<Answer>;
}

export type Route = OpenRoute | AuthenticatedRoute | RawRoute;
