import type { CompiledApi, CompiledPath } from './compiled-api.ts';
import { decodeSegment } from './path-template.ts';

/** What begins with this is the gateway's, save the platform's own API. */
export const GATEWAY_PREFIX = '/api/';

/** An address below the gateway, taken apart. */
export interface GatewayAddress {
  /** A namespace. */
  readonly tenant: string;
  /** What follows it, as it came: begins with a slash, or is empty. */
  readonly path: string;
  /** Decoded. An escaped slash is a part of its segment. */
  readonly segments: readonly string[];
  /** Behind the `?`, as it came. */
  readonly query: string;
}

/** Reads `/api/{tenant}/{basepath}/{path}[?query]`; undefined where an escape is broken. */
export function readGatewayAddress(url: string): GatewayAddress | undefined {
  const mark = url.indexOf('?');
  const place = url.slice(GATEWAY_PREFIX.length, mark === -1 ? undefined : mark);
  const slash = place.indexOf('/');
  const path = slash === -1 ? '' : place.slice(slash);
  const tenant = decodeSegment(slash === -1 ? place : place.slice(0, slash));
  const segments: string[] = [];
  for (const part of path === '' ? [] : path.slice(1).split('/')) {
    const segment = decodeSegment(part);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  if (tenant === undefined) return undefined;
  return { tenant, path, segments, query: mark === -1 ? '' : url.slice(mark + 1) };
}

function isBelow(segments: readonly string[], base: readonly string[]): boolean {
  return base.length <= segments.length && base.every((segment, index) => segments[index] === segment);
}

/** The API and the path that serve an address: of APIs that both could, the one with the longer base path. */
export function findPath(
  apis: readonly CompiledApi[],
  segments: readonly string[],
): { readonly api: CompiledApi; readonly path: CompiledPath } | undefined {
  for (const api of apis) {
    if (!isBelow(segments, api.base)) continue;
    const rest = segments.slice(api.base.length);
    const path = api.paths.find(rest.length === 0 ? [''] : rest);
    if (path) return { api, path };
  }
  return undefined;
}
