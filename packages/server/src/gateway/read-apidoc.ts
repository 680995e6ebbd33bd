import {
  entityNameProblem,
  isShallow,
  namespaceProblem,
  OWN_NAMESPACE,
  type Json,
  type JsonObject,
} from '@vibrissa/protocol';
import { isObject, isVerb, memberOf, textMember, verbs, type ApiDocument } from './api-document.ts';
import type { Endpoint } from './edit-document.ts';
import { GatewayProblem } from './gateway-problem.ts';
import { readTarget, responseTypes } from './target-url.ts';

/** What `createApi` is asked for: a whole API, or one endpoint of it. */
export type CreateRequest =
  | { readonly kind: 'document'; readonly document: ApiDocument }
  | {
      readonly kind: 'endpoint';
      /** A base path, or the name of an API that exists. */
      readonly basePath: string;
      readonly title: string | undefined;
      readonly endpoint: Endpoint;
    };

const MAX_DEPTH = 100;

function missing(what: string, field: string): GatewayProblem {
  return new GatewayProblem(`${what} is missing the ${field} field`);
}

/** A field that clients send as JSON or as a text with JSON in it. */
function readEmbedded(value: Json, what: 'apidoc' | 'swagger'): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string') {
    throw new GatewayProblem(`${what} field has to be a JSON object or a text with one.`);
  }
  if (!isShallow(value, MAX_DEPTH))
    throw new GatewayProblem(`${what} is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    const parsed = JSON.parse(value) as Json;
    if (isObject(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw new GatewayProblem(`${what} field cannot be parsed. Ensure it is valid JSON.`);
}

function isGiven(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && value !== '' && value !== false && value !== 0;
}

function requireText(source: JsonObject, field: string, whatIsMissing: GatewayProblem): string {
  const value = memberOf(source, field);
  if (!isGiven(value)) throw whatIsMissing;
  if (typeof value !== 'string') throw new GatewayProblem(`${field} has to be a text.`);
  return value;
}

function readDocument(apidoc: JsonObject, swagger: Json): CreateRequest {
  if (isGiven(memberOf(apidoc, 'gatewayBasePath'))) {
    throw new GatewayProblem(
      'swagger and gatewayBasePath are mutually exclusive and cannot be specified together.',
    );
  }
  const document = readEmbedded(swagger, 'swagger');
  for (const field of ['basePath', 'paths', 'info']) {
    if (!isGiven(memberOf(document, field)))
      throw new GatewayProblem(`swagger is missing the ${field} field.`);
  }
  return { kind: 'document', document };
}

interface ActionName {
  readonly namespace: string;
  readonly package: string;
  readonly action: string;
}

/** `name`, `pkg/name` or `/ns/pkg/name`, in the namespace that stands beside it. */
function readActionName(name: string, namespace: string): ActionName {
  const parts = name.split('/').filter((part) => part !== '');
  const [action = '', pkg = 'default'] = parts.toReversed();
  const problem = namespaceProblem(namespace) ?? entityNameProblem(pkg) ?? entityNameProblem(action);
  if (problem !== undefined || parts.length > 3) {
    throw new GatewayProblem(
      `'${name}' in '${namespace}' is not a valid name of an action: ${problem ?? ''}`,
    );
  }
  return { namespace, package: pkg, action };
}

function readSecureKey(action: JsonObject): Pick<Endpoint, 'secureKey'> {
  const value = memberOf(action, 'secureKey');
  if (!isGiven(value)) return {};
  if (typeof value === 'object') throw new GatewayProblem('action.secureKey has to be a text or a number.');
  return { secureKey: value };
}

interface Asking {
  /** Stands for `_`. */
  readonly namespace: string;
  readonly responseType: string;
}

function readEndpointAction(
  action: JsonObject,
  { namespace, responseType }: Asking,
): Pick<Endpoint, 'target' | 'secureKey'> {
  const field = (name: string): string =>
    requireText(action, name, new GatewayProblem(`action is missing the ${name} field.`));
  field('backendMethod');
  const backendUrl = field('backendUrl');
  const given = field('namespace');
  const name = readActionName(field('name'), given === OWN_NAMESPACE ? namespace : given);
  field('authkey');
  const extension = responseTypes.find((type) => type === responseType);
  if (!extension) {
    throw new GatewayProblem(
      `'${responseType}' is no response type. Use one of ${responseTypes.join(', ')}.`,
    );
  }
  const backend = readTarget(backendUrl);
  if (!backend) {
    throw new GatewayProblem(
      `action.backendUrl is not the URL of a web action: '${backendUrl.slice(0, 200)}'. It looks like https://HOST/api/v1/web/NAMESPACE/PACKAGE/ACTION.http`,
    );
  }
  const target = { ...backend, ...name, responseType: extension, appendPath: false };
  return { target, ...readSecureKey(action) };
}

function readParameters(apidoc: JsonObject): Pick<Endpoint, 'parameters'> {
  const value = memberOf(apidoc, 'pathParameters');
  if (!isGiven(value)) return {};
  if (Array.isArray(value) && value.every((parameter) => textMember(parameter, 'name') !== undefined)) {
    return { parameters: value };
  }
  throw new GatewayProblem('pathParameters has to be a list of descriptions, each with a name.');
}

/** Reads what a client sends to `createApi`. Throws {@link GatewayProblem} in OpenWhisk's words where it has some. */
export function readApidoc(given: Json | undefined, asking: Asking): CreateRequest {
  if (!isGiven(given)) throw new GatewayProblem('apidoc is required.');
  const apidoc = readEmbedded(given, 'apidoc');
  if (!isGiven(memberOf(apidoc, 'namespace'))) throw missing('apidoc', 'namespace');
  const swagger = memberOf(apidoc, 'swagger');
  if (isGiven(swagger)) return readDocument(apidoc, swagger);
  const [basePath = '', path = '', method = ''] = ['gatewayBasePath', 'gatewayPath', 'gatewayMethod'].map(
    (field) => requireText(apidoc, field, missing('apidoc', field)),
  );
  const action = memberOf(apidoc, 'action');
  if (!isGiven(action)) throw new GatewayProblem('apidoc is missing the action field.');
  if (!isObject(action)) throw new GatewayProblem('action has to be an object.');
  const verb = method.toLowerCase();
  if (!isVerb(verb)) {
    throw new GatewayProblem(
      `'${method}' is not a valid API verb.  Valid values are: ${verbs.map((one) => one.toUpperCase()).join(', ')}`,
    );
  }
  const title = textMember(apidoc, 'apiName');
  const endpoint = { path, verb, ...readEndpointAction(action, asking), ...readParameters(apidoc) };
  return { kind: 'endpoint', basePath, title: title === '' ? undefined : title, endpoint };
}
