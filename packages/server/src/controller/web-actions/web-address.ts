import { isEntityName, type EntityName } from '@vibrissa/protocol';

/** Everything below it is an address of a web action. */
export const WEB_PREFIX = '/api/v1/web/';

/** What an address asks its answer to be. */
export type Extension = 'http' | 'json' | 'html' | 'svg' | 'text';

/** An address of a web action, taken apart. */
export interface WebAddress {
  readonly action: EntityName;
  readonly extension: Extension;
  /** What follows the action, with its slash, as it came; empty when nothing does. */
  readonly path: string;
  /** Behind the `?`, as it came. */
  readonly query: string;
}

const DEFAULT_PACKAGE = 'default';

const EXTENSION = /\.(http|json|html|svg|text)$/;

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Reads `/api/v1/web/{namespace}/{package}/{action}[.ext][/rest][?query]`; undefined when it is none. */
export function parseWebAddress(url: string): WebAddress | undefined {
  const mark = url.indexOf('?');
  const place = url.slice(WEB_PREFIX.length, mark === -1 ? undefined : mark);
  const segments = place.split('/', 3);
  const [namespace, pkg, name] = segments.map(decode);
  if (namespace === undefined || pkg === undefined || name === undefined) return undefined;
  if (!isEntityName(namespace) || !isEntityName(pkg) || !isEntityName(name)) return undefined;
  const extension = EXTENSION.exec(name)?.[1] as Extension | undefined;
  const base = extension === undefined ? name : name.slice(0, -extension.length - 1);
  return {
    action: {
      namespace,
      ...(pkg !== DEFAULT_PACKAGE && { package: pkg }),
      name: base,
    },
    extension: extension ?? 'http',
    path: place.slice(segments.join('/').length),
    query: mark === -1 ? '' : url.slice(mark + 1),
  };
}
