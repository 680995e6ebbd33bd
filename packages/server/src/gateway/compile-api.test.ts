import type { JsonObject } from '@vibrissa/protocol';
import { describe, expect, it } from 'vitest';
import { compileApi } from './compile-api.ts';
import { GatewayProblem } from './gateway-problem.ts';

const url = 'https://host/api/v1/web/guest/default/hello.http';
const operation = { operationId: 'getA', responses: {}, 'x-openwhisk': { url } };
const keyed = { apiKey: { type: 'apiKey', in: 'header', name: 'x-key' } };

function document(over: JsonObject = {}): JsonObject {
  return {
    swagger: '2.0',
    info: { title: 'A' },
    basePath: '/base',
    paths: { '/a': { get: operation } },
    ...over,
  };
}

function configured(...execute: JsonObject[]): JsonObject {
  return { 'x-ibm-configuration': { assembly: { execute } } };
}

function switched(...cases: JsonObject[]): JsonObject {
  return configured({ 'operation-switch': { case: cases } });
}

function problemOf(wrong: JsonObject): string {
  try {
    compileApi(wrong);
    return 'nothing';
  } catch (error) {
    if (error instanceof GatewayProblem) return error.message;
    throw error;
  }
}

const at = (place: string, what: string): string => `The API document is wrong at ${place}: ${what}`;
const invoke = { invoke: { 'target-url': url } };

describe('an API document that is wrong says where and why', () => {
  it.each<[string, JsonObject, string]>([
    ['another Swagger', { swagger: '3.0' }, at('#/swagger', "the gateway reads Swagger '2.0'.")],
    ['OpenAPI 3', { openapi: '3.0.0' }, at('#/swagger', "the gateway reads Swagger '2.0'.")],
    ['no title', { info: {} }, at('#/info/title', 'a name of the API is expected.')],
    ['no base path', { basePath: 7 }, at('#/basePath', 'a path that begins with a slash is expected.')],
    ['a base path without slash', { basePath: 'a' }, at('#/basePath', "'a' must begin with '/'.")],
    [
      'a base path with a parameter',
      { basePath: '/a/{b}' },
      'The base path (/a/{b}) cannot have parameters. Only the relative path supports path parameters.',
    ],
    ['paths that are a list', { paths: [] }, at('#/paths', 'an object is expected.')],
    ['a path without slash', { paths: { a: {} } }, at('#/paths/a', "'a' must begin with '/'.")],
    [
      'a path with a query',
      { paths: { '/a?b': {} } },
      at('#/paths/~1a?b', "'a?b' can't stand in a URL's path."),
    ],
    ['a broken escape', { paths: { '/%z': {} } }, at('#/paths/~1%z', "'%z' can't stand in a URL's path.")],
    [
      'half a parameter',
      { paths: { '/a{b}': {} } },
      at('#/paths/~1a{b}', "A parameter is a whole segment, as in '/a/{name}/b': 'a{b}' is none."),
    ],
    [
      'a parameter twice',
      { paths: { '/{a}/{a}': {} } },
      at('#/paths/~1{a}~1{a}', "The parameter 'a' stands twice in '/{a}/{a}'."),
    ],
    [
      '__proto__ as a path',
      JSON.parse('{"paths":{"__proto__":{}}}') as JsonObject,
      at('#/paths/__proto__', "'__proto__' must begin with '/'."),
    ],
    [
      'a method of its own',
      { paths: { '/a': { brew: {} } } },
      at('#/paths/~1a/brew', 'this is no method that an API can have.'),
    ],
    [
      'an operation that is a text',
      { paths: { '/a': { get: 'x' } } },
      at('#/paths/~1a/get', 'an object is expected.'),
    ],
    [
      'an operation that nothing serves',
      { paths: { '/a': { get: {} } } },
      at('#/paths/~1a/get/x-openwhisk/url', 'no action serves this operation.'),
    ],
    [
      'two operations of one name',
      { paths: { '/a': { get: operation }, '/b': { get: operation } } },
      at('#/paths/~1b/get/operationId', "'getA' is another operation's name."),
    ],
    [
      'two paths for the same requests',
      { paths: { '/{a}': {}, '/{b}': {} } },
      at('#/paths/~1{b}', "'/{a}' matches the same requests: give the parameters the same names."),
    ],
    [
      'a target elsewhere',
      switched({ operations: ['getA'], execute: [{ invoke: { 'target-url': 'https://example.org/x' } }] }),
      at(
        '#/x-ibm-configuration/assembly/execute/0/operation-switch/case/0/execute/0/invoke/target-url',
        'this is not the URL of a web action: HOST/api/v1/web/NAMESPACE/PACKAGE/ACTION.http, or .html, .json, .svg, .text.',
      ),
    ],
    [
      'an unknown step',
      configured({ throttle: {} }),
      at(
        '#/x-ibm-configuration/assembly/execute/0',
        "the gateway knows the steps 'invoke' and 'set-variable', one to an entry.",
      ),
    ],
    [
      'a header that is not one',
      configured(invoke, { 'set-variable': { actions: [{ set: 'message.body', value: 'x' }] } }),
      at(
        '#/x-ibm-configuration/assembly/execute/1/set-variable/actions/0/set',
        "only a request's headers can be set: message.headers.NAME.",
      ),
    ],
    [
      'a header with a line feed',
      configured(invoke, { 'set-variable': { actions: [{ set: 'message.headers.X', value: 'a\nb' }] } }),
      at(
        '#/x-ibm-configuration/assembly/execute/1/set-variable/actions/0/value',
        'a text without control characters is expected.',
      ),
    ],
    [
      'two targets of one operation',
      switched({ operations: ['getA', 'getA'], execute: [invoke] }),
      at(
        '#/x-ibm-configuration/assembly/execute/0/operation-switch/case/0/operations/1',
        "'getA' has a target already.",
      ),
    ],
    [
      'OAuth',
      { securityDefinitions: { x: { type: 'oauth2' } } },
      at(
        '#/securityDefinitions/x/type',
        "'oauth2' is not supported, and the API would be open without it. Keys are: use 'apiKey'.",
      ),
    ],
    [
      'a key in the query',
      { securityDefinitions: { x: { type: 'apiKey', in: 'query', name: 'k' } } },
      at('#/securityDefinitions/x/in', "a key is sent in a header: use 'header'. URLs end up in logs."),
    ],
    [
      'a key that is defined nowhere',
      { securityDefinitions: keyed, security: [{ other: [] }] },
      at('#/security/0', "'other' is not among the securityDefinitions: the API would be open."),
    ],
    [
      'a demand for nothing',
      { securityDefinitions: keyed, security: [{}] },
      at('#/security/0', 'an object with the name of a definition is expected.'),
    ],
    [
      'a rate of nothing',
      { 'x-gateway-rate-limit': [{ unit: 'minute', units: 1, rate: 0 }] },
      at('#/x-gateway-rate-limit/0/rate', 'a whole number of at least 1 is expected.'),
    ],
    [
      'a rate in fortnights',
      { 'x-gateway-rate-limit': { unit: 'fortnight', units: 1, rate: 1 } },
      at('#/x-gateway-rate-limit/unit', 'one of second, minute, hour, day is expected.'),
    ],
    [
      'CORS that may be',
      { 'x-ibm-configuration': { cors: { enabled: 'maybe' } } },
      at('#/x-ibm-configuration/cors/enabled', 'true or false is expected.'),
    ],
  ])('%s', (_what, over, expected) => {
    expect(problemOf(document(over))).toBe(expected);
  });
});

describe('path parameters follow the rules of OpenWhisk', () => {
  const withPath = (over: JsonObject, more: JsonObject = {}): JsonObject =>
    document({
      paths: { '/a/{id}': { get: { ...operation, parameters: [{ name: 'id' }], ...over } } },
      ...more,
    });

  it('takes a path whose parameter is described', () => {
    expect(problemOf(withPath({}))).toBe('nothing');
  });

  it('wants the response type .http', () => {
    const json = url.replace('.http', '.json');
    expect(problemOf(withPath({ 'x-openwhisk': { url: json } }))).toBe(
      "The action must use a response type of '.http' in order to receive the path parameters.",
    );
  });

  it('wants the path of the request at the end of the target', () => {
    const more = switched({ operations: ['getA'], execute: [invoke] });
    expect(problemOf(withPath({}, more))).toBe(
      "The target-url for operationId 'getA' must end in '$(request.path)' in order for actions to receive the path parameters.",
    );
  });

  it('wants each parameter to be described', () => {
    expect(problemOf(withPath({ parameters: [{ name: 'name' }] }))).toBe(
      "The parameter 'id' defined in path '/a/{id}' does not match any of the parameters defined for the path in the swagger file.",
    );
  });
});

describe('who may call', () => {
  const demandsOf = (over: JsonObject): number =>
    compileApi(document(over)).paths.find(['a'])?.get('get')?.demands.length ?? -1;

  it('is everybody where nothing is defined', () => {
    expect(demandsOf({})).toBe(0);
  });

  it('is only who has a key where a definition stands that nothing refers to', () => {
    expect(demandsOf({ securityDefinitions: keyed })).toBe(1);
  });

  it('is everybody where an operation says so itself', () => {
    const open = { paths: { '/a': { get: { ...operation, security: [] } } } };
    expect(demandsOf({ securityDefinitions: keyed, security: [{ apiKey: [] }], ...open })).toBe(0);
  });
});

it('refuses paths among which nobody could find a request’s in time', () => {
  const doubling = (depth: number): string[] =>
    depth === 0 ? ['/end'] : doubling(depth - 1).flatMap((rest) => [`/a${rest}`, `/{p${depth}}${rest}`]);
  const target = { 'target-url': `${url}$(request.path)` };
  const parameters = Array.from({ length: 10 }, (_, at) => ({ name: `p${at}` }));
  const item = { parameters, get: { responses: {} } };
  const api = (depth: number) =>
    document({
      paths: Object.fromEntries(doubling(depth).map((path) => [path, item])),
      ...configured({ invoke: target }),
    });
  expect(() => compileApi(api(6))).not.toThrow();
  expect(problemOf(api(9))).toBe(
    "The API document is wrong at #/paths: to find a request's path would take 1535 comparisons, more than 1000: too many paths have parameters where others have names.",
  );
});
