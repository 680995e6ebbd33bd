import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import { parseQuery, type Query } from './query.ts';
import { receiveBody } from './receive-body.ts';
import type { Route } from './route.ts';

/** A hot route with its path taken apart: literal segments as they are, parameters by name. */
interface Lane {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly { readonly literal?: string; readonly parameter?: string }[];
}

/** Where a URL leads. URLs repeat for as long as an action is called. */
interface Way {
  readonly route: Route;
  readonly params: { readonly [name: string]: string };
  readonly query: Query;
}

const none: Query = {};
const MAX_KNOWN_WAYS = 8192;
/** What a path has to be free of to be what it looks like. */
const PLAIN = /^[A-Za-z0-9_/@.&-]+$/;
/** Longer ones take the ordinary way: what strangers ask for must not fill the memory. */
const MAX_PLAIN_URL = 512;

/**
 * Serves the hot routes (an invocation above all) without the router and the body parser, for requests that are as
 * plain as nearly all of them are: no escapes in the path, a known length. Whatever is unusual about a request leaves
 * it to the ordinary way, with the same result: both end in the same {@link Edge}.
 */
export class FastLane {
  readonly #edge: Edge;
  readonly #lanes: readonly Lane[];
  /** By method and URL. */
  readonly #known = new Map<string, Way>();

  constructor(edge: Edge, routes: readonly Route[]) {
    this.#edge = edge;
    this.#lanes = routes.filter(({ hot }) => hot === true).map(laneOf);
  }

  /** False when the request has to take the ordinary way; nothing was done to it then. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.headers['transfer-encoding'] !== undefined) return false;
    const way = this.#wayOf(request.method ?? '', request.url ?? '');
    if (way === undefined) return false;
    const exchange = this.#edge.greet(request, response);
    exchange.params = way.params;
    exchange.query = way.query;
    this.#edge.admit(way.route, exchange, () => this.#receive(way.route, exchange));
    return true;
  }

  #wayOf(method: string, url: string): Way | undefined {
    if (url.length > MAX_PLAIN_URL) return undefined;
    const key = `${method} ${url}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const way = this.#findWay(method, url);
    if (way === undefined) return undefined;
    if (this.#known.size >= MAX_KNOWN_WAYS) this.#known.clear();
    this.#known.set(key, way);
    return way;
  }

  #findWay(method: string, url: string): Way | undefined {
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    for (const lane of this.#lanes) {
      const params = lane.method === method ? match(lane, path) : undefined;
      if (params === undefined) continue;
      return { route: lane.route, params, query: mark === -1 ? none : parseQuery(url.slice(mark + 1)) };
    }
    return undefined;
  }

  /** Reads a body of a known length, and handles the request as soon as its last byte is there. */
  #receive(route: Route, exchange: Exchange): void {
    const bytes = Number(exchange.headers['content-length'] ?? 0);
    if (bytes === 0) {
      this.#edge.handle(route, exchange);
      return;
    }
    // Its length was looked at before: more than that is never received.
    receiveBody(exchange.request, { maxBytes: bytes, memory: this.#edge.bodies }, (body) => {
      if (body !== 'too large') exchange.body = body;
      this.#edge.handle(route, exchange);
    });
  }
}

function laneOf(route: Route): Lane {
  return {
    route,
    method: route.method,
    segments: route.path
      .split('/')
      .map((part) => (part.startsWith(':') ? { parameter: part.slice(1) } : { literal: part })),
  };
}

/** The path's parameters; undefined when it is another path, or one that only the router understands. */
function match({ segments }: Lane, path: string): { [name: string]: string } | undefined {
  if (!PLAIN.test(path)) return undefined;
  const parts = path.split('/');
  if (parts.length !== segments.length) return undefined;
  const params: { [name: string]: string } = {};
  for (let index = 0; index < segments.length; index++) {
    const part = parts[index] as string;
    const { literal, parameter } = segments[index] as Lane['segments'][number];
    if (parameter === undefined ? part !== literal : part === '') return undefined;
    if (parameter !== undefined) params[parameter] = part;
  }
  return params;
}
