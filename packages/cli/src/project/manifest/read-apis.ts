import { didYouMean } from '../../command/suggest.ts';
import type { Entity } from '../entity.ts';
import type { Fields } from '../source/fields.ts';
import { fullName } from './names.ts';

const methods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const responses = ['http', 'json', 'html', 'text', 'svg'];

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

interface Endpoint {
  readonly apiName: string;
  readonly basePath: string;
  readonly path: string;
  readonly packageName: string;
}

function endpointOf(
  owner: Fields,
  actionName: string,
  { apiName, basePath, path, packageName }: Endpoint,
): Entity {
  const isMap = owner.get(actionName)?.type === 'map';
  const details = isMap
    ? owner.fields(actionName, `'${actionName}'`)?.check(['method', 'response'])
    : undefined;
  const at = owner.get(actionName)?.at ?? owner.keyAt(actionName);
  const written = (isMap ? details?.text('method') : owner.text(actionName)) ?? '';
  const method = written.toUpperCase();
  if (!methods.includes(method)) {
    const [meant = `It is one of ${methods.join(', ')}`] = didYouMean(method, methods);
    owner.problem(`'${written}' is no HTTP method. ${meant}`, at);
  }
  const response = details?.text('response') ?? 'http';
  if (!responses.includes(response))
    owner.problem(`'response' must be one of ${responses.join(', ')}, and is '${response}'`, at);
  if (/[{}]/.test(path) && response !== 'http')
    owner.problem('path parameters need the response type http', at);
  const action = fullName(actionName, packageName);
  if (action === undefined) owner.problem(`'${actionName}' is no name of an action`, owner.keyAt(actionName));
  const full = `${basePath === '/' ? '' : basePath}${path}`;
  const fields: [string, string][] = [
    ['action', action ?? actionName],
    ['base-path', basePath],
    ['path', path],
    ['method', method],
    ['response', response],
    ['api-name', apiName],
  ];
  return {
    collection: 'apis',
    name: `${method} ${full}`,
    fields: new Map(fields.map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/** The endpoints of all APIs of a package: API name, base path, path, action and its method. */
export function* readApis(owner: Fields, packageName: string): Generator<Entity> {
  for (const api of owner.children('apis', 'API')) {
    for (const base of api.fields.each('base path')) {
      for (const relative of base.fields.each('path')) {
        for (const actionName of relative.fields.map.members.keys()) {
          const basePath = withSlash(base.name);
          if (/[{}]/.test(basePath))
            relative.fields.problem(
              `the base path ${basePath} cannot have parameters; only the path below it can`,
              base.at,
            );
          const endpoint = { apiName: api.name, basePath, path: withSlash(relative.name), packageName };
          yield endpointOf(relative.fields, actionName, endpoint);
        }
      }
    }
  }
}
