import type { Json, JsonObject } from '@vibrissa/protocol';
import { isObject, isVerb, memberOf, type ApiDocument, type Verb } from './api-document.ts';
import { GatewayProblem } from './gateway-problem.ts';
import { operationIdOf } from './operation-id.ts';
import { REQUEST_PATH, targetUrl, type Target } from './target-url.ts';

/** One path and method of an API, and the web action that serves it. */
export interface Endpoint {
  readonly path: string;
  readonly verb: Verb;
  readonly target: Target;
  /** Swagger's descriptions of the path's parameters. */
  readonly parameters?: readonly Json[];
  /** What the action asks for in `X-Require-Whisk-Auth`. */
  readonly secureKey?: string | number | boolean;
}

const CONFIGURATION = 'x-ibm-configuration';

/** An API without endpoints. */
export function baseDocument(basePath: string, title = basePath): ApiDocument {
  return {
    swagger: '2.0',
    info: { title, version: '1.0.0' },
    basePath,
    paths: {},
    [CONFIGURATION]: { assembly: {}, cors: { enabled: true } },
  };
}

function ensureObject(parent: JsonObject, name: string): JsonObject {
  const member = memberOf(parent, name);
  if (isObject(member)) return member;
  return (parent[name] = {});
}

function ensureList(parent: JsonObject, name: string): Json[] {
  const member = memberOf(parent, name);
  if (Array.isArray(member)) return member;
  return (parent[name] = []);
}

/** The list of the operations' targets, made where there is none: the switch of the first step that has one. */
function casesOf(document: ApiDocument): Json[] {
  const execute = ensureList(ensureObject(ensureObject(document, CONFIGURATION), 'assembly'), 'execute');
  const found = execute.map((step) => memberOf(step, 'operation-switch')).find(isObject);
  if (found) return ensureList(found, 'case');
  const cases: Json[] = [];
  execute.unshift({ 'operation-switch': { case: cases } });
  return cases;
}

function isCaseOf(operationId: string, entry: Json): boolean {
  const operations = memberOf(entry, 'operations');
  return Array.isArray(operations) && operations[0] === operationId;
}

function caseOf(operationId: string, { target, secureKey }: Endpoint): Json {
  const suffix = target.responseType === 'http' ? REQUEST_PATH : '';
  const invoke = { invoke: { 'target-url': `${targetUrl(target)}${suffix}`, verb: 'keep' } };
  if (secureKey === undefined) return { operations: [operationId], execute: [invoke] };
  const actions = [{ set: 'message.headers.X-Require-Whisk-Auth', value: secureKey }];
  return { operations: [operationId], execute: [invoke, { 'set-variable': { actions } }] };
}

/** Operations of other paths that have the name already. */
function isTaken(document: ApiDocument, operationId: string, { path, verb }: Endpoint): boolean {
  return Object.entries(ensureObject(document, 'paths')).some(
    ([otherPath, item]) =>
      isObject(item) &&
      Object.entries(item).some(
        ([otherVerb, operation]) =>
          memberOf(operation, 'operationId') === operationId && !(otherPath === path && otherVerb === verb),
      ),
  );
}

/** Keeps names apart that two paths would share. */
function freeOperationId(document: ApiDocument, endpoint: Endpoint): string {
  const name = operationIdOf(endpoint.verb, endpoint.path);
  let free = name;
  for (let number = 2; isTaken(document, free, endpoint); number++) free = `${name}-${number}`;
  return free;
}

/** The document with the endpoint added, or put in the place of the one that was there. */
export function withEndpoint(document: ApiDocument, endpoint: Endpoint): ApiDocument {
  const edited = structuredClone(document);
  const item = ensureObject(ensureObject(edited, 'paths'), endpoint.path);
  const former = memberOf(memberOf(item, endpoint.verb), 'operationId');
  const operationId = freeOperationId(edited, endpoint);
  const { target, parameters } = endpoint;
  item[endpoint.verb] = {
    operationId,
    ...(parameters !== undefined && { parameters: structuredClone([...parameters]) }),
    'x-openwhisk': {
      url: targetUrl(target),
      namespace: target.namespace,
      package: target.package === 'default' ? '' : target.package,
      action: target.action,
    },
    responses: { default: { description: 'Default response' } },
  };
  const cases = casesOf(edited);
  const replaced = cases.findIndex((entry) =>
    isCaseOf(typeof former === 'string' ? former : operationId, entry),
  );
  if (replaced === -1) cases.push(caseOf(operationId, endpoint));
  else cases[replaced] = caseOf(operationId, endpoint);
  return edited;
}

function dropCase(document: ApiDocument, operation: Json | undefined): void {
  const operationId = memberOf(operation, 'operationId');
  if (typeof operationId !== 'string') return;
  const cases = casesOf(document);
  const index = cases.findIndex((entry) => isCaseOf(operationId, entry));
  if (index !== -1) cases.splice(index, 1);
}

/**
 * The document without a path, or without one of its methods; undefined when nothing is left of it. Throws
 * {@link GatewayProblem} when there is no such endpoint.
 */
export function withoutEndpoint(
  document: ApiDocument,
  { path, verb }: { readonly path: string; readonly verb?: string },
): ApiDocument | undefined {
  const edited = structuredClone(document);
  const paths = ensureObject(edited, 'paths');
  const item = memberOf(paths, path);
  if (verb === undefined) {
    if (!isObject(item)) throw new GatewayProblem(`path '${path}' does not exist in the API`);
    for (const operation of Object.values(item)) dropCase(edited, operation);
    delete paths[path];
  } else {
    const operation = memberOf(item, verb);
    if (!isObject(item) || operation === undefined) {
      throw new GatewayProblem(`path '${path}' with operation '${verb}' does not exist in the API`);
    }
    dropCase(edited, operation);
    delete item[verb];
    if (!Object.keys(item).some(isVerb)) delete paths[path];
  }
  return Object.keys(paths).length === 0 ? undefined : edited;
}
