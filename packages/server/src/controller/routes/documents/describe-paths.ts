import type { Operation } from '../../../http/operation.ts';
import type { Route } from '../../../http/route.ts';

/** A route that the API's documents show. */
export interface DescribedRoute {
  /** `get`, `put`, … */
  readonly verb: string;
  /** With `{parameter}`, below the document's base path. */
  readonly path: string;
  readonly pathParameters: readonly { readonly name: string; readonly description: string }[];
  readonly operation: Operation;
  readonly authenticated: boolean;
}

const parameterNames: { readonly [name: string]: { readonly name: string; readonly description: string } } = {
  ns: { name: 'namespace', description: "Namespace; `_` is the caller's own" },
  pkg: { name: 'packageName', description: 'Name of the package' },
  name: { name: 'name', description: 'Name of the entity' },
  key: { name: 'keyid', description: 'Id of the API key' },
  id: { name: 'activationid', description: 'Id of the activation' },
};

function parameterOf(segment: string): { readonly name: string; readonly description: string } {
  const name = segment.slice(1);
  return parameterNames[name] ?? { name, description: name };
}

/** The routes below `basePath` that carry an operation. */
export function describeRoutes(routes: readonly Route[], basePath: string): DescribedRoute[] {
  const described: DescribedRoute[] = [];
  for (const { method, path, access, operation } of routes) {
    if (operation === undefined || !path.startsWith(basePath)) continue;
    const segments = path.slice(basePath.length).split('/');
    described.push({
      verb: method.toLowerCase(),
      path:
        segments.map((part) => (part.startsWith(':') ? `{${parameterOf(part).name}}` : part)).join('/') ||
        '/',
      pathParameters: segments.filter((part) => part.startsWith(':')).map(parameterOf),
      operation,
      authenticated: access === 'authenticated',
    });
  }
  return described;
}

/** Groups operations by path, each shown by `show`. */
export function pathItems(
  routes: readonly DescribedRoute[],
  show: (route: DescribedRoute) => object,
): { [path: string]: { [verb: string]: object } } {
  const items: { [path: string]: { [verb: string]: object } } = {};
  for (const route of routes) {
    const item = (items[route.path] ??= {});
    item[route.verb] = show(route);
  }
  return items;
}
