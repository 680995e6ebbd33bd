import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import { parseQuery, type Query } from './query.ts';
import type { Route } from './route.ts';

/** A hot route with its path taken apart: literal segments as they are, parameters by name. */
interface Lane {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly { readonly literal?: string; readonly parameter?: string }[];
}

const none: Query = {};
/** What a path has to be free of to be what it looks like. */
const PLAIN = /^[A-Za-z0-9_/@.&-]+$/;
const MAX_PLAIN_URL = 2048;

/**
 * Serves the hot routes (an invocation above all) without the router and the body parser, for requests that are as
 * plain as nearly all of them are: no escapes in the path, a known length. Whatever is unusual about a request leaves
 * it to the ordinary way, with the same result: both end in the same {@link Edge}.
 */
export class FastLane {
  readonly #edge: Edge;
  readonly #lanes: readonly Lane[];

  constructor(edge: Edge, routes: readonly Route[]) {
    this.#edge = edge;
    this.#lanes = routes.filter(({ hot }) => hot === true).map(laneOf);
  }

  /** False when the request has to take the ordinary way; nothing was done to it then. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? '';
    const { method, headers } = request;
    if (url.length > MAX_PLAIN_URL || headers['transfer-encoding'] !== undefined) return false;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    for (const lane of this.#lanes) {
      if (lane.method !== method) continue;
      const params = match(lane, path);
      if (params === undefined) continue;
      const bytes = Number(headers['content-length'] ?? 0);
      const exchange = this.#edge.greet(request, response);
      exchange.params = params;
      exchange.query = mark === -1 ? none : parseQuery(url.slice(mark + 1));
      this.#edge.admit(lane.route, exchange, () => this.#receive(lane.route, exchange, bytes));
      return true;
    }
    return false;
  }

  /** Reads a body of a known length, and handles the request as soon as its last byte is there. */
  #receive(route: Route, exchange: Exchange, bytes: number): void {
    if (bytes === 0) {
      this.#edge.handle(route, exchange);
      return;
    }
    const chunks: Buffer[] = [];
    let missing = bytes;
    // A client that goes away in the middle ends the stream with an error: there is nobody to answer.
    exchange.request.on('error', () => {});
    exchange.request.on('data', (chunk: Buffer) => {
      missing -= chunk.length;
      chunks.push(chunk);
      if (missing > 0) return;
      exchange.body = chunks.length === 1 ? chunk : Buffer.concat(chunks);
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
