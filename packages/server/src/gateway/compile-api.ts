import { OWN_NAMESPACE, type Json } from '@vibrissa/protocol';
import {
  isObject,
  isVerb,
  memberOf,
  pointer,
  textMember,
  type ApiDocument,
  type Verb,
} from './api-document.ts';
import type { CompiledApi, CompiledOperation, CompiledPath, CompiledTarget } from './compiled-api.ts';
import { GatewayProblem, problemAt } from './gateway-problem.ts';
import { parametersOf, readTemplate, type TemplateSegment } from './path-template.ts';
import { PathTable } from './path-table.ts';
import { readDemands, readKeyHeaders, readRateLimit, type KeyHeaders } from './read-security.ts';
import { readAssemblies, readCors, type Assemblies, type Assembly } from './read-targets.ts';
import { readTarget, REQUEST_PATH, type Target } from './target-url.ts';

/** Of one search; APIs as people write them take a few dozen. */
const MAX_VISITS = 1000;

interface Reading {
  readonly document: ApiDocument;
  readonly assemblies: Assemblies;
  readonly headers: KeyHeaders;
}

interface Place {
  readonly path: string;
  readonly segments: readonly TemplateSegment[];
  readonly item: Json;
  readonly verb: Verb;
}

function readBasePath(document: ApiDocument): { basePath: string; base: string[] } {
  const basePath = textMember(document, 'basePath');
  if (basePath === undefined) throw problemAt('#/basePath', 'a path that begins with a slash is expected.');
  const read = readTemplate(basePath);
  if (!read.ok) throw problemAt('#/basePath', read.why);
  if (parametersOf(read.segments).length > 0) {
    throw new GatewayProblem(
      `The base path (${basePath}) cannot have parameters. Only the relative path supports path parameters.`,
    );
  }
  if (basePath.length > 200) throw problemAt('#/basePath', 'it has at most 200 characters.');
  const segments = read.segments.map((segment) => ('literal' in segment ? segment.literal : ''));
  return { basePath, base: segments.at(-1) === '' ? segments.slice(0, -1) : segments };
}

/** The URL of the operation's action: the configuration's, or that of `x-openwhisk`. */
function assemblyOf({ assemblies }: Reading, { path, segments, verb }: Place, operation: Json): Assembly {
  const id = textMember(operation, 'operationId');
  const known = (id === undefined ? undefined : assemblies.byOperation.get(id)) ?? assemblies.others;
  if (known) return known;
  const place = pointer('paths', path, verb, 'x-openwhisk', 'url');
  const url = textMember(memberOf(operation, 'x-openwhisk'), 'url');
  if (url === undefined) throw problemAt(place, 'no action serves this operation.');
  const wantsPath = parametersOf(segments).length > 0 && url.endsWith('.http');
  return { url: wantsPath ? `${url}${REQUEST_PATH}` : url, place, headers: [] };
}

/** Actions get a path's parameters in the path of the request, which only the response type `http` passes on. */
function checkParameters({ path, segments, item }: Place, operation: Json, { url }: Assembly): void {
  const names = parametersOf(segments);
  if (names.length === 0) return;
  const shown = textMember(memberOf(operation, 'x-openwhisk'), 'url');
  if (shown !== undefined && !shown.endsWith('.http')) {
    throw new GatewayProblem(
      "The action must use a response type of '.http' in order to receive the path parameters.",
    );
  }
  if (!url.endsWith(`.http${REQUEST_PATH}`)) {
    const id = textMember(operation, 'operationId') ?? '';
    throw new GatewayProblem(
      `The target-url for operationId '${id}' must end in '${REQUEST_PATH}' in order for actions to receive the path parameters.`,
    );
  }
  const described = [memberOf(item, 'parameters'), memberOf(operation, 'parameters')].flatMap((list) =>
    Array.isArray(list) ? list.map((parameter) => textMember(parameter, 'name')) : [],
  );
  const missing = names.find((name) => !described.includes(name));
  if (missing === undefined) return;
  throw new GatewayProblem(
    `The parameter '${missing}' defined in path '${path}' does not match any of the parameters defined for the path in the swagger file.`,
  );
}

function compileTarget({
  namespace,
  package: pkg,
  action,
  responseType,
  appendPath,
}: Target): CompiledTarget {
  return {
    namespace: namespace === OWN_NAMESPACE ? undefined : encodeURIComponent(namespace),
    place: `/${encodeURIComponent(pkg)}/${encodeURIComponent(action)}.${responseType}`,
    appendPath,
  };
}

function compileOperation(reading: Reading, place: Place): CompiledOperation {
  const at = pointer('paths', place.path, place.verb);
  const operation = memberOf(place.item, place.verb) ?? null;
  if (!isObject(operation)) throw problemAt(at, 'an object is expected.');
  const assembly = assemblyOf(reading, place, operation);
  checkParameters(place, operation, assembly);
  const target = readTarget(assembly.url);
  if (!target) {
    throw problemAt(
      assembly.place,
      'this is not the URL of a web action: HOST/api/v1/web/NAMESPACE/PACKAGE/ACTION.http, or .html, .json, .svg, .text.',
    );
  }
  const { headers, method } = assembly;
  const demands = readDemands(reading.document, reading.headers, { operation, place: at });
  return { target: compileTarget(target), headers, demands, ...(method !== undefined && { method }) };
}

function compilePath(reading: Reading, path: string, item: Json): [readonly TemplateSegment[], CompiledPath] {
  const at = pointer('paths', path);
  const read = readTemplate(path);
  if (!read.ok) throw problemAt(at, read.why);
  if (!isObject(item)) throw problemAt(at, 'an object is expected.');
  const operations = new Map<Verb, CompiledOperation>();
  for (const verb of Object.keys(item)) {
    if (verb === 'parameters' || verb.startsWith('x-')) continue;
    if (!isVerb(verb))
      throw problemAt(pointer('paths', path, verb), 'this is no method that an API can have.');
    operations.set(verb, compileOperation(reading, { path, segments: read.segments, item, verb }));
  }
  return [read.segments, operations];
}

function compilePaths(reading: Reading): PathTable<CompiledPath> {
  const written = memberOf(reading.document, 'paths');
  if (!isObject(written)) throw problemAt('#/paths', 'an object is expected.');
  const paths = new PathTable<CompiledPath>();
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(written)) {
    const [segments, operations] = compilePath(reading, path, item);
    for (const verb of operations.keys()) {
      const id = textMember(memberOf(item, verb), 'operationId');
      if (id !== undefined && ids.has(id)) {
        throw problemAt(pointer('paths', path, verb, 'operationId'), `'${id}' is another operation's name.`);
      }
      if (id !== undefined) ids.add(id);
    }
    const twin = paths.add(path, segments, operations);
    if (twin !== undefined) {
      throw problemAt(
        pointer('paths', path),
        `'${twin}' matches the same requests: give the parameters the same names.`,
      );
    }
  }
  const visits = paths.longestSearch();
  if (visits > MAX_VISITS) {
    throw problemAt(
      '#/paths',
      `to find a request's path would take ${visits} comparisons, more than ${MAX_VISITS}: too many paths have parameters where others have names.`,
    );
  }
  return paths;
}

/**
 * Makes an API ready to be served, and checks it on the way: there is no document that passes here and can't be served.
 * Throws {@link GatewayProblem} with the place of the first thing that is wrong.
 */
export function compileApi(document: ApiDocument): CompiledApi {
  const version = memberOf(document, 'swagger');
  if (Object.hasOwn(document, 'openapi') || (version !== undefined && version !== '2.0')) {
    throw problemAt('#/swagger', "the gateway reads Swagger '2.0'.");
  }
  const title = textMember(memberOf(document, 'info'), 'title');
  if (title === undefined || title === '') throw problemAt('#/info/title', 'a name of the API is expected.');
  const place = readBasePath(document);
  const headers = readKeyHeaders(document);
  return {
    ...place,
    paths: compilePaths({ document, headers, assemblies: readAssemblies(document) }),
    cors: readCors(document),
    rateLimit: readRateLimit(document),
    keyHeaders: new Set(headers.values()),
  };
}
